"""The child process that runs one ad-hoc query on a snapshot, and nothing else.

Started as `python -m auditor.store.sandbox` by `auditor.store.adhoc`. It reads one JSON request from
standard input and answers on standard output with one JSON line, followed by the rows as an Arrow IPC
stream where the query succeeded. It imports duckdb, pyarrow and the standard library alone, because its
start-up is part of every query's time.

The query is hostile: DuckDB's own limits come first, the operating system's behind them (a single
`repeat('x', 1e9)` allocates before DuckDB counts), and the parent's clock behind both.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import Any

import duckdb
import pyarrow as pa

BATCH_ROWS = 1024
"""Rows asked of DuckDB at a time; bounds how far a query runs past the row limit."""

ADDRESS_SPACE_SLACK = 256 * 2**20
"""Bytes of address space over what is mapped at start and the query's memory: stacks, allocator arenas."""

FILE_SIZE_LIMIT = 2**20
"""Bytes the child may write to any one file: its standard error is the only one."""

CPU_SLACK_S = 2
"""Seconds of processor time over the query's own limit, for start-up and writing the answer."""

READABLE = frozenset({"SELECT", "EXPLAIN", "MULTI"})
"""Statement types let through. For a clear message only: `WITH x AS (INSERT …)` is a SELECT to the parser,
and what protects the data is that the file is a copy, opened read-only. MULTI is PIVOT."""


class RefusedError(Exception):
    """The query was not run; `kind` is one of the kinds of `answer`."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def main() -> int:
    """Answers the one request on standard input; the exit status is 0 whenever an answer was written."""
    # Whatever a library prints must not end up in the answer.
    channel = os.dup(1)
    os.dup2(2, 1)
    request = json.load(sys.stdin)
    header, body = answer(request)
    with os.fdopen(channel, "wb") as out:
        out.write(json.dumps(header).encode("ascii") + b"\n")
        out.write(body)
    return 0


def answer(request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Runs the request and gives the header and the rows (Arrow IPC, empty on an error).

    A header is {"types", "truncated"} or {"error": {"kind", "message"}}, kind being 'sql', 'read-only',
    'parameters', 'access', 'time' or 'memory'.
    """
    try:
        connection = connect(request)
        limit_process(request)
        return run(connection, request)
    except RefusedError as refused:
        return {"error": {"kind": refused.kind, "message": str(refused)}}, b""
    except MemoryError:
        return {"error": {"kind": "memory", "message": ""}}, b""
    except (duckdb.Error, pa.ArrowException) as error:
        return {"error": {"kind": error_kind(error), "message": str(error)}}, b""


