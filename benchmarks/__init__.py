"""Figures of speed and loss, each beside a reference measured in the same run; loopback only."""
