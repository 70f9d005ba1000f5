"""How the rows of a query are written out: one file a format."""
