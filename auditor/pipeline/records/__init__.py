"""A run into the store: records that are added, results that are replaced."""
