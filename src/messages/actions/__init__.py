"""What the bot does in the owner's systems: tools that are called for a customer, once, and only as they agreed."""
