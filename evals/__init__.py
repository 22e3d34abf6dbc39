"""How well does the bot answer? Evaluation sets, the way through the bot, and the figures."""
