"""WhatsApp's Cloud API, small: a faithful emulator with customers, a telephone and faults, that speaks HTTP only."""
