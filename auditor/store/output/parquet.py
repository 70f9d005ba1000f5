"""Parquet, for whoever goes on computing."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from auditor.errors import QueryError
from auditor.store.adhoc import QueryResult
from auditor.store.output.interface import Screen


class ParquetFormat:
    """The rows with their types, compressed with zstd."""

    def render(self, result: QueryResult, screen: Screen) -> bytes:
        """The file's bytes; QueryError where a column's type has no place in Parquet."""
        sink = pa.BufferOutputStream()
        try:
            pq.write_table(result.table, sink, compression="zstd")
        except pa.ArrowException as error:
            raise QueryError(
                f"these rows cannot be written as Parquet: {error}",
                hint="cast the column, e.g. column::VARCHAR",
            ) from error
        data: bytes = sink.getvalue().to_pybytes()
        return data
