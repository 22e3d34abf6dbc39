"""The telephone in a real browser, against a real sandbox."""
