"""What git declares, as written and as rendered, at the tip and over time."""
