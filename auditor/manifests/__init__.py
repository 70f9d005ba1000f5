"""Bytes and paths in, Kubernetes resources out. Knows nothing of git or DuckDB."""
