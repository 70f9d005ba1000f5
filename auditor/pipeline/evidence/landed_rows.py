"""Rows of the trail as what rules on landed changes see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from auditor.changecontrol.evidence import ResourceTouch
from auditor.model import ActorKind, ChangeKind, Commit, FileChange, Identity

Row = tuple[Any, ...]


def file_of(row: Row) -> FileChange:
    """A row of `LandedEvidence.files`."""
    sha, path, old_path, change, old_blob, new_blob, old_mode, new_mode = row
    return FileChange(
        sha=sha, path=path, old_path=old_path, change=ChangeKind(change), old_blob=old_blob, new_blob=new_blob,
        old_mode=old_mode, new_mode=new_mode, landed=True,
    )  # fmt: skip


def resource_of(row: Sequence[Any]) -> ResourceTouch:
    """Ten columns of a resource, as all questions about resources give them."""
    sha, environment, api_version, kind, namespace, name, path, change, old_digest, new_digest = row
    return ResourceTouch(
        sha=sha, environment=environment, api_version=api_version, kind=kind, namespace=namespace, name=name,
        path=path, change=change, old_digest=old_digest, new_digest=new_digest,
    )  # fmt: skip


def recorded_commits(rows: Iterable[Row]) -> Iterator[tuple[Commit, str]]:
    """(commit, the landing that brought it in) of rows of `LandedEvidence.commits_named`."""
    for row in rows:
        (
            sha, tree, parents, author_name, author_email, authored_at, _, committer_name, committer_email,
            committed_at, _, subject, body, signature_format, landed, position, landed_in, actor, request,
        ) = row  # fmt: skip
        yield (
            Commit(
                sha=sha, tree=tree, parents=tuple(parents), subject=subject, body=body, landed=landed,
                author=Identity(name=author_name, email=author_email, at=authored_at),
                committer=Identity(name=committer_name, email=committer_email, at=committed_at),
                position=position, actor_kind=ActorKind(actor), pull_request=request,
                signature_format=signature_format,
                signature_status="unchecked" if signature_format else "none", signer="",
            ),
            landed_in,
        )  # fmt: skip
