"""The JSON edge: agents, conversations, the webhook, operations."""
