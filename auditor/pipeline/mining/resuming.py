"""What an incremental scan takes up from earlier runs."""

from __future__ import annotations

from typing import Any

from auditor.findings.lifetimes import Landing, Lifetime, Sighting
from auditor.pipeline.mining.contents import BlobRow, DocumentRow, JudgementRow, ProblemRow, VerdictRow
from auditor.store.database import Database
from auditor.store.previous import known_rows


def known_contents(
    database: Database, repo: str, blobs: set[str]
) -> tuple[list[BlobRow], list[JudgementRow]]:
    """What earlier runs recorded of these blobs, in every reading."""
    documents: dict[tuple[str, bool], list[DocumentRow]] = {}
    for blob, *row, named in known_rows(database, "document", repo, "blob", blobs):
        documents.setdefault((blob, named), []).append(DocumentRow(*row))
    problems: dict[tuple[str, bool], list[ProblemRow]] = {}
    for blob, *row, named in known_rows(database, "problem", repo, "blob", blobs):
        problems.setdefault((blob, named), []).append(ProblemRow(*row))
    blob_rows = [
        BlobRow(
            blob,
            is_kustomization,
            tuple(fragments),
            tuple(sorted(documents.get((blob, named), ()), key=_place)),
            tuple(problems.get((blob, named), ())),
            named,
        )
        for blob, is_kustomization, fragments, named in known_rows(database, "blob", repo, "blob", blobs)
    ]
    digests = {document.digest for row in blob_rows for document in row.documents}
    verdicts: dict[str, list[VerdictRow]] = {}
    for digest, *row in known_rows(database, "verdict", repo, "digest", digests):
        verdicts.setdefault(digest, []).append(VerdictRow(*row))
    judgements = [
        JudgementRow(digest, evaluated, tuple(verdicts.get(digest, ())))
        for digest, evaluated in known_rows(database, "judgement", repo, "digest", digests)
    ]
    return blob_rows, judgements


def _place(row: DocumentRow) -> tuple[int, int]:
    """The order in the file, which a query does not promise."""
    return row.document, row.item if row.item is not None else -1


def earlier_lifetimes(database: Database, repo: str) -> tuple[list[Lifetime], dict[str, int]]:
    """The open lifetimes of resources and files, and how many occurrences each finding has had."""
    cursor = database.cursor()
    occurrences = dict(
        cursor.execute(
            "SELECT id, max(occurrence) FROM trail.finding WHERE repo = ? AND source IN ('manifest', 'file') GROUP BY id",
            [repo],
        ).fetchall()
    )
    rows = cursor.execute(
        "SELECT occurrence, id, rule_id, source, environment, api_version, kind, namespace, name, path,"
        " line, pointer, message, digest, opened_sha FROM trail.finding"
        " WHERE repo = ? AND source IN ('manifest', 'file') AND fixed_sha = '' AND NOT coalesce(lost, false)",
        [repo],
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
