"""How fast things are, beside how fast they could be: commands of their own, not part of bench."""
