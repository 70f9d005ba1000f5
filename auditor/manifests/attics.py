"""Folders for what is no longer used (`archive/`, `.archive/`, `deprecated/` ...), and what of them is deployed all the same.

A manifest in such a folder, an attic, counts for its environment as soon as anything that is in use leads there: a
kustomization that lists it, or an object whose folder it lies in. What cannot be told for certain is taken to lead
there, so that nothing that runs is left out.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

NAMES = frozenset({"archive", "archives", "archived", "attic", "deprecated", "disabled", "old"})
"""Names of attics, in any case, with or without a dot or underscore in front."""

_KUSTOMIZE = "kustomize.config.k8s.io"
_VARIABLE = ("$", "{", "*", "?", "[")


class Lead(NamedTuple):
    """A way into the tree: a file or folder by its path from the root ('' is the root).

    `walks`: what lies below is taken in too, down to folders with a kustomization of their own; `passes`: beyond
    those too.
    """

    path: str
    walks: bool = False
    passes: bool = False


def attic_of(path: str) -> str:
    """The topmost attic that a file lies in; '' where it lies in none."""
    folders = path.removeprefix('"').split("/")[:-1]
    for depth, folder in enumerate(folders):
        if folder.lstrip("._").lower() in NAMES:
            return "/".join(folders[: depth + 1])
    return ""


def attic_in(environment: str, path: str) -> str:
    """The attic that a path is in; '' for none. A folder that names the environment is in use, whatever it is called."""
    attic = attic_of(path)
    return "" if posixpath.basename(attic) == environment else attic


def leads_of(path: str, group: str, manifest: Mapping[str, Any]) -> tuple[Lead, ...]:
    """Where the object in the file at `path` leads; nowhere for what deploys nothing.

    Kustomize's own objects, Flux' Kustomization, FluxInstance and ArtifactGenerator, Argo CD's Application and
    ApplicationSet. A path that names another repository's folder counts as one of this.
    """
    kind = manifest.get("kind")
    spec = manifest.get("spec")
    spec = spec if isinstance(spec, Mapping) else {}
    if group == _KUSTOMIZE:
        folder = posixpath.dirname(path)
        entries = [
            entry for name in ("resources", "components", "bases") for entry in _texts(manifest.get(name))
        ]
        return tuple(_leads(posixpath.join(folder, entry) for entry in entries if "://" not in entry))
    if (group, kind) == ("kustomize.toolkit.fluxcd.io", "Kustomization"):
        return tuple(_leads([_text(spec.get("path"))], walks=True))
    if kind == "FluxInstance":
        return tuple(_leads([_text(_at(spec, "sync", "path"))], walks=True))
    if kind == "Application":
        listed = spec.get("sources")
        sources = [spec.get("source"), *(listed if isinstance(listed, list) else ())]
        return tuple(
            lead
            for source in sources
            if isinstance(source, Mapping) and "path" in source
            for lead in _leads(
                [_text(source["path"])], walks=_at(source, "directory", "recurse") in (True, "true")
            )
        )
    if kind in ("ApplicationSet", "ArtifactGenerator"):
        wild = (text.partition("/")[2] if text.startswith("@") else text for text in _paths_in(spec))
        return tuple(_leads((text for text in wild if not text.startswith("{{")), walks=True, passes=True))
    return ()


def _leads(paths: Iterable[str], *, walks: bool = False, passes: bool = False) -> Iterator[Lead]:
    for path in paths:
        known = min((path.find(mark) for mark in _VARIABLE if mark in path), default=-1)
        if known >= 0:
            # What a variable or glob stands for is not known: all that it may be counts.
            yield Lead(_normal(path[:known].rpartition("/")[0]), walks=True, passes=True)
        else:
            yield Lead(_normal(path), walks, passes)


def _normal(path: str) -> str:
    """The path from the root; what leaves the tree leads nowhere, and begins with '..'."""
    found = posixpath.normpath(path.lstrip("/") or ".")
    return "" if found == "." else found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def _at(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _paths_in(value: Any, name: str = "") -> Iterator[str]:
    """Every text under a key that names a path, wherever it stands."""
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _paths_in(below, str(key))
    elif isinstance(value, list):
        for below in value:
            yield from _paths_in(below, name)
    elif isinstance(value, str) and name in ("path", "from"):
        yield value


class Attics:
    """Which attic files count, while a tree changes. `put` and `take` cost what they touch; `reached` what leads
    into attics."""

    def __init__(self) -> None:
        self._leads: dict[Any, tuple[str, tuple[Lead, ...]]] = {}
        self._into: dict[Any, tuple[str, tuple[Lead, ...]]] = {}
        self._above: dict[str, dict[Any, tuple[Lead, ...]]] = {}
        self._kustomized: dict[str, int] = {}

    def put(self, key: Any, path: str, group: str, manifest: Mapping[str, Any], *, attic: str) -> bool:
        """Takes in an object by whatever names it, with the attic that it lies in ('' for none); True where that may
        change what is reached."""
        leads = leads_of(path, group, manifest)
        is_kustomization = group == _KUSTOMIZE
        if is_kustomization:
            folder = posixpath.dirname(path)
            self._kustomized[folder] = self._kustomized.get(folder, 0) + 1
        if not leads and not is_kustomization:
            return False
        self._leads[key] = (path if is_kustomization else "", leads)
        into = tuple(lead for lead in leads if attic_of(f"{lead.path}/"))
        if into:
            self._into[key] = (path if attic else "", into)
        if not attic or _deploys_itself(path, leads, is_kustomization=is_kustomization):
            for lead in leads:
                if lead.walks and lead not in into:
                    self._above.setdefault(lead.path, {})[key] = leads
        return True

    def take(self, key: Any) -> bool:
        """Takes out what was put under the key; True where that may change what is reached."""
        kept = self._leads.pop(key, None)
        if kept is None:
            return False
        kustomization, leads = kept
        if kustomization:
            folder = posixpath.dirname(kustomization)
            self._kustomized[folder] -= 1
            if not self._kustomized[folder]:
                del self._kustomized[folder]
        self._into.pop(key, None)
        for lead in leads:
            above = self._above.get(lead.path)
            if above is not None:
                above.pop(key, None)
                if not above:
                    del self._above[lead.path]
        return True

    def reached(self, attics: Iterable[str]) -> frozenset[str]:
        """The paths in these attics, and the attics, of which everything at or below them counts."""
        found = {attic for attic in attics if self._is_walked_into(attic)}
        waiting = dict(self._into)
        while waiting:
            live = [
                key
                for key, (path, leads) in waiting.items()
                if not path or _is_at(path, found) or _deploys_itself(path, leads)
            ]
            if not live:
                break
            for key in live:
                found.update(lead.path for lead in waiting.pop(key)[1])
        return frozenset(found)

    def _is_walked_into(self, attic: str) -> bool:
        """True where an object takes in a folder above the attic, and nothing in between stops it."""
        folder, is_open = posixpath.dirname(attic), True
        while True:
            is_open = is_open and folder not in self._kustomized
            for leads in self._above.get(folder, {}).values():
                if any(lead.path == folder and lead.walks and (is_open or lead.passes) for lead in leads):
                    return True
            if not folder:
                return False
            folder = posixpath.dirname(folder)


def left_out(
    files: Mapping[str, str], objects: Iterable[tuple[str, str, Mapping[str, Any]]]
) -> frozenset[str]:
    """Those of a tree's files (path to environment) that are in an attic and do not count. `objects` are all that may
    lead somewhere: path, API group, manifest."""
    stored = {path: attic for path, name in files.items() if (attic := attic_in(name, path))}
    if not stored:
        return frozenset()
    attics = Attics()
    for number, (path, group, manifest) in enumerate(objects):
        attics.put(number, path, group, manifest, attic=stored.get(path, ""))
    reached = attics.reached(set(stored.values()))
    return frozenset(path for path in stored if not counts(path, reached))


def _deploys_itself(path: str, leads: Iterable[Lead], *, is_kustomization: bool = False) -> bool:
    """True for what a bootstrap leaves behind: an object in the folder that it deploys."""
    return not is_kustomization and any(
        lead.walks and (not lead.path or path.startswith(f"{lead.path}/")) for lead in leads
    )


def counts(path: str, reached: frozenset[str]) -> bool:
    """True where the file is in no attic, or in a part of it that counts."""
    return not attic_of(path) or _is_at(path, reached)


def _is_at(path: str, reached: Iterable[str] | frozenset[str]) -> bool:
    """True where the file or a folder that it is in is among them."""
    while path:
        if path in reached:
            return True
        path = posixpath.dirname(path)
    return False
