"""Verifies the trail: records, leaves, tree heads, checkpoints here and elsewhere, results, and git itself.

Everything that can be wrong is looked at, and told; nothing that was not looked at is passed over in silence.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from auditor.errors import AuditorError, TrailError, UsageError
from auditor.pipeline.integrity.checkpoints import copy_file, head_file, notes_file, verifier_keys
from auditor.pipeline.integrity.rewalk import RewalkResult, recorded_repositories, rewalk
from auditor.pipeline.state import state_folder
from auditor.settings import Settings
from auditor.store.database import Database, open_database
from auditor.store.log import (
    last_runs,
    leaf_count,
    leaf_rows,
    record_count,
    record_rows,
    record_tables,
    stored_notes,
    tree_heads,
    unlogged_runs,
)
from auditor.store.results import RESULT_TABLES, table_digest
from auditor.trail.notefile import read_head, read_notes
from auditor.trail.notes import VerifierKey, open_note, parse_checkpoint, parse_note
from auditor.trail.records import RECORD_KINDS
from auditor.trail.verification import Claim, LogReport, check_log

NOTHING_OUTSIDE = (
    "no checkpoint from outside: the records agree with one another, but whoever can write the database and the files"
    " beside it could have made all of them anew"
)


@dataclass(frozen=True, kw_only=True)
class VerifyRequest:
    """What to verify. `checkpoints` are files of signed notes, or notes themselves; `keys` verifier keys."""

    database: Path
    settings: Settings
    repo: str = ""
    checkpoints: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    git: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedNote:
    """A signed checkpoint whose signature was verified, and the places where it stands."""

    size: int
    root: bytes
    key_id: str
    places: tuple[str, ...]
    outside: bool


@dataclass(kw_only=True)
class VerifyReport:
    """What was found. `wrong` makes the trail wrong, `unverified` leaves it open, `remarks` are good to know.

    `proven` is the size of the largest log that an outside checkpoint proves, None where there is none.
    """

    log: LogReport = field(default_factory=lambda: LogReport(size=0))
    wrong: list[str] = field(default_factory=list)
    unverified: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    notes: list[CheckedNote] = field(default_factory=list)
    repositories: list[RewalkResult] = field(default_factory=list)

    @property
    def everything_wrong(self) -> list[str]:
        """All that is wrong, whichever check found it."""
        return [
            *self.log.wrong,
            *self.wrong,
            *(f"{result.repo}: {text}" for result in self.repositories for text in result.differences),
        ]

    @property
    def proven(self) -> int | None:
        """See above; nothing is proven where something is wrong."""
        sizes = [note.size for note in self.notes if note.outside]
        return max(sizes) if sizes and not self.log.wrong else None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "version": 1,
            "size": self.log.size,
            "root": self.log.root.hex(),
            "records": self.log.records,
            "checkpoints": [
                {"size": n.size, "root": n.root.hex(), "key_id": n.key_id, "places": list(n.places), "outside": n.outside}
                for n in self.notes
            ],
            "proven_size": self.proven,
            "wrong": self.everything_wrong,
            "wrong_untold": self.log.untold,
            "unverified": self.unverified,
            "remarks": self.remarks,
            "repositories": [result.as_dict() for result in self.repositories],
        }  # fmt: skip


def verify(request: VerifyRequest) -> VerifyReport:
    """Verifies everything.

    Raises StoreError where the database cannot be opened, UsageError for an unknown repository or a checkpoint that
    is no file and no note, TrailError for a verifier key that is none.
    """
    folder = state_folder(request.database)
    report = VerifyReport()
    keys = verifier_keys(request.settings, folder, request.keys)
    with open_database(request.database, read_only=True) as database:
        repositories = recorded_repositories(database, request.repo)
        _verify_log(database, _claims(database, request, keys, report), report)
        try:
            _verify_results(database, request.repo, report)
        except duckdb.Error as error:
            report.wrong.append(f"the database cannot be read: {_first_line(error)}")
        if not request.git:
            report.remarks.append("git was not asked (--no-git)")
            return report
        for recorded in repositories:
            try:
                report.repositories.append(rewalk(database, folder, recorded))
            except duckdb.Error as error:
                report.wrong.append(f"{recorded.repo}: the database cannot be read: {_first_line(error)}")
            except AuditorError as error:
                report.unverified.append(f"{recorded.repo} was not compared with git: {error.message}")
    return report


def _verify_log(database: Database, claims: list[Claim], report: VerifyReport) -> None:
    cursor = database.cursor()
    here = record_tables(cursor)
    for table in sorted(here - RECORD_KINDS.keys()):
        report.unverified.append(f"the records of {table} are of a kind that this version does not know")
    tables = {name: kind for name, kind in RECORD_KINDS.items() if name in here}
    try:
        report.log = check_log(
            leaves=leaf_rows(database.cursor()),
            leaf_count=leaf_count(cursor),
            tables={
                name: record_rows(database.cursor(), name, kind.columns) for name, kind in tables.items()
            },
            row_count=sum(record_count(cursor, name) for name in tables),
            heads=[
                Claim(
                    size=head.size, root=head.root, frontier=head.frontier, by=f"tree head of run {head.run}"
                )
                for head in tree_heads(cursor)
            ],
            claims=claims,
        )
    except duckdb.Error as error:
        report.wrong.append(f"the log cannot be read: {_first_line(error)}")


def _claims(
    database: Database, request: VerifyRequest, keys: tuple[VerifierKey, ...], report: VerifyReport
) -> list[Claim]:
    """What is claimed of the log elsewhere than in its own tree heads; the signatures are verified here."""
    claims = []
    try:
        kept = read_head(head_file(request.database))
    except TrailError as error:
        report.wrong.append(error.message)
    else:
        if kept is None:
            report.remarks.append(
                f"{head_file(request.database).name} is not there: the loss of whole runs shows by checkpoints only"
            )
        else:
            by = f"{head_file(request.database).name}, kept after run {kept.run}"
            claims.append(Claim(size=kept.size, root=kept.root, by=by))
    places: dict[str, list[tuple[str, bool]]] = {}
    for place, outside, note in _all_notes(database, request, keys, report):
        places.setdefault(note, []).append((place, outside))
    for note, found in places.items():
        names = ", ".join(dict.fromkeys(place for place, _ in found))
        if not _is_whole(note):
            report.unverified.append(f"{names}: something there is no signed note (a torn write, or damage)")
            continue
        checked = _checked_note(note, keys, names, report)
        if checked is None:
            continue
        outside = any(is_outside for _, is_outside in found)
        report.notes.append(
            CheckedNote(
                size=checked.size,
                root=checked.root,
                key_id=checked.by,
                places=tuple(dict.fromkeys(place for place, _ in found)),
                outside=outside,
            )
        )
        by = f"checkpoint of {checked.size:,} records by {checked.by} in {names}"
        claims.append(Claim(size=checked.size, root=checked.root, by=by))
    if not any(note.outside for note in report.notes):
        report.unverified.append(NOTHING_OUTSIDE)
    return claims


def _is_whole(note: str) -> bool:
    try:
        return not parse_note(note).is_cut_off
    except TrailError:
        return False


def _checked_note(note: str, keys: tuple[VerifierKey, ...], names: str, report: VerifyReport) -> Claim | None:
    known = {(key.name, key.id) for key in keys}
    signed_by_known = any((s.name, s.key_id) in known for s in parse_note(note).signatures)
    try:
        text, signers = open_note(note, keys)
        checkpoint = parse_checkpoint(text)
    except TrailError as error:
        (report.wrong if signed_by_known else report.unverified).append(f"{names}: {error.message}")
        return None
    return Claim(size=checkpoint.size, root=checkpoint.root, by=", ".join(key.key_id for key in signers))


def _all_notes(
    database: Database, request: VerifyRequest, keys: tuple[VerifierKey, ...], report: VerifyReport
) -> Iterator[tuple[str, bool, str]]:
    """(place, whether it is outside, note) of every checkpoint that can be found."""
    try:
        for note in stored_notes(database.cursor()):
            yield "the database", False, note
    except duckdb.Error as error:
        report.wrong.append(f"the checkpoints in the database cannot be read: {_first_line(error)}")
    beside = notes_file(request.database)
    yield from _notes_in([beside], False, report)
    for place in request.settings.trail.copies:
        files = [path for path in (copy_file(place, key) for key in keys) if path.exists()]
        if not files:
            report.unverified.append(f"{place}, which trail.copies names, holds no checkpoint by a known key")
        yield from _notes_in(files, True, report)
    for given in request.checkpoints:
        if "\n" in given:
            yield "--checkpoint", True, given
            continue
        path = Path(given)
        if not path.is_file():
            raise UsageError(
                f"there is no checkpoint file {given}", hint="name a file of signed notes, or give a note"
            )
        yield from _notes_in([path], path.resolve() != beside.resolve(), report)


def _notes_in(files: Iterable[Path], outside: bool, report: VerifyReport) -> Iterator[tuple[str, bool, str]]:
    for path in files:
        try:
            notes = read_notes(path)
        except TrailError as error:
            report.unverified.append(error.message)
            continue
        for note in notes:
            yield str(path), outside, note


def _verify_results(database: Database, repo: str, report: VerifyReport) -> None:
    """What the last run of each repository found, against the digests in its record."""
    cursor = database.cursor()
    for run in last_runs(cursor, repo):
        if run.results_digest is None:
            report.remarks.append(f"{run.repo}: the last run's findings have no digest in the log")
            continue
        try:
            recorded = {str(name): str(value) for name, value in json.loads(run.results_digest).items()}
            now = {
                table: table_digest(cursor, table, run.repo, run.id, digest)
                for table, digest in sorted(recorded.items())
                if table in RESULT_TABLES
            }
        except (ValueError, AttributeError):
            report.wrong.append(f"{run.repo}: the results digest of run {run.id} is damaged")
            continue
        for table, digest in sorted(recorded.items()):
            if table not in now:
                report.unverified.append(f"{run.repo}: {table} has a digest that this version does not know")
            elif now[table] != digest:
                report.wrong.append(
                    f"{run.repo}: {table} is not as run {run.id} left it: rows were changed, added or dropped"
                )
    if count := unlogged_runs(cursor):
        report.remarks.append(f"{count:,} runs are from before there was a log: nothing proves them")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
