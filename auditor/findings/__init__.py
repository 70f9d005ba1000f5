"""Verdicts in, findings with a lifetime out. Knows nothing of formats."""
