"""A landing line made by hand: versions of resources, and the fields that lie between them, as a scan records both."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb
from store.seeded_trail import insert

from auditor.manifests.fields import field_diff

REPO = "shop"
Manifest = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One resource in one commit: `old` None where it was made, `new` None where it was deleted."""

    path: str
    old: Manifest | None
    new: Manifest | None
    old_path: str = ""
    kind: str = "Deployment"
    name: str = "web"
    namespace: str = "shop"
    environment: str = "production"


@dataclass(frozen=True, kw_only=True)
class MadeCommit:
    """A commit with its edits; `landed_in` names the commit that brought it in, '' where it landed itself."""

    sha: str
    author: str
    at: datetime
    parents: Sequence[str] = ()
    landed_in: str = ""
    request: str = ""
    actor: str = "person"
    subject: str = ""
    edits: Sequence[Edit] = ()
    committed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class MadeRun:
    """A run that saw everything up to a commit."""

    tip: str
    finished_at: datetime


@dataclass
class _Rows:
    diffs: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=list)


API_VERSIONS = {"Deployment": "apps/v1", "ClusterRoleBinding": "rbac.authorization.k8s.io/v1"}


def make_history(
    connection: duckdb.DuckDBPyConnection, commits: Iterable[MadeCommit], runs: Iterable[MadeRun] = ()
) -> None:
    """Records the commits, in the order in which they landed, in a database that holds nothing."""
    commits = tuple(commits)
    rows = _Rows()
    records, landings, position = [], [], -1
    for commit in commits:
        landed = not commit.landed_in
        position += landed
        records.append(
            {
                "repo": REPO,
                "sha": commit.sha,
                "parents": list(commit.parents),
                "author_name": commit.author,
                "author_email": f"{commit.author.lower()}@example.com",
                "authored_at": commit.at,
                "committer_name": commit.author,
                "committer_email": f"{commit.author.lower()}@example.com",
                "committed_at": commit.committed_at or commit.at,
                "subject": commit.subject,
            }
        )
        landings.append(
            {
                "repo": REPO,
                "generation": 1,
                "sha": commit.sha,
                "landed": landed,
                "position": position if landed else None,
                "landed_in": commit.landed_in or commit.sha,
                "actor_kind": commit.actor,
                "pull_request": commit.request,
            }
        )
        for edit in commit.edits:
            _add(rows, commit.sha, position if landed else None, edit)
    insert(connection, "generation", [{"repo": REPO, "generation": 1, "run": "r", "reason": "first"}])
    insert(connection, "commit_record", records)
    insert(connection, "landing", landings)
    if rows.changes:
        insert(connection, "resource_change", rows.changes)
    if diffs := [row for pair in rows.diffs.values() for row in pair]:
        insert(connection, "field_diff", diffs)
    if made := [
        {
            "id": run.tip,
            "repo": REPO,
            "tip": run.tip,
            "started_at": run.finished_at,
            "finished_at": run.finished_at,
            "counts": {},
        }
        for run in runs
    ]:
        insert(connection, "run", made)


def _add(rows: _Rows, sha: str, position: int | None, edit: Edit) -> None:
    old, new = _digest(edit.old), _digest(edit.new)
    change = "added" if not old else "deleted" if not new else "modified" if old != new else "moved"
    rows.changes.append(
        {
            "repo": REPO,
            "generation": 1,
            "sha": sha,
            "position": position,
            "landed": position is not None,
            "path": edit.path,
            "old_path": edit.old_path,
            "environment": edit.environment,
            "api_version": API_VERSIONS[edit.kind],
            "kind": edit.kind,
            "namespace": edit.namespace,
            "name": edit.name,
            "change": change,
            "old_digest": old,
            "new_digest": new,
        }
    )
    if old != new:
        rows.diffs[old, new] = [
            {"repo": REPO, "old_digest": old, "new_digest": new}
            | {"pointer": diff.pointer, "old_value": diff.old_value, "new_value": diff.new_value}
            for diff in field_diff(edit.old, edit.new)
        ]


def _digest(manifest: Manifest | None) -> str:
    if manifest is None:
        return ""
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
