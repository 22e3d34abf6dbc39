"""`python -m src` is `released`."""

from src.cli import main

main()
