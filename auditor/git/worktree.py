"""Which files of a working tree differ from where a branch began: committed, staged, unstaged or new.

The repository is somebody else's. Only commands that run nothing which it configures are asked (`rev-parse`,
`merge-base`, `ls-tree`, `ls-files`); content is compared here and not by `git diff`, which would run its filters.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from auditor.errors import GitError, UsageError
from auditor.git.command import Git

_HARMLESS = (
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.untrackedCache=false",
    "-c",
    "core.hooksPath=/dev/null",
)


def changed_since(
    git: Git, root: Path, since: str, paths: Iterable[str], opened: Callable[[str], BinaryIO]
) -> frozenset[str]:
    """Those of `paths` (from the tree's root, '/'-separated) that are not as in the merge base of `since` and HEAD.

    `opened` gives a path's content; one that raises OSError counts as changed. Files that git ignores and that were not
    in it do not count; before the first commit every file has changed since HEAD. A file whose line ends or content git converts on
    check-out counts as changed. Raises UsageError where `root` is no repository, there is no such revision, or the
    history at hand does not reach the merge base.
    """
    repository = root / ".git"
    if not repository.exists():
        raise UsageError(
            f"{root} is not in a git repository, so nothing can be compared with {since!r}",
            hint="leave out --since",
        )
    is_first = since == "HEAD" and _is_unborn(git, repository)
    before = {} if is_first else _blobs(git, repository, _merge_base(git, repository, since))
    changed = set()
    for path in paths:
        known = before.get(path)
        if known is None or not _is_object(known, path, opened):
            changed.add(path)
    new = {path for path in changed if path not in before}
    return frozenset(changed - (_ignored(git, root, repository) if new else frozenset()))


def _is_unborn(git: Git, repository: Path) -> bool:
    """True where HEAD is on a branch that has no commit yet."""
    try:
        branch = git.run("symbolic-ref", "--quiet", "HEAD", repository=repository).decode().strip()
    except GitError:
        return False
    named = git.run("rev-parse", "--verify", "--quiet", branch, repository=repository, accepted=(0, 1, 128))
    return not named.strip()


def _merge_base(git: Git, repository: Path, since: str) -> str:
    ends = []
    for revision in (since, "HEAD"):
        try:
            found = git.run(
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                f"{revision}^{{commit}}",
                repository=repository,
            )
        except GitError as error:
            raise UsageError(
                f"there is no revision {revision!r} in this repository",
                hint="name a branch, tag or commit that has been fetched, such as origin/main",
            ) from error
        ends.append(found.decode().strip())
    try:
        return git.run("merge-base", *ends, repository=repository).decode().split()[0]
    except GitError as error:
        raise UsageError(
            f"{since!r} and HEAD have no common ancestor in the history at hand",
            hint="fetch more of it (in GitHub Actions: `fetch-depth: 0` at the checkout)",
        ) from error


def _blobs(git: Git, repository: Path, commit: str) -> dict[str, str]:
    """Path to object id of every file in a commit."""
    listed = git.run("ls-tree", "-r", "-z", "--full-tree", commit, repository=repository)
    found = {}
    for entry in listed.split(b"\0"):
        if entry:
            about, _, path = entry.partition(b"\t")
            found[path.decode("utf-8", "surrogateescape")] = about.split()[2].decode()
    return found


def _ignored(git: Git, root: Path, repository: Path) -> frozenset[str]:
    arguments = ("ls-files", "-z", "--others", "--ignored", "--exclude-standard")
    where = ("-C", str(root), f"--work-tree={root}")
    listed = git.run(*where, *_HARMLESS, *arguments, repository=repository.absolute())
    return frozenset(path.decode("utf-8", "surrogateescape") for path in listed.split(b"\0") if path)


def _is_object(name: str, path: str, opened: Callable[[str], BinaryIO]) -> bool:
    """True where git gives this name to what is at the path; its length says by which of the two digests."""
    try:
        with opened(path) as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            digest = hashlib.sha256() if len(name) == 64 else hashlib.sha1(usedforsecurity=False)
            digest.update(b"blob %d\0" % size)
            while chunk := file.read(1024 * 1024):
                digest.update(chunk)
    except OSError:
        return False
    return digest.hexdigest() == name
