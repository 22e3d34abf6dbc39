"""What a customer may ask for: all that is held about them, and that it be erased."""
