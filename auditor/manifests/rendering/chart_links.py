"""Charts whose files are symbolic links: which files of the tree they stand for.

A tree lists regular files alone, since a link may lead anywhere. Those of a chart are followed within the tree, step by
step and by name, and never on a disk.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

from auditor.errors import RenderError, RestrictedReferenceError
from auditor.model import SourceTree

MAX_HOPS = 40
"""Links on the way to one file: Linux' own bound (path_resolution(7))."""


@runtime_checkable
class HasLinks(Protocol):
    """A tree that can tell of its symbolic links."""

    def links(self) -> Mapping[str, str]:
        """What each names, as it is written, by the path of the link."""
        ...


def links_in(tree: SourceTree) -> Mapping[str, str]:
    """The links of a tree; none where it cannot tell."""
    return tree.links() if isinstance(tree, HasLinks) else {}


class Links:
    """The links of one tree."""

    def __init__(self, tree: SourceTree) -> None:
        self._links = links_in(tree)
        self._paths = frozenset(tree.paths()) if self._links else frozenset()
        self._folders = {
            "/".join(parts[:length])
            for path in (*self._paths, *self._links)
            for parts in [path.split("/")]
            for length in range(1, len(parts))
        }

    def folder(self, path: str) -> str:
        """Where a folder is, behind the links on the way to it. Raises as `files`."""
        return self._resolved(path, path) if self._links and path else path

    def below(self, folder: str) -> list[str]:
        """The links below a folder, sorted."""
        prefix = f"{folder}/" if folder else ""
        return sorted(path for path in self._links if path.startswith(prefix))

    def files(self, folder: str) -> dict[str, str]:
        """What the links below a folder stand for: path in the folder to the file's path in the tree.

        Raises RestrictedReferenceError for one that leads out of the tree, RenderError where it leads nowhere or in a
        circle.
        """
        prefix = f"{folder}/" if folder else ""
        found: dict[str, str] = {}
        for link in self.below(folder):
            for shown, real in self._behind(link, ()):
                found.setdefault(shown[len(prefix) :], real)
        return found

    def _behind(self, link: str, above: Sequence[str]) -> Iterator[tuple[str, str]]:
        """The files behind a link, as they are named through it, with their paths in the tree."""
        target = self._resolved(link, link)
        if target in self._paths:
            yield link, target
            return
        # A folder that holds the link, or one on the way here, would be in itself.
        if f"{link}/".startswith(f"{target}/") or target == "" or target in above:
            raise RenderError(f"{link} leads in a circle", hint="remove the link")
        files = [path for path in self._paths if path.startswith(f"{target}/")]
        inner = self.below(target)
        if not files and not inner:
            raise RenderError(
                f"{link} links to {target}, which is no file and no folder", hint="correct the link"
            )
        yield from ((f"{link}{path[len(target) :]}", path) for path in files)
        for further in inner:
            for shown, real in self._behind(further, (*above, target)):
                yield f"{link}{shown[len(target) :]}", real

    def _resolved(self, path: str, shown: str) -> str:
        """The path with every link on it followed; `shown` is what to name in errors."""
        left, done = path.split("/")[::-1], ""
        hops = 0
        while left:
            part = left.pop()
            if part in ("", "."):
                continue
            if part == ".git":
                raise _outside(shown)
            if part == "..":
                if not done:
                    raise _outside(shown)
                done = posixpath.dirname(done)
                continue
            here = f"{done}/{part}" if done else part
            target = self._links.get(here)
            if target is None:
                if left and here not in self._folders:
                    raise RenderError(f"{shown} links to {here}, which is not there", hint="correct the link")
                done = here
                continue
            hops += 1
            if hops > MAX_HOPS:
                raise RenderError(f"{shown} leads in a circle", hint="remove the link")
            if target.startswith("/") or "\0" in target:
                raise _outside(shown)
            left += target.split("/")[::-1]
        return done


def _outside(shown: str) -> RestrictedReferenceError:
    return RestrictedReferenceError(
        f"{shown} is a link that leads out of the repository", hint="keep what it links to in the repository"
    )
