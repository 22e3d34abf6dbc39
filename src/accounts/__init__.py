"""What a client business owns: its agents, their FAQs, its numbers."""
