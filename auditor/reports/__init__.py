"""One file a report format, on the store's queries."""
