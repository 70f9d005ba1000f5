"""How audit data is shown to people: safe text, labels with shapes, charts, tables."""
