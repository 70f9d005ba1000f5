"""Flips bytes of a database and of the log beside it, and asks what became of the trail. Run as a program by the tests:
DuckDB may end the process that opens a damaged file, so a batch of flips runs in a child that reports each by a line."""

from __future__ import annotations

import os
import resource
import signal
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from auditor.errors import AuditorError
from auditor.pipeline.integrity.checkpoints import head_file
from auditor.pipeline.integrity.verify import VerifyRequest, verify
from auditor.settings import Settings
from auditor.store.database import migrations, open_database
from auditor.store.log import leaf_count, leaf_rows, newest_head, record_count, record_rows, tree_heads
from auditor.store.writer import Writer
from auditor.trail.log import Log
from auditor.trail.notefile import KeptHead, keep_head, read_head
from auditor.trail.records import RECORD_KINDS
from auditor.trail.verification import Claim, check_log

TABLES = ("generation", "file_change", "field_diff", "commit_loss")
NOW = datetime(2026, 3, 1, tzinfo=UTC)
HANGS_AFTER_S = 30
MEMORY_BYTES = 4 * 1024**3


def build(path: Path, *, rows: int, whole_schema: bool) -> None:
    """Two runs: the first moved into the file, the second only in the log beside it, as a kill leaves it.

    With 16 KB blocks, so that there is less to flip. Without the whole schema, only the log's tables are there.
    """
    child = os.fork()
    if child == 0:
        try:
            _open = _write_two_runs(path, rows, whole_schema)  # closed, it would move its log into the file
            os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL


def _write_two_runs(path: Path, rows: int, whole_schema: bool) -> Any:
    connection = duckdb.connect()
    connection.execute(f"ATTACH '{path}' AS audit (BLOCK_SIZE 16384)")
    connection.execute("USE audit; SET TimeZone = 'UTC'")
    if whole_schema:
        for _, _, sql in migrations():
            connection.execute(sql)
        connection.execute(
            "CREATE TABLE schema_migrations (version INTEGER, name VARCHAR, applied_at TIMESTAMPTZ)"
        )
        connection.executemany(
            "INSERT INTO schema_migrations VALUES (?, ?, now())", [m[:2] for m in migrations()]
        )
    else:
        connection.execute("CREATE SCHEMA trail")
        for statement in _log_tables():
            connection.execute(statement)
    writer = Writer(connection)
    log = Log()
    for run in range(2):
        log = Log(log.size, log.frontier())
        connection.execute("BEGIN")
        writer.append("generation", log.numbered("generation", [("r", run + 1, f"run-{run}", "first")]))
        changes = [
            (
                "r",
                f"{run * rows + n:040x}",
                f"apps/{n}.yaml",
                "",
                "modified",
                "a" * 40,
                "b" * 40,
                "100644",
                "100644",
            )
            for n in range(rows)
        ]
        writer.append("file_change", log.numbered("file_change", changes))
        fields = [("r", "c" * 64, f"{run}" * 64, f"/spec/{n}", f'"{n}"', None) for n in range(rows)]
        writer.append("field_diff", log.numbered("field_diff", fields))
        writer.append("commit_loss", log.numbered("commit_loss", [("r", "d" * 40, True, NOW, f"run-{run}")]))
        if whole_schema:
            values: dict[str, Any] = {
                "started_at": NOW,
                "finished_at": NOW,
                "parser_version": 1,
                "generation": 1,
            }
            values |= {"id": f"run-{run}", "repo": "r", "counts": {"n": 1}, "results_digest": None}
            row = tuple(values.get(column, "x") for column in RECORD_KINDS["run"].columns)
            writer.append("run", log.numbered("run", [row]))
            writer.append("repository", [("r", "/r", "main", NOW)][run:])
        writer.append("leaf", log.leaves())
        writer.append("tree_head", [(log.size, log.root(), log.frontier(), f"run-{run}", NOW)])
        connection.execute("COMMIT")
        if run == 0:
            connection.execute("CHECKPOINT")
    keep_head(head_file(path), KeptHead(size=log.size, root=log.root(), run="run-1"))
    return connection


def _log_tables() -> list[str]:
    wanted = {"leaf", "tree_head", *TABLES}
    statements = [
        statement.strip()
        for _, _, sql in migrations()
        for statement in "\n".join(line.split("--")[0] for line in sql.splitlines()).split(";")
    ]
    found = {}
    for statement in statements:
        name = statement.removeprefix("CREATE TABLE trail.").split(" ")[0]
        if statement.startswith("CREATE TABLE trail.") and name in wanted:
            found[name] = statement  # the newest wins: a migration may make a table anew
    assert found.keys() == wanted
    return list(found.values())


