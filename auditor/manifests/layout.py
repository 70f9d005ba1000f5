"""What a file is for, given the other files of its tree.

A patch, a chart's template and a values file look like manifests and are none: judged as they stand they
would bury real findings under false ones. What a file is depends on the tree at that commit, so `Layout`
follows a history and says which files changed their role although nobody touched them.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum

from auditor.manifests.documents import KUSTOMIZATION_NAMES
from auditor.manifests.sourcenames import is_source_name
from auditor.model import ParsedBlob

_SUFFIXES = (".yaml", ".yml", ".json")
_VALUES = re.compile(r"values[^/]*\.(?:ya?ml|json)\Z")
_CHART_FILES = frozenset(
    {
        "Chart.yaml",
        "Chart.lock",
        "requirements.yaml",
        "requirements.lock",
        "values.schema.json",
        "artifacthub-repo.yml",
    }
)


class FileRole(StrEnum):
    """What a file is for. Manifests, kustomizations and sources (Terraform, Dockerfiles) are judged as they stand."""

    MANIFEST = "manifest"
    KUSTOMIZATION = "kustomization"
    FRAGMENT = "fragment"
    CHART_TEMPLATE = "chart-template"
    CHART_VALUES = "chart-values"
    CHART = "chart"
    SOURCE = "source"
    OTHER = "other"


_JUDGED = frozenset({FileRole.MANIFEST, FileRole.KUSTOMIZATION, FileRole.SOURCE})


def is_candidate(path: str) -> bool:
    """True where the name says that Kubernetes manifests may be in it.

    No folder is left out by name: whatever a GitOps tool is pointed at, it applies. Nor is a name that git has
    to quote, or a quotation mark in front would hide a file.
    """
    path = _unquoted(path)
    return path.endswith(_SUFFIXES) or _base(path) == "Kustomization"


def is_kustomization_name(path: str) -> bool:
    """True for the names that Kustomize looks for."""
    return KUSTOMIZATION_NAMES.search(_unquoted(path)) is not None


def _unquoted(path: str) -> str:
    """A path as git writes it without the quotes around it, which names that are no UTF-8 get."""
    return path[1:-1] if path.startswith('"') and path.endswith('"') else path


def _folder(path: str) -> str:
    """The folder of a path in a tree, where no path begins with or doubles a '/'."""
    return path.rpartition("/")[0]


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def chart_folders(paths: Iterable[str]) -> frozenset[str]:
    """Every folder that holds a `Chart.yaml`; the root is ''."""
    return frozenset(_folder(path) for path in paths if _base(path) == "Chart.yaml")


def fragments_at(path: str, fragments: Iterable[str]) -> frozenset[str]:
    """The tree paths of what the kustomization at `path` lists; what leaves the tree is left out."""
    folder = _folder(path)
    resolved = (posixpath.normpath(posixpath.join(folder, fragment)) for fragment in fragments if fragment)
    return frozenset(
        entry for entry in resolved if not entry.startswith(("/", "../")) and entry not in ("..", ".")
    )


def role(
    path: str,
    *,
    is_chart_folder: Callable[[str], bool],
    is_fragment: Callable[[str], bool],
    is_kustomization: Callable[[str], bool],
) -> FileRole:
    """What the file at `path` is for; the callables say what the rest of the tree makes of paths."""
    if is_source_name(_unquoted(path)):
        return FileRole.SOURCE
    if not is_candidate(path):
        return FileRole.OTHER
    in_chart = _role_in_chart(path, is_chart_folder)
    if in_chart is not None:
        return in_chart
    if is_fragment(path):
        return FileRole.FRAGMENT
    return FileRole.KUSTOMIZATION if is_kustomization(path) else FileRole.MANIFEST


def _role_in_chart(path: str, is_chart_folder: Callable[[str], bool]) -> FileRole | None:
    """The role that the nearest chart above gives; None for its CRDs and for what is no part of it."""
    end = len(path)
    while end > 0:
        end = path.rfind("/", 0, end)
        if not is_chart_folder(path[: max(end, 0)]):
            continue
        within = path[end + 1 :].split("/")
        if within[0] == "templates" and len(within) > 1:
            return FileRole.CHART_TEMPLATE
        if len(within) == 1:
            if within[0] in _CHART_FILES:
                return FileRole.CHART
            if _VALUES.match(within[0]):
                return FileRole.CHART_VALUES
        if within[0] == "ci" and len(within) == 2:
            return FileRole.CHART_VALUES
    return None


class Layout:
    """The roles of a tree's files while its history is replayed.

    Each `apply` costs what the change touches: a kustomization's fragments, a chart's files; never the
    size of the tree.
    """

    def __init__(self) -> None:
        self._is_kustomization: dict[str, bool] = {}
        self._lists: dict[str, frozenset[str]] = {}
        self._listed: Counter[str] = Counter()
        self._charts: set[str] = set()
        self._children: defaultdict[str, set[str]] = defaultdict(set)

    def apply(self, added: Mapping[str, ParsedBlob | None], removed: Iterable[str]) -> frozenset[str]:
        """Takes one change of the tree: files added or modified, and files removed.

        A parsed blob is None where the file was not read. Gives every path whose role changed although
        it is in neither of the two.
        """
        gone = set(removed)
        touched = gone | added.keys()
        affected = {path for path in self._affected(added, gone) if path in self._is_kustomization} - touched
        before = {path: self.role(path) for path in affected}
        for path in gone:
            self._remove(path)
        for path, blob in added.items():
            self._remove(path)
            self._add(path, blob)
        return frozenset(path for path, old in before.items() if self.role(path) is not old)

    def role(self, path: str) -> FileRole:
        """What the file is for in the tree as it is now."""
        return role(
            path,
            is_chart_folder=self._charts.__contains__,
            is_fragment=lambda entry: self._listed[entry] > 0,
            is_kustomization=lambda entry: self._is_kustomization.get(entry, False),
        )

    def is_judged(self, path: str) -> bool:
        """True where the file is judged as it stands."""
        return self.role(path) in _JUDGED

    def _add(self, path: str, blob: ParsedBlob | None) -> None:
        self._is_kustomization[path] = blob is not None and blob.is_kustomization
        child = path
        while child:
            folder = _folder(child)
            if child in self._children[folder]:
                break
            self._children[folder].add(child)
            child = folder
        if _base(path) == "Chart.yaml":
            self._charts.add(_folder(path))
        if blob is not None and blob.is_kustomization and is_kustomization_name(path):
            self._lists[path] = fragments_at(path, blob.fragments)
            self._listed.update(self._lists[path])

    def _remove(self, path: str) -> None:
        if self._is_kustomization.pop(path, None) is None:
            return
        child = path
        while child and (child == path or not self._children.get(child)):
            folder = _folder(child)
            self._children[folder].discard(child)
            if not self._children[folder]:
                del self._children[folder]
            child = folder
        if _base(path) == "Chart.yaml":
            self._charts.discard(_folder(path))
        for fragment in self._lists.pop(path, ()):
            self._listed[fragment] -= 1
            if self._listed[fragment] <= 0:
                del self._listed[fragment]

    def _affected(self, added: Mapping[str, ParsedBlob | None], gone: Iterable[str]) -> Iterator[str]:
        for path in gone:
            yield from self._lists.get(path, ())
            if _base(path) == "Chart.yaml":
                yield from self._chart_files(_folder(path))
        for path, blob in added.items():
            yield from self._lists.get(path, ())
            if blob is not None and is_kustomization_name(path):
                yield from fragments_at(path, blob.fragments)
            if _base(path) == "Chart.yaml" and _folder(path) not in self._charts:
                yield from self._chart_files(_folder(path))

    def _chart_files(self, folder: str) -> Iterator[str]:
        """The files that a chart at `folder` claims: those directly in it, its templates and test values."""
        for child in self._children.get(folder, ()):
            if child in self._is_kustomization:
                yield child
        for name in ("templates", "ci"):
            pending = [posixpath.join(folder, name)]
            while pending:
                for child in self._children.get(pending.pop(), ()):
                    if child in self._is_kustomization:
                        yield child
                    else:
                        pending.append(child)
