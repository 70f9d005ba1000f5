"""Under which key a rendering is kept: everything that decided it, and no more."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

import orjson

from auditor.manifests.rendering.build import Build
from auditor.manifests.rendering.interface import RenderingCache
from auditor.manifests.rendering.workspace import Workspace

RENDERING_VERSION = 3
"""Raised whenever the same files would be rendered, substituted or taken apart differently."""


class Scope(StrEnum):
    """How much of the tree decided a rendering: the files of its closure; those and the names of all others
    (a build that fails for a missing file may go on when there is one); every file; or more than the tree."""

    CLOSURE = "closure"
    NAMES = "names"
    TREE = "tree"
    NONE = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class Keys:
    """The keys of one build, by what could have decided it."""

    closure: str
    names: str
    tree: str

    @property
    def all(self) -> tuple[str, str, str]:
        """Every key under which the build's rendering may be kept."""
        return self.closure, self.names, self.tree

    def of_scope(self, scope: Scope) -> str:
        """The key for a rendering that so much decided; '' where it must not be used again."""
        return {Scope.CLOSURE: self.closure, Scope.NAMES: self.names, Scope.TREE: self.tree}.get(scope, "")


def is_wide(key: str) -> bool:
    """True for the key of a rendering that more decided than the files of its closure, or of one that is not kept."""
    return not key or key.startswith((f"{Scope.NAMES}:", f"{Scope.TREE}:"))


class Keying:
    """Gives the keys of a workspace's builds."""

    def __init__(self, workspace: Workspace, origin: Callable[[str], str], cache: RenderingCache) -> None:
        """`origin` turns a path of the workspace into one of the repository."""
        self._origin = origin
        self._cache = cache
        self._files = sorted(workspace.index.files)
        self._base = {
            "version": RENDERING_VERSION,
            "scope": cache.scope,
            "renderer": [workspace.renderer.name, workspace.renderer.identity()],
        }

    def keys(self, build: Build, afterwards: Any) -> Keys:
        """The keys of one build; `afterwards` (JSON values) says what is then done to its documents."""
        parts = {
            **self._base,
            "folder": build.folder,
            "around": build.around,
            "generated": build.generated,
            "shows_origin": build.shows_origin,
            "afterwards": afterwards,
            "files": self._contents(build.files),
        }
        return Keys(
            closure=_digest(parts),
            names=f"{Scope.NAMES}:{_digest({**parts, 'names': self._names})}",
            tree=f"{Scope.TREE}:{_digest({**parts, 'tree': self._tree})}",
        )

    def plain_key(self, parts: Any, files: Iterable[str]) -> str:
        """The key of what no program renders: `parts` (JSON values) and the files, in their order, decide it."""
        contents = [(path, self._origin(path), self._cache.content(self._origin(path))) for path in files]
        return _digest({**self._base, "renderer": "", "plain": parts, "files": contents})

    @cached_property
    def _names(self) -> str:
        return _digest(self._files)

    @cached_property
    def _tree(self) -> str:
        return _digest(self._contents(self._files))

    def _contents(self, paths: Iterable[str]) -> list[tuple[str, str, str]]:
        origins = ((path, self._origin(path)) for path in sorted(paths))
        return [(path, origin, self._cache.content(origin)) for path, origin in origins]


def _digest(parts: Any) -> str:
    return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()
