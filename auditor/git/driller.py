"""pydriller's walk over a mirror, fed with commits that were read already."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module
from io import BytesIO
from typing import IO, Any

from auditor.git.mirror import Mirror
from auditor.git.names import storable
from auditor.git.objects import RawCommit
from auditor.model import Identity


class ReadObjects:
    """GitPython's object database, which finds commits that were read already.

    By itself it asks git for one commit at a time and waits for each answer.
    """

    def __init__(self, database: Any) -> None:
        self._database = database
        self._contents: dict[bytes, bytes] = {}

    def hold(self, contents: Mapping[str, bytes | None]) -> None:
        """The commits that will be asked for next, by sha, in place of those before."""
        self._contents = {
            bytes.fromhex(sha): content for sha, content in contents.items() if content is not None
        }

    def stream(self, sha: bytes) -> tuple[bytes, bytes, int, IO[bytes]]:
        """As GitPython's: the id, type, size and content of an object."""
        content = self._contents.get(sha)
        if content is None:
            found: tuple[bytes, bytes, int, IO[bytes]] = self._database.stream(sha)
            return found
        return sha, b"commit", len(content), BytesIO(content)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


@contextmanager
def opened(mirror: Mirror) -> Iterator[tuple[Any, ReadObjects]]:
    """pydriller's repository and the objects that it reads from."""
    Driller = _pydriller()  # noqa: N806 - a class
    # pydriller runs git through GitPython, which adds to the caller's environment and takes nothing away: in
    # a git hook, GIT_DIR and its like would send it elsewhere.
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        del os.environ[name]
    driller = Driller(str(mirror.path))
    try:
        driller.repo.git.update_environment(**mirror.git.environment())
        objects = ReadObjects(driller.repo.odb)
        driller.repo.odb = objects
        yield driller, objects
    finally:
        driller.clear()


def walk(driller: Any, mirror: Mirror, after: str) -> Iterator[Any]:
    """pydriller's commits reachable from the tip and not from `after`, oldest first."""
    span = f"{after}..{mirror.tip}" if after else mirror.tip
    yield from driller.get_list_commits(rev=span)


def _pydriller() -> Any:
    """pydriller's Git class.

    lizard, which pydriller imports, puts the folder of the running program first on the module path, where
    `import git` would find our own package, or whatever else lies there. It is put back.
    """
    module_path = list(sys.path)
    try:
        import_module("lizard")
    finally:
        sys.path[:] = module_path
    return import_module("pydriller.git").Git


def claims_of(driller: Any, raw: RawCommit) -> tuple[Identity, Identity, str]:
    """Author, committer and message by pydriller; from the raw object where the commit is no ordinary one.

    An unknown `encoding` header, a date before 1970 or after 9999, a zone of 99 hours or a name without its
    address make pydriller raise, guess or never come back, and a hostile repository has them.
    """
    if not raw.is_ordinary:
        return raw.author, raw.committer, raw.message
    author = _identity(driller.author, driller.author_date, raw.author)
    committer = _identity(driller.committer, driller.committer_date, raw.committer)
    return author, committer, storable(driller.msg)


def _identity(developer: Any, at: datetime, raw: Identity) -> Identity:
    """pydriller's; the raw object's own, whose texts are shared by many commits, where they are equal."""
    claimed = Identity(name=storable(developer.name or ""), email=storable(developer.email or ""), at=at)
    return raw if claimed == raw and claimed.at.utcoffset() == raw.at.utcoffset() else claimed
