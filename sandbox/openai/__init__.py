"""OpenAI's API, small: a lawful little model that quotes FAQs, rules that make it fail or lie, a ledger of all requests."""
