"""API and dashboard in one process."""
