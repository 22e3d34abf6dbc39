"""Backups: an instance in one sealed file, and an instance again from it."""
