"""People beside the bot: how they are told that a customer waits, and how a conversation comes back."""
