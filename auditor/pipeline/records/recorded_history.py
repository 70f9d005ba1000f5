"""History into the trail's append-only records: only what no earlier run has recorded is added."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from auditor.model import Commit, FileChange
from auditor.pipeline.mining.contents import unpacked
from auditor.pipeline.mining.resource_changes import ResourceChange
from auditor.pipeline.mining.starting import Start
from auditor.pipeline.records.rows import Redact, change_rows, commit_rows, landing_rows
from auditor.store.previous import known_pairs
from auditor.store.writer import Writer
from auditor.trail.log import Log
from auditor.trail.records import field_diff_record


def record_history(
    writer: Writer,
    log: Log,
    *,
    repo: str,
    run: str,
    start: Start,
    commits: Mapping[str, Commit],
    changes: Iterable[FileChange],
    resource_changes: Iterable[ResourceChange],
    diffs: Mapping[tuple[str, str], bytes],
    redact: Redact,
) -> None:
    """Adds commits, how they landed, and what they changed. Everything goes through the log."""
    if start.begins:
        writer.append("generation", log.numbered("generation", [(repo, start.generation, run, start.begins)]))
    is_first = start.generation == 1 and not start.goes_on
    recorded = set() if is_first else _recorded_commits(writer, repo, commits)
    landed = _recorded_landings(writer, repo, start, commits) if start.goes_on else set()
    new = [commit for sha, commit in commits.items() if sha not in recorded]
    writer.append("commit_record", log.numbered("commit_record", commit_rows(repo, new, redact)))
    writer.append(
        "landing",
        log.numbered(
            "landing",
            landing_rows(
                repo,
                start.generation,
                [commit for sha, commit in commits.items() if sha not in landed],
                start.skeleton.landed_in,
                redact,
            ),
        ),
    )
    writer.append(
        "file_change",
        log.numbered(
            "file_change",
            change_rows(repo, (change for change in changes if change.sha not in recorded), redact),
        ),
    )
    of_new_landings = [change for change in resource_changes if change.sha not in landed]
    writer.append(
        "resource_change",
        log.numbered("resource_change", ((repo, start.generation, *change) for change in of_new_landings)),
    )
    pairs = list(pairs_to_compare(of_new_landings))
    known = set() if is_first else known_pairs(writer.cursor, repo, pairs)
    writer.append_fields(_field_rows(repo, log, [pair for pair in pairs if pair not in known], diffs))


def _recorded_commits(writer: Writer, repo: str, commits: Mapping[str, Commit]) -> set[str]:
    """Those of the commits that the trail holds: a history that was lost may have come back."""
    rows = writer.execute(
        "SELECT sha FROM trail.commit_record WHERE repo = ? AND sha IN (SELECT unnest(?::VARCHAR[]))",
        [repo, list(commits)],
    ).fetchall()
    return {row[0] for row in rows}


def _recorded_landings(writer: Writer, repo: str, start: Start, commits: Mapping[str, Commit]) -> set[str]:
    if start.after is not None:
        return set()  # nothing of what came after the earlier tip can be in this reading yet
    rows = writer.execute(
        "SELECT sha FROM trail.landing WHERE repo = ? AND generation = ?", [repo, start.generation]
    ).fetchall()
    return {row[0] for row in rows}


def pairs_to_compare(changes: Iterable[ResourceChange]) -> Iterator[tuple[str, str]]:
    """The pairs of versions between which fields differ, each once, in the order of the changes."""
    yield from dict.fromkeys(
        (change.old_digest, change.new_digest) for change in changes if change.old_digest != change.new_digest
    )


def _field_rows(
    repo: str, log: Log, pairs: Iterable[tuple[str, str]], diffs: Mapping[tuple[str, str], bytes]
) -> Iterator[tuple[str, str, str, str, int]]:
    """Rows for `Writer.append_fields`. Versions that differ in the order of a list alone have none."""
    for pair in pairs:
        fields = unpacked(diffs[pair])
        if fields != b"[]":
            yield repo, *pair, fields.decode(), log.add(field_diff_record(repo, *pair, fields))
