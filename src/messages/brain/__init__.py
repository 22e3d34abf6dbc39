"""How a draft is made with a model, and what may become of it."""
