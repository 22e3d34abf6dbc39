"""What the tests do and look for on the telephone's screen."""

from playwright.sync_api import Locator, Page


def write(telephone: Locator | Page, text: str) -> None:
    """Writes a text into the open chat and sends it."""
    telephone.get_by_test_id("composer").fill(text)
    telephone.get_by_test_id("send").click()


def bubbles(telephone: Locator | Page, author: str) -> Locator:
    """The bubbles of the customer or of the business, in order."""
    return telephone.locator(f"[data-testid=bubble][data-from={author}]")
