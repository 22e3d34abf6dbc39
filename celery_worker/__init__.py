"""Starts and hosts a worker process."""
