"""Released: right answers on WhatsApp from a business's own FAQs, with a person one step away."""

VERSION = "0.1.0"
