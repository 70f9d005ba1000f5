"""What the pages show of a repository: a file at a commit and a change, redacted, from the mirror."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from auditor.errors import GitError, StoreError, UsageError
from auditor.git.blobs import ObjectReader
from auditor.git.command import Git
from auditor.git.mirror import Mirror, mirror_folder
from auditor.git.names import path_text
from auditor.git.tree import CommitTree
from auditor.manifests.excerpts import excerpt as redacted_excerpt
from auditor.manifests.formats import format_of
from auditor.manifests.secrets import Redactor
from auditor.manifests.source_excerpts import source_excerpt
from auditor.pipeline.state import redaction_key, state_folder
from auditor.store.database import open_database
from auditor.store.previous import location_of

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")

MAX_LINES = 3_000
"""Lines of a file or a diff that are shown; a person reads no more, and a browser bears no more."""


def excerpt(database: Path, repo: str, sha: str, path: str) -> str:
    """The text of a file at a commit, secret values replaced.

    Raises StoreError where the mirror is gone, UsageError where there is no such file.
    """
    mirror, redactor = _open(database, repo)
    _check_commit(mirror, sha)
    with ObjectReader(mirror.git, mirror.path) as reader:
        content = _content(mirror, reader, sha, path)
    if content is None:
        raise UsageError(f"{path} is not a file at {sha[:12]}")
    return _shortened(_shown(content, path, redactor).splitlines())


def diff(database: Path, repo: str, sha: str, path: str) -> str:
    """The unified diff of a path in a commit against its first parent, secret values replaced.

    Raises StoreError where the mirror is gone, UsageError where there is no such commit.
    """
    mirror, redactor = _open(database, repo)
    _check_commit(mirror, sha)
    with ObjectReader(mirror.git, mirror.path) as reader:
        new = _content(mirror, reader, sha, path)
        old_path = _old_path(mirror, sha, path)
        old = _content(mirror, reader, f"{sha}^", old_path)
    before = _shown(old, old_path, redactor).splitlines() if old is not None else []
    after = _shown(new, path, redactor).splitlines() if new is not None else []
    lines = difflib.unified_diff(
        before,
        after,
        fromfile=old_path if old is not None else "(did not exist)",
        tofile=path if new is not None else "(deleted)",
        lineterm="",
    )
    return _shortened(list(lines))


def _shown(content: bytes, path: str, redactor: Redactor) -> str:
    found = format_of(path)
    if found is None:
        return redacted_excerpt(content, redactor)
    return source_excerpt(content, path, found, redactor)


def _open(database: Path, repo: str) -> tuple[Mirror, Redactor]:
    folder = state_folder(database)
    with open_database(database, read_only=True) as opened:
        location = location_of(opened, repo)
    path = mirror_folder(folder, location) if location else None
    if path is None or location is None or not (path / "HEAD").exists():
        raise StoreError(f"the mirror of {repo} is not beside {database}", hint="scan the repository again")
    mirror = Mirror(
        git=Git(folder, safe=(path,)), path=path, name=repo, location=location, revision="", tip="", lacks=()
    )
    return mirror, Redactor(redaction_key(folder))


def _check_commit(mirror: Mirror, sha: str) -> None:
    """Only a whole sha goes to git: whoever asks may be a browser, and git takes `--output=FILE` for an option."""
    try:
        if not _SHA.fullmatch(sha):
            raise UsageError("a commit is named by its whole sha")
        mirror.git.run("cat-file", "-e", f"{sha}^{{commit}}", repository=mirror.path)
    except GitError as error:
        raise UsageError(f"there is no commit {sha}") from error


def _content(mirror: Mirror, reader: ObjectReader, commit: str, path: str) -> bytes | None:
    try:
        return CommitTree(mirror, commit, reader).read(path)
    except (KeyError, GitError):
        return None


def _old_path(mirror: Mirror, sha: str, path: str) -> str:
    listing = mirror.git.run(
        "log", "-1", "--raw", "-z", "-M", "-m", "--diff-merges=first-parent", "--diff-filter=R", "--format=", sha,
        repository=mirror.path,
    )  # fmt: skip
    tokens = listing.split(b"\0")
    for at, token in enumerate(tokens):
        if token.startswith(b":") and at + 2 < len(tokens) and path_text(tokens[at + 2]) == path:
            return path_text(tokens[at + 1])
    return path


def _shortened(lines: list[str]) -> str:
    if len(lines) > MAX_LINES:
        lines = [*lines[:MAX_LINES], f"… {len(lines) - MAX_LINES:,} more lines"]
    return "\n".join(lines)
