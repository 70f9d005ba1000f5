"""What deploys what, as people and programs read it; one file a format."""
