"""Stage results as rows of the base tables, in the tables' column order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from auditor.findings.lifetimes import Lifetime
from auditor.manifests.formats import KUSTOMIZATION
from auditor.model import Commit, FileChange, RuleInfo
from auditor.pipeline.mining.attribution import Authors
from auditor.pipeline.mining.contents import BlobRow, Contents

BODY_LIMIT = 100_000
"""Characters of a commit's message that are kept, which no message that people read has."""

Redact = Callable[[str], str]
"""Text without what has the shape of a credential: people paste tokens into messages, names and paths."""


def commit_rows(repo: str, commits: Iterable[Commit], redact: Redact) -> Iterator[tuple[Any, ...]]:
    """Rows of trail.commit_record. Times in UTC, the claimed zone as minutes beside them."""
    for commit in commits:
        yield (
            repo,
            commit.sha,
            commit.tree,
            list(commit.parents),
            redact(commit.author.name[:BODY_LIMIT]),
            redact(commit.author.email[:BODY_LIMIT]),
            commit.author.at.astimezone(UTC),
            _zone_minutes(commit.author.at),
            redact(commit.committer.name[:BODY_LIMIT]),
            redact(commit.committer.email[:BODY_LIMIT]),
            commit.committer.at.astimezone(UTC),
            _zone_minutes(commit.committer.at),
            redact(_kept(commit.subject)),
            redact(_kept(commit.body)),
            commit.signature_format,
        )


def landing_rows(
    repo: str, generation: int, commits: Iterable[Commit], landed_in: Mapping[str, str], redact: Redact
) -> Iterator[tuple[Any, ...]]:
    """Rows of trail.landing."""
    for commit in commits:
        yield (
            repo,
            generation,
            commit.sha,
            commit.landed,
            commit.position,
            landed_in.get(commit.sha, ""),
            commit.actor_kind.value,
            redact(commit.pull_request[:BODY_LIMIT]),
        )


def _kept(text: str) -> str:
    left_out = len(text) - BODY_LIMIT
    return text if left_out <= 0 else f"{text[:BODY_LIMIT]} … {left_out:,} more characters"


def change_rows(repo: str, changes: Iterable[FileChange], redact: Redact) -> Iterator[tuple[Any, ...]]:
    """Rows of trail.file_change."""
    for change in changes:
        yield (
            repo,
            change.sha,
            redact(change.path),
            redact(change.old_path),
            change.change.value,
            change.old_blob,
            change.new_blob,
            change.old_mode,
            change.new_mode,
        )


def content_rows(repo: str, contents: Contents) -> dict[str, Iterator[tuple[Any, ...]]]:
    """Rows by table of what this run read for the first time."""
    return {
        "blob": (
            (repo, row.blob, row.is_kustomization, list(row.fragments), *_reading(row))
            for row in contents.new_blobs
        ),
        "document": (
            (repo, row.blob, *document, *_reading(row))
            for row in contents.new_blobs
            for document in row.documents
        ),
        "problem": (
            (repo, row.blob, *problem, *_reading(row))
            for row in contents.new_blobs
            for problem in row.problems
        ),
        "judgement": (
            (repo, row.digest, row.evaluated, row.view, row.profile) for row in contents.new_judgements
        ),
        "verdict": (
            (repo, row.digest, *verdict, row.profile)
            for row in contents.new_judgements
            for verdict in row.verdicts
        ),
    }


def _reading(row: BlobRow) -> tuple[bool, str]:
    """The columns as_kustomization, which the digests of older runs are made over, and reading."""
    return row.reading == KUSTOMIZATION, row.reading


class Earlier(NamedTuple):
    """What an earlier run said of a finding."""

    detected_at: datetime
    detected_run: str
    opened_at: datetime | None
    opened_by: str
    opened_path: str


def finding_rows(
    repo: str,
    lifetimes: Iterable[Lifetime],
    *,
    rules: Mapping[str, RuleInfo],
    advisory: frozenset[str],
    commits: Mapping[str, Commit],
    authors: Authors,
    now: datetime,
    run: str,
    engine: str,
    earlier: Mapping[tuple[str, str, int], Earlier],
    seen_at: Mapping[str, datetime],
    sources: Mapping[str, tuple[str, int]],
    redact: Redact,
) -> Iterator[tuple[Any, ...]]:
    """Rows of trail.finding. Those of `advisory` rules fail nothing. `earlier` is what earlier runs said, by id, opening commit and occurrence; `seen_at` tells for
    moves of refs, which no commit dates, when they were seen. `sources` are files and lines by id, for those open findings that are about something rendered."""
    unknown = Earlier(now, run, None, "", "")
    for lifetime in lifetimes:
        seen = lifetime.sighting
        said = earlier.get((seen.id, lifetime.opened.sha, lifetime.occurrence), unknown)
        detected_at, detected_run, opened_at, opened_by, opened_path = said
        if seen.id in seen_at:
            opened_at = seen_at[seen.id]
        elif lifetime.opened.sha in commits:
            opened_at = commits[lifetime.opened.sha].committer.at.astimezone(UTC)
            opened_by = redact(authors.of_opening(lifetime.opened.sha, lifetime.opened_path, seen.id))
            opened_path = redact(lifetime.opened_path)
        fixed = lifetime.fixed
        path, line = redact(seen.path), seen.line
        if fixed is None and seen.source == "rendered":
            path, line = sources.get(seen.id, (path, line))
        yield (
            seen.id,
            lifetime.occurrence,
            repo,
            seen.rule_id,
            rules[seen.rule_id].severity.value,
            seen.source,
            seen.environment,
            seen.api_version,
            seen.kind,
            seen.namespace,
            seen.name,
            path,
            line,
            seen.pointer,
            redact(seen.message),
            lifetime.opened.sha,
            opened_by,
            opened_at,
            fixed.sha if fixed else "",
            redact(_fixed_by(lifetime, authors, commits)),
            commits[fixed.sha].committer.at.astimezone(UTC) if fixed and fixed.sha in commits else None,
            detected_at,
            detected_run,
            seen.digest,
            engine,
            opened_path or redact(lifetime.opened_path),
            redact(lifetime.fixed_path),
            False,
            seen.rule_id in advisory,
        )


def _fixed_by(lifetime: Lifetime, authors: Authors, commits: Mapping[str, Commit]) -> str:
    """The author of the fix; '' where not every landing was rendered, so that nobody saw which commit it was."""
    if lifetime.fixed is None or lifetime.fixed.sha not in commits:
        return ""
    if lifetime.sighting.source == "rendered" and lifetime.fixed.position < 0:
        return ""
    return authors.of_fix(lifetime.fixed.sha, lifetime.fixed_path, lifetime.sighting.id)


def _zone_minutes(moment: datetime) -> int:
    offset = moment.utcoffset()
    return int(offset.total_seconds() // 60) if offset is not None else 0
