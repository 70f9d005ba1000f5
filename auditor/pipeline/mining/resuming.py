"""What an incremental scan takes up from earlier runs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from auditor.findings.lifetimes import Landing, Lifetime, Sighting
from auditor.git.tree import REGULAR_MODES
from auditor.pipeline.mining.carrying import NOTHING, Carried, FileStep, Name, OpenParts
from auditor.pipeline.mining.contents import (
    BlobRow,
    Contents,
    DocumentRow,
    JudgementRow,
    ProblemRow,
    VerdictRow,
    judgement_key,
)
from auditor.store.database import Database
from auditor.store.previous import known_rows


def known_contents(
    database: Database, repo: str, blobs: set[str]
) -> tuple[list[BlobRow], list[JudgementRow]]:
    """What earlier runs recorded of these blobs, in every reading."""
    documents: dict[tuple[str, str], list[DocumentRow]] = {}
    for blob, *row, _, reading in known_rows(database, "document", repo, "blob", blobs):
        documents.setdefault((blob, reading), []).append(DocumentRow(*row))
    problems: dict[tuple[str, str], list[ProblemRow]] = {}
    for blob, *row, _, reading in known_rows(database, "problem", repo, "blob", blobs):
        problems.setdefault((blob, reading), []).append(ProblemRow(*row))
    blob_rows = [
        BlobRow(
            blob,
            is_kustomization,
            tuple(fragments),
            tuple(sorted(documents.get((blob, reading), ()), key=_place)),
            tuple(problems.get((blob, reading), ())),
            reading,
        )
        for blob, is_kustomization, fragments, _, reading in known_rows(database, "blob", repo, "blob", blobs)
    ]
    digests = {document.digest for row in blob_rows for document in row.documents}
    return blob_rows, known_judgements(database, repo, digests)


def known_judgements(database: Database, repo: str, digests: Collection[str]) -> list[JudgementRow]:
    """What earlier runs recorded on documents of these digests, by whatever parameters."""
    if not digests:
        return []
    verdicts: dict[str, list[VerdictRow]] = {}
    for digest, *row, profile in known_rows(database, "verdict", repo, "digest", digests):
        verdicts.setdefault(judgement_key(digest, profile), []).append(VerdictRow(*row))
    return [
        JudgementRow(
            digest, evaluated, tuple(verdicts.get(judgement_key(digest, profile), ())), view, profile
        )
        for digest, evaluated, view, profile in known_rows(database, "judgement", repo, "digest", digests)
    ]


def _place(row: DocumentRow) -> tuple[int, int]:
    """The order in the file, which a query does not promise."""
    return row.document, row.item if row.item is not None else -1


def earlier_lifetimes(
    database: Database, repo: str, sources: Sequence[str] = ("manifest", "file")
) -> tuple[list[Lifetime], dict[str, int]]:
    """The open lifetimes of resources and files, and how many occurrences each finding has had."""
    cursor = database.cursor()
    occurrences = dict(
        cursor.execute(
            "SELECT id, max(occurrence) FROM trail.finding WHERE repo = ? AND source IN (SELECT unnest(?)) GROUP BY id",
            [repo, list(sources)],
        ).fetchall()
    )
    rows = cursor.execute(
        "SELECT occurrence, id, rule_id, source, environment, api_version, kind, namespace, name, path,"
        " line, pointer, message, digest, opened_sha FROM trail.finding"
        " WHERE repo = ? AND source IN (SELECT unnest(?)) AND fixed_sha = '' AND NOT coalesce(lost, false)",
        [repo, list(sources)],
    ).fetchall()
    return [_lifetime(row) for row in rows], occurrences


def _lifetime(row: tuple[Any, ...]) -> Lifetime:
    occurrence, *rest, opened_sha = row
    names = ("id", "rule_id", "source", "environment", "api_version", "kind", "namespace", "name", "path",
             "line", "pointer", "message", "digest")  # fmt: skip
    sighting = Sighting(**dict(zip(names, rest, strict=True)))
    return Lifetime(
        occurrence=occurrence,
        sighting=sighting,
        opened=Landing(sha=opened_sha, position=-1),
        opened_path=sighting.path,
    )


class _Change(NamedTuple):
    """What a recorded commit did to a path."""

    old_path: str
    old_mode: str
    new_mode: str
    new_blob: str


class EarlierFiles:
    """What files carried at commits that an earlier scan has read, told from the recorded changes of their paths."""

    def __init__(
        self,
        database: Database,
        repo: str,
        *,
        contents: Contents,
        counts: Callable[[str], bool],
        profile_of: Callable[[str], str],
    ) -> None:
        """Contents that are looked up are added to `contents`."""
        self._database = database
        self._repo = repo
        self._contents = contents
        self._counts = counts
        self._parts = OpenParts(contents, profile_of)
        self._failed: dict[str, frozenset[Name]] = {}

    def carried(self, sha: str, path: str, key: str) -> Carried:
        """What `path`, which holds `key` at the commit, carries of what stood there before."""
        if not self._may_carry(path, key):
            return NOTHING
        contents = list(self._contents_of(sha, path))
        unknown = {blob for _, blob in contents if blob not in self._contents.blobs}
        self._contents.know(*known_contents(self._database, self._repo, unknown))
        carried, old_path, old = NOTHING, path, ""
        for name, blob in reversed(contents):
            new = self._contents.key_of(name, blob)
            carried = self._parts.carry(FileStep(old_path, old, name, new), carried)
            old_path, old = name, new
        return carried

    def _may_carry(self, path: str, key: str) -> bool:
        """False where no version of what a rule does not answer on has ever failed it, which spares the walk."""
        part = self._parts.of(path, key)
        if part is None:
            return False
        return part.unreadable or any(
            name in self._failed_ever(rule) for name, rules in part.silent.items() for rule in rules
        )

    def _failed_ever(self, rule: str) -> frozenset[Name]:
        if rule not in self._failed:
            rows = (
                self._database.cursor()
                .execute(
                    "SELECT DISTINCT api_version, kind, namespace, name FROM trail.document"
                    " WHERE repo = $repo AND digest IN (SELECT digest FROM trail.verdict"
                    " WHERE repo = $repo AND rule_id = $rule AND outcome = 'fail')",
                    {"repo": self._repo, "rule": rule},
                )
                .fetchall()
            )
            self._failed[rule] = frozenset(
                (version.rpartition("/")[0], kind, namespace, name) for version, kind, namespace, name in rows
            )
        return self._failed[rule]

    def _contents_of(self, sha: str, path: str) -> Iterator[tuple[str, str]]:
        """(path, blob) of the file at a commit and along first parents before it, newest first, as long as it was
        a file that may hold manifests."""
        changes = self._changes(path)
        while sha:
            change = changes.get(sha)
            sha = self._first_parents.get(sha, "")
            if change is None:
                continue
            if change.new_mode not in REGULAR_MODES:
                return
            yield path, change.new_blob
            before = change.old_path or path
            if change.old_mode not in REGULAR_MODES or not self._counts(before):
                return
            if before != path:
                path, changes = before, self._changes(before)

    def _changes(self, path: str) -> dict[str, _Change]:
        rows = self._database.cursor().execute(
            "SELECT sha, old_path, old_mode, new_mode, new_blob FROM trail.file_change WHERE repo = ? AND path = ?",
            [self._repo, path],
        )
        return {sha: _Change(*change) for sha, *change in rows.fetchall()}

    @cached_property
    def _first_parents(self) -> dict[str, str]:
        rows = self._database.cursor().execute(
            "SELECT sha, parents[1] FROM trail.commit_record WHERE repo = ? AND len(parents) > 0",
            [self._repo],
        )
        return dict(rows.fetchall())
