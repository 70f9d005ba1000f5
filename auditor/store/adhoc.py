"""Runs SQL that a user typed: read-only, on a copy, in a child process with limits.

The query sees the contract's views and nothing else: not the base tables, not a file, not the network,
not this process's memory. What comes back is bounded by `QueryLimits`, and says so where it was cut.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from auditor.errors import QueryError, StoreError
from auditor.store.snapshot import snapshot

if TYPE_CHECKING:
    from auditor.store.database import Database

START_UP_S = 10.0
"""Seconds over the query's own limit before the parent kills the child: imports on a slow disk."""

PASSED_ON = ("PATH", "HOME", "PYTHONPATH", "PYTHONUSERBASE", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "SYSTEMROOT")
"""The only environment variables the child gets: what Python needs to find its packages."""


@dataclass(frozen=True, kw_only=True, slots=True)
class QueryLimits:
    """What one query may use: rows and bytes of its result, seconds, bytes of memory."""

    rows: int = 100_000
    bytes: int = 64 * 2**20
    seconds: float = 30.0
    memory_bytes: int = 512 * 2**20


@dataclass(frozen=True, kw_only=True, slots=True)
class QueryResult:
    """The rows of one query.

    `columns` are the names (a repeated one numbered: `a`, `a_2`), `types` DuckDB's names of the types,
    `table` the rows, `elapsed_s` the time for all of it in seconds. `truncated` is true where a limit cut
    the rows off; `note` then says so in words.
    """

    columns: tuple[str, ...]
    types: tuple[str, ...]
    table: pa.Table
    truncated: bool
    elapsed_s: float

    @property
    def note(self) -> str:
        """One line for the reader where rows are missing, else ''."""
        if not self.truncated:
            return ""
        return f"truncated: only the first {self.table.num_rows} row(s) are here; the query has more"


def run_query(
    database: Path | Database,
    sql: str,
    *,
    limits: QueryLimits | None = None,
    parameters: Mapping[str, str] | None = None,
    now: datetime | None = None,
) -> QueryResult:
    """Runs one SELECT on a snapshot of `database` and gives its rows.

    `database` is the file, or the open database where this process owns it. `parameters` are bound as
    prepared parameters (`$name`), never pasted. `now` is for `snapshot`.

    Raises QueryError where the SQL is wrong, would write, or runs over a limit, and StoreError where
    the database is missing or locked.
    """
    started = time.monotonic()
    limits = limits or QueryLimits()
    with snapshot(database, now=now) as file:
        request = {
            "snapshot": str(file.resolve()),
            "sql": sql,
            "parameters": dict(parameters or {}),
            "rows": limits.rows,
            "bytes": limits.bytes,
            "seconds": limits.seconds,
            "memory_bytes": limits.memory_bytes,
        }
        header, body = _ask_child(json.dumps(request).encode("ascii"), limits)
    if "error" in header:
        raise _query_error(header["error"]["kind"], header["error"]["message"], limits)
    table = pa.ipc.open_stream(body).read_all()
    return QueryResult(
        columns=tuple(table.column_names),
        types=tuple(header["types"]),
        table=table,
        truncated=header["truncated"],
        elapsed_s=time.monotonic() - started,
    )


def _ask_child(request: bytes, limits: QueryLimits) -> tuple[dict[str, Any], pa.Buffer]:
    """Starts the sandbox, gives it the request, and reads its answer within the limits."""
    # -P: the folder we stand in may be an audited repository, whose files are not to be imported.
    command = [sys.executable, "-P", "-m", "auditor.store.sandbox"]
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    over_time = threading.Event()
    with tempfile.TemporaryFile() as stderr:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=environment,
            start_new_session=True,
        )

        def expire() -> None:
            over_time.set()
            _kill(process)

        timer = threading.Timer(limits.seconds + START_UP_S, expire)
        timer.start()
        try:
            answer = _exchange(process, request, limit=2 * limits.bytes + 2**20)
        finally:
            timer.cancel()
            _kill(process)
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()
        line, newline, rows = answer.partition(b"\n")
        if newline:
            header: dict[str, Any] = json.loads(line)
            return header, pa.py_buffer(rows)
        stderr.seek(0)
        said = stderr.read(2**16).decode(errors="replace")
    if over_time.is_set() or process.returncode == -getattr(signal, "SIGXCPU", 0):
        raise _query_error("time", "", limits)
    if "MemoryError" in said or "bad_alloc" in said or process.returncode < 0:
        raise _query_error("memory", "", limits)
    raise StoreError(
        f"the query process failed: {said.strip().splitlines()[-1] if said.strip() else process.returncode}",
        hint="run `auditor doctor`; duckdb and pyarrow must be importable by this Python",
    )


def _exchange(process: subprocess.Popen[bytes], request: bytes, *, limit: int) -> bytes:
    assert process.stdin is not None  # noqa: S101 - both are pipes, by the call above
    assert process.stdout is not None  # noqa: S101
    # A child that died before reading leaves a broken pipe; its output says why.
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(request)
        process.stdin.close()
    answer = process.stdout.read(limit + 1)
    if len(answer) > limit:
        raise StoreError("the query process answered more than it may, and was stopped")
    return answer


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Ends the child and whatever it started; nothing where it has ended by itself."""
    if process.poll() is not None:
        return
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def _query_error(kind: str, message: str, limits: QueryLimits) -> QueryError:
    """The user's error for what the sandbox reports."""
    if kind == "read-only":
        what = f" ({message} is not possible)" if message.replace(" ", "").isalpha() else ""
        return QueryError(
            f"the trail is read-only{what}", hint="write one SELECT; SHOW TABLES lists what there is"
        )
    if kind == "time":
        return QueryError(
            f"the query ran longer than {limits.seconds:g} s and was stopped",
            hint="filter on sha, kind or name, or aggregate; the limit is there for everyone's sake",
        )
    if kind == "memory":
        return QueryError(
            f"the query needs more memory than {limits.memory_bytes // 2**20} MiB and was stopped",
            hint="select fewer columns, filter, or aggregate",
        )
    if kind == "access":
        return QueryError(
            message, hint="a query reads the trail's tables only, no file or network; SHOW TABLES lists them"
        )
    if kind == "parameters":
        return QueryError(message, hint="give each as --param name=value")
    return QueryError(message, hint="")
