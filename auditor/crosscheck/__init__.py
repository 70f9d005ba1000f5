"""Declared state against live state and history. Knows nothing of how either was read."""
