"""Vocabulary and doors: settings, tables, states, errors, the ways to the database and to Meta."""
