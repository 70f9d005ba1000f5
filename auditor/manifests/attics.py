"""Folders for what is no longer used (`archive/`, `.archive/`, `deprecated/` ...), and what of them is deployed all the same.

A manifest in such a folder, an attic, counts for its environment as soon as anything that is in use leads there: a
kustomization that lists it, or an object whose folder it lies in. What cannot be told for certain is taken to lead
there, so that nothing that runs is left out.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from auditor.manifests.deployments.addresses import same_address
from auditor.manifests.deployments.own_addresses import BOOTSTRAP

NAMES = frozenset({"archive", "archives", "archived", "attic", "deprecated", "disabled", "old"})
"""Names of attics, in any case, with or without a dot or underscore in front."""

_KUSTOMIZE = "kustomize.config.k8s.io"
_SOURCES = "source.toolkit.fluxcd.io"
_VARIABLE = ("$", "{", "*", "?", "[")


class Lead(NamedTuple):
    """A way into the tree: a file or folder by its path from the root ('' is the root).

    `walks`: what lies below is taken in too, down to folders with a kustomization of their own; `passes`: beyond
    those too. `source` names what a Flux Kustomization takes its files from, '' for all others.
    """

    path: str
    walks: bool = False
    passes: bool = False
    source: str = ""


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
        source = f"{_text(_at(spec, 'sourceRef', 'kind'))}/{_text(_at(spec, 'sourceRef', 'name'))}"
        return tuple(lead._replace(source=source) for lead in _leads([_text(spec.get("path"))], walks=True))
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
        # By key, the file where it lies in an attic (else '') with all that the object leads to.
        self._into: dict[Any, tuple[str, tuple[Lead, ...]]] = {}
        self._above: dict[str, dict[Any, tuple[str, tuple[Lead, ...]]]] = {}
        self._kustomized: dict[str, int] = {}
        self._sources: dict[Any, tuple[str, str]] = {}
        self._own: dict[Any, str] = {}

    def put(self, key: Any, path: str, group: str, manifest: Mapping[str, Any], *, attic: str) -> object:
        """Takes in an object by whatever names it, with the attic that it lies in ('' for none); gives all that what is
        reached may depend on of it, None for nothing."""
        if group == _SOURCES:
            address = same_address(_text(_at(manifest, "spec", "url")))
            name = f"{manifest.get('kind')}/{_text(_at(manifest, 'metadata', 'name'))}"
            self._sources[key] = (name, address)
            return self._sources[key]
        leads = leads_of(path, group, manifest)
        is_kustomization = group == _KUSTOMIZE
        for lead in leads:
            if lead.source and (_deploys_itself(path, leads) or lead.source.endswith(f"/{BOOTSTRAP}")):
                self._own[key] = lead.source
        if is_kustomization:
            folder = posixpath.dirname(path)
            self._kustomized[folder] = self._kustomized.get(folder, 0) + 1
        if not leads and not is_kustomization:
            return None
        self._leads[key] = (path if is_kustomization else "", leads)
        placed = (path if attic else "", leads)
        for lead in leads:
            if attic_of(f"{lead.path}/"):
                self._into[key] = placed
            elif lead.walks:
                self._above.setdefault(lead.path, {})[key] = placed
        return self._leads[key]

    def take(self, key: Any) -> object:
        """Takes out what was put under the key; gives what putting it gave."""
        source = self._sources.pop(key, None)
        if source is not None:
            return source
        kept = self._leads.pop(key, None)
        if kept is None:
            return None
        self._own.pop(key, None)
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
        return kept

    def reached(self, attics: Iterable[str]) -> frozenset[str]:
        """The paths in these attics, and the attics, of which everything at or below them counts."""
        found: set[str] = set()
        wanted = set(attics)
        while True:
            more = {
                lead.path
                for path, leads in self._into.values()
                if _is_live(path, leads, found)
                for lead in leads
                if attic_of(f"{lead.path}/")
            }
            more |= {attic for attic in wanted - found if self._is_walked_into(attic, found)}
            if more <= found:
                return frozenset(found)
            found |= more

    def _is_walked_into(self, attic: str, found: set[str]) -> bool:
        """True where a live object takes in a folder above the attic, and nothing in between stops it."""
        folder, is_open = posixpath.dirname(attic), True
        while True:
            is_open = is_open and folder not in self._kustomized
            for path, leads in self._above.get(folder, {}).values():
                if _is_live(path, leads, found) and any(
                    lead.path == folder and lead.walks and (is_open or lead.passes) and self._is_here(lead)
                    for lead in leads
                ):
                    return True
            if not folder:
                return False
            folder = posixpath.dirname(folder)

    def _is_here(self, lead: Lead) -> bool:
        """False for another repository's root, which every folder of this one is below: where objects show what this
        repository's source is called, one of another name and address."""
        own = set(self._own.values())
        if lead.path or not lead.source or not own or lead.source in own:
            return True
        addresses = {address for name, address in self._sources.values() if name in own}
        return any(name == lead.source and address in addresses for name, address in self._sources.values())


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


def _deploys_itself(path: str, leads: Iterable[Lead]) -> bool:
    """True for what a bootstrap leaves behind: an object in the folder that it deploys."""
    return any(lead.walks and lead.path and path.startswith(f"{lead.path}/") for lead in leads)


def counts(path: str, reached: frozenset[str]) -> bool:
    """True where the file is in no attic, or in a part of it that counts."""
    return not attic_of(path) or _is_at(path, reached)


def _is_live(path: str, leads: Iterable[Lead], found: set[str]) -> bool:
    """True for an object in no attic ('' for its path), in a part of one that counts, or that deploys itself."""
    return not path or _is_at(path, found) or _deploys_itself(path, leads)


def _is_at(path: str, reached: Iterable[str] | frozenset[str]) -> bool:
    """True where the file or a folder that it is in is among them."""
    while path:
        if path in reached:
            return True
        path = posixpath.dirname(path)
    return False
