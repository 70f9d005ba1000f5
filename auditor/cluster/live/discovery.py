"""What an API server serves: every kind that can be listed, custom ones included, each in one version.

Aggregated discovery (`/api` and `/apis` in one answer each, Kubernetes 1.26 and later) is asked for first; a server
that does not know it answers as ever, and then each group is asked for its kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from auditor.cluster.live.connection import Connection, RefusedError, SilentError, TooLargeError
from auditor.errors import ClusterError
from auditor.model import UnreadKind

_AGGREGATED = (
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,"
    "application/json"
)


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class ServedKind:
    """A kind that can be listed. `resource` is its plural name in addresses."""

    group: str
    kind: str
    version: str
    resource: str

    @property
    def api_version(self) -> str:
        """As `apiVersion` has it."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def path(self) -> str:
        """Where all of them are listed, over all namespaces."""
        root = f"/apis/{quote(self.group, safe='')}" if self.group else "/api"
        return f"{root}/{quote(self.version, safe='')}/{quote(self.resource, safe='')}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """What can be listed, and the groups of which that could not be learnt (`kind` '*')."""

    kinds: tuple[ServedKind, ...]
    unread: tuple[UnreadKind, ...]


@dataclass
class _Version:
    name: str
    kinds: dict[str, str] = field(default_factory=dict)
    """The kind by its resource's name."""


_Group = list[_Version]


def discover(connection: Connection, *, prefer: Collection[str] = ()) -> Served:
    """Every kind that can be listed, sorted.

    Each is taken in the version that git declares it in, where it is served (`prefer`: apiVersions), else in the one
    that the server prefers. Raises ClusterError where nothing can be learnt at all.
    """
    groups: dict[str, _Group] = {}
    unread: list[UnreadKind] = []
    for root, ask_each in (("/api", _core), ("/apis", _named)):
        answer = connection.get(root, accept=_AGGREGATED).json()
        if not isinstance(answer, Mapping):
            raise ClusterError(f"the API server's answer to {root} is no discovery document")
        if answer.get("kind") == "APIGroupDiscoveryList":
            _aggregated(answer, groups, unread)
        else:
            ask_each(connection, answer, groups, unread)
    return Served(kinds=tuple(sorted(_chosen(groups, frozenset(prefer)))), unread=tuple(unread))


def _aggregated(answer: Mapping[str, Any], groups: dict[str, _Group], unread: list[UnreadKind]) -> None:
    for item in _mappings(answer.get("items")):
        group = str(_mapping(item.get("metadata")).get("name") or "")
        for entry in _mappings(item.get("versions")):
            version = _Version(str(entry.get("version") or ""))
            if entry.get("freshness") == "Stale":
                reason = f"the extension server of {group}/{version.name} does not answer, so its kinds are not known"
                unread.append(UnreadKind(group=group, kind="*", reason=reason))
                continue
            for resource in _mappings(entry.get("resources")):
                if "list" in (resource.get("verbs") or ()):
                    kind = _mapping(resource.get("responseKind")).get("kind")
                    version.kinds[str(resource.get("resource"))] = str(kind or "")
            groups.setdefault(group, []).append(version)


def _core(
    connection: Connection, answer: Mapping[str, Any], groups: dict[str, _Group], unread: list[UnreadKind]
) -> None:
    for name in answer.get("versions") or ():
        _ask(connection, "", str(name), f"/api/{quote(str(name), safe='')}", groups, unread)


def _named(
    connection: Connection, answer: Mapping[str, Any], groups: dict[str, _Group], unread: list[UnreadKind]
) -> None:
    for group in _mappings(answer.get("groups")):
        name = str(group.get("name") or "")
        preferred = str(_mapping(group.get("preferredVersion")).get("version") or "")
        versions = [str(entry.get("version") or "") for entry in _mappings(group.get("versions"))]
        for version in sorted(versions, key=lambda text: text != preferred):
            path = f"/apis/{quote(name, safe='')}/{quote(version, safe='')}"
            _ask(connection, name, version, path, groups, unread)


def _ask(
    connection: Connection,
    group: str,
    name: str,
    path: str,
    groups: dict[str, _Group],
    unread: list[UnreadKind],
) -> None:
    try:
        answer = connection.get(path).json()
    except (RefusedError, SilentError, TooLargeError) as error:
        unread.append(UnreadKind(group=group, kind="*", reason=f"its kinds are not known: {error.message}"))
        return
    version = _Version(name)
    for resource in _mappings(_mapping(answer).get("resources")):
        plural = str(resource.get("name") or "")
        if "/" not in plural and "list" in (resource.get("verbs") or ()):
            version.kinds[plural] = str(resource.get("kind") or "")
    groups.setdefault(group, []).append(version)


def _chosen(groups: Mapping[str, _Group], prefer: frozenset[str]) -> Iterator[ServedKind]:
    for group, versions in groups.items():
        taken: set[str] = set()
        for version in _by_preference(group, versions, prefer):
            for resource, kind in version.kinds.items():
                if resource not in taken and resource and kind:
                    taken.add(resource)
                    yield ServedKind(group=group, kind=kind, version=version.name, resource=resource)


def _by_preference(group: str, versions: Iterable[_Version], prefer: frozenset[str]) -> list[_Version]:
    """Declared versions first, else in the server's order, which `sorted` keeps."""
    is_other: Callable[[_Version], bool] = lambda version: f"{group}/{version.name}" not in prefer  # noqa: E731
    return sorted(versions, key=is_other)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []
