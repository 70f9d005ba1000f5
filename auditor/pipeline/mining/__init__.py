"""Git history into contents, changes and lifetimes: what is read, by whom, and what is replayed."""