def contents(connection: Any) -> dict[str, list[tuple[Any, ...]]]:
    """All record rows."""
    return {t: list(record_rows(connection, t, RECORD_KINDS[t].columns)) for t in TABLES}


def judge_whole(path: Path, truth: dict[str, list[tuple[Any, ...]]] | None) -> str:
    """As `Judge.judge`, by `auditor trail verify` itself, on a database with the whole schema."""
    try:
        report = verify(VerifyRequest(database=path, settings=Settings(), git=False))
    except AuditorError:
        return "open"
    except duckdb.Error:
        return "read"
    if report.everything_wrong:
        return "wrong"
    with open_database(path, read_only=True) as database:
        return "equal" if contents(database.cursor()) == truth else "SILENT"


class Judge:
    """Opens a database as `trail verify` does and says what it sees: one of the words of `judge`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = self._connect()
        self.truth = self._read()[1]

    def _connect(self) -> Any:
        return duckdb.connect(
            config={
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "threads": "1",
            }
        )

    def judge(self) -> str:
        """'open' or 'read' error; 'wrong' by the check; 'equal' where every record is there; else 'SILENT'."""
        try:
            self.connection.execute(f"ATTACH '{self.path}' AS audit (TYPE duckdb, READ_ONLY)")
        except (duckdb.Error, UnicodeDecodeError, MemoryError):
            self._leave()
            return "open"
        try:
            told, rows = self._look()
        except (duckdb.Error, UnicodeDecodeError, MemoryError):
            return "read"
        finally:
            self._leave()
        if told:
            return "wrong"
        return "equal" if rows == self.truth else "SILENT"

    def _leave(self) -> None:
        """Closes the file; a new connection costs ten times an opening, so that is only for one that is broken."""
        try:
            self.connection.execute("USE memory; DETACH DATABASE IF EXISTS audit")
            self.connection.execute("SELECT 1").fetchall()
        except duckdb.Error:
            self.connection.close()
            self.connection = self._connect()

    def _read(self) -> tuple[list[str], dict[str, list[tuple[Any, ...]]]]:
        self.connection.execute(f"ATTACH '{self.path}' AS audit (TYPE duckdb, READ_ONLY)")
        found = self._look()
        self.connection.execute("USE memory; DETACH audit")
        return found

    def _look(self) -> tuple[list[str], dict[str, list[tuple[Any, ...]]]]:
        connection = self.connection
        connection.execute("USE audit; SET TimeZone = 'UTC'")
        kept = read_head(head_file(self.path))
        assert kept is not None
        heads = [
            Claim(size=h.size, root=h.root, frontier=h.frontier, by=h.run) for h in tree_heads(connection)
        ]
        assert not heads or newest_head(connection) is not None
        report = check_log(
            leaves=leaf_rows(connection.cursor().execute("USE audit")),
            leaf_count=leaf_count(connection),
            tables={t: record_rows(self._cursor(), t, RECORD_KINDS[t].columns) for t in TABLES},
            row_count=sum(record_count(connection, t) for t in TABLES),
            heads=heads,
            claims=[Claim(size=kept.size, root=kept.root, by="kept")],
        )
        return report.wrong, contents(connection)

    def _cursor(self) -> Any:
        cursor = self.connection.cursor()
        cursor.execute("USE audit; SET TimeZone = 'UTC'")
        return cursor


def main() -> None:
    """MODE FILE-TO-FLIP DATABASE MASK START STOP STEP: a line `offset word` for each flip. MODE is `log` or `whole`."""
    mode, target, database, mask, *span = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    judge = Judge(Path(database)).judge
    if mode == "whole":
        with open_database(Path(database), read_only=True) as opened:
            truth = contents(opened.cursor())
        judge = partial(judge_whole, Path(database), truth)
    with Path(target).open("r+b", buffering=0) as file:
        for offset in range(*map(int, span)):
            old = os.pread(file.fileno(), 1, offset)
            print(offset, end=" ", flush=True)
            os.pwrite(file.fileno(), bytes([old[0] ^ int(mask)]), offset)
            signal.alarm(HANGS_AFTER_S)
            word = judge()
            signal.alarm(0)
            os.pwrite(file.fileno(), old, offset)
            print(word, flush=True)


if __name__ == "__main__":
    main()
