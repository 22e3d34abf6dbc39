"""One file for each field of what is asked: `[concept]`, then its expressions by language, separated by commas."""
