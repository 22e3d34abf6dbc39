"""The life of a message: stored, answered, sent, receipted."""
