"""The HTML edge, for people."""
