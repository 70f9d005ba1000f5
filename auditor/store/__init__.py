"""DuckDB: migrations, one writer, every query."""
