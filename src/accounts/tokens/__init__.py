"""Meta's access tokens: whose they are, how old, and how each makes room for the next."""