def connect(request: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """The snapshot, opened with everything off that a query does not need, and the settings locked."""
    connection = duckdb.connect(
        request["snapshot"],
        read_only=True,
        config={
            "enable_external_access": "false",
            "autoload_known_extensions": "false",
            "autoinstall_known_extensions": "false",
            "allow_community_extensions": "false",
            "allow_persistent_secrets": "false",
            "python_enable_replacements": "false",
            "memory_limit": f"{request['memory_bytes']}B",
            "threads": "1",
            "temp_directory": "",
            "max_temp_directory_size": "0B",
            "max_execution_time": str(int(request["seconds"] * 1000)),
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET lock_configuration = true")
    return connection


def limit_process(request: dict[str, Any]) -> None:
    """Sets the operating system's limits, where there are any (POSIX); never raises one."""
    try:
        import resource
    except ImportError:  # Windows: DuckDB's limits and the parent's clock remain
        return
    wanted = {
        resource.RLIMIT_CPU: int(request["seconds"]) + CPU_SLACK_S,
        resource.RLIMIT_FSIZE: FILE_SIZE_LIMIT,
        resource.RLIMIT_CORE: 0,
    }
    if mapped := mapped_bytes():
        wanted[resource.RLIMIT_AS] = mapped + 2 * request["memory_bytes"] + ADDRESS_SPACE_SLACK
    for kind, value in wanted.items():
        hard = resource.getrlimit(kind)[1]
        ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (ceiling, ceiling))


def mapped_bytes() -> int:
    """The address space in use now, in bytes; 0 where the system does not say (not Linux)."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - pathlib costs start-up
            return int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


def run(connection: duckdb.DuckDBPyConnection, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Checks the statement, runs it, and keeps rows up to the row and byte limits."""
    statement = only_statement(connection, request["sql"])
    parameters = request["parameters"]
    check_parameters(statement.named_parameters, parameters)
    try:
        relation = connection.sql(statement, params=parameters or None)
    except (duckdb.BinderException, duckdb.CatalogException):
        # Only `execute` on the text says where in it the error is; it fails while binding, before it runs.
        connection.execute(request["sql"], parameters or None)
        raise
    reader = relation.to_arrow_reader(BATCH_ROWS)
    schema = pa.schema(
        [
            pa.field(name, field.type)
            for name, field in zip(distinct(relation.columns), reader.schema, strict=True)
        ]
    )
    batches, truncated = take(reader, schema, request["rows"], request["bytes"])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    header = {"types": [str(kind) for kind in relation.types], "truncated": truncated}
    return header, sink.getvalue().to_pybytes()


def only_statement(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    """The one statement of the text; RefusedError where there is none, several, or one that writes."""
    statements = connection.extract_statements(sql)
    if not statements:
        raise RefusedError("sql", "the query is empty")
    for statement in statements:
        kind = statement.type.name
        if kind not in READABLE:
            raise RefusedError("read-only", kind.replace("_", " "))
    if len(statements) > 1:
        raise RefusedError("sql", f"one statement at a time: this text holds {len(statements)}")
    return statements[0]


def check_parameters(wanted: set[str], given: dict[str, str]) -> None:
    """RefusedError naming what is missing or unknown."""
    if positional := [name for name in wanted if name.isdigit()]:
        raise RefusedError(
            "parameters",
            f"the query has {len(positional)} parameter(s) without a name: write $name instead of ?",
        )
    if missing := sorted(wanted - given.keys()):
        raise RefusedError(
            "parameters", f"the query needs a value for {', '.join('$' + name for name in missing)}"
        )
    if unknown := sorted(given.keys() - wanted):
        raise RefusedError(
            "parameters", f"the query has no parameter {', '.join('$' + name for name in unknown)}"
        )


def distinct(names: list[str]) -> list[str]:
    """The names with a number behind every repeated one, since JSON objects hold a name once."""
    seen: set[str] = set()
    result = []
    for name in names:
        candidate, count = name, 1
        while candidate in seen:
            count += 1
            candidate = f"{name}_{count}"
        seen.add(candidate)
        result.append(candidate)
    return result


def take(
    reader: pa.RecordBatchReader, schema: pa.Schema, rows: int, size: int
) -> tuple[list[pa.RecordBatch], bool]:
    """The first batches within `rows` rows and `size` bytes, and whether anything was left out."""
    batches: list[pa.RecordBatch] = []
    for batch in reader:
        kept = batch.slice(0, rows)
        while kept.num_rows and kept.nbytes > size:
            kept = kept.slice(0, kept.num_rows // 2)
        if kept.num_rows:
            batches.append(pa.RecordBatch.from_arrays(kept.columns, schema=schema))
        if kept.num_rows < batch.num_rows:
            return batches, True
        rows -= kept.num_rows
        size -= kept.nbytes
    return batches, False


def error_kind(error: Exception) -> str:
    """What sort of error DuckDB reports, for the parent's hint."""
    text = str(error)
    if isinstance(error, duckdb.InterruptException):
        return "time"
    if isinstance(error, duckdb.OutOfMemoryException) or "Out of Memory" in text or "bad_alloc" in text:
        return "memory"
    if "read-only mode" in text:
        return "read-only"
    return "access" if isinstance(error, duckdb.PermissionException) else "sql"


if __name__ == "__main__":
    sys.exit(main())
