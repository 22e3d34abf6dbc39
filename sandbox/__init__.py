"""WhatsApp's Cloud API, small: an emulator with customers, a telephone and faults, that speaks HTTP only."""
