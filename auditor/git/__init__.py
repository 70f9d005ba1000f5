"""Reads a repository: commits, changes, blob bytes. Knows nothing of YAML or policies."""
