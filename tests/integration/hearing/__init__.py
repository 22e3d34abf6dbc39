"""What is no text: voice notes, pictures, files, places."""
