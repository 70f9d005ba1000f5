"""One kind, page by page: from one consistent state of the server, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from auditor.cluster.live.connection import Connection, RefusedError, TooLargeError
from auditor.cluster.live.discovery import ServedKind
from auditor.cluster.live.limits import Limits
from auditor.errors import ClusterError
from auditor.model import ListedKind

_GONE = 410


class PageSink(Protocol):
    """Takes the pages of one kind after another; a kind that was not read whole leaves nothing behind."""

    def begin(self) -> None:
        """A kind begins, or begins anew: what came of it before does not count."""
        ...

    def add(self, items: list[Mapping[str, Any]], size: int) -> None:
        """One page of objects, with apiVersion and kind; `size` is its bytes. Raises ClusterError over a limit."""
        ...


OnPage = Callable[[ServedKind, int], None]
"""Called after each page with the number of objects so far."""


@dataclass(slots=True)
class _Page:
    items: list[Mapping[str, Any]]
    resource_version: str
    size: int


def list_kind(
    connection: Connection, kind: ServedKind, sink: PageSink, limits: Limits, on_page: OnPage
) -> ListedKind:
    """Every object of the kind into `sink`, and what is to be said of the list.

    A server that has forgotten where it was (410) is asked from the start again. Raises ClusterError where the kind
    cannot be read whole.
    """
    for _ in range(limits.relists + 1):
        sink.begin()
        count, version = 0, ""
        try:
            for page in _pages(connection, kind, limits):
                sink.add(page.items, page.size)
                count += len(page.items)
                version = page.resource_version
                on_page(kind, count)
        except RefusedError as error:
            if error.status != _GONE:
                raise
            continue
        return ListedKind(
            group=kind.group,
            kind=kind.kind,
            api_version=kind.api_version,
            resource_version=version,
            objects=count,
        )
    raise ClusterError(
        f"the list was begun {limits.relists + 1} times, and the server forgot where it was each time (410)",
        hint="it is changing or compacting faster than it can be read from here",
    )


def _pages(connection: Connection, kind: ServedKind, limits: Limits) -> Iterator[_Page]:
    following, limit = "", limits.page_items
    seen: set[str] = set()
    while True:
        parameters: dict[str, str | int] = {"limit": limit}
        if following:
            parameters["continue"] = following
        try:
            answer = connection.get(kind.path, parameters)
        except TooLargeError:
            if limit == 1:
                raise
            limit = max(1, limit // 4)
            continue
        page, following = _read(answer.json(), kind, len(answer.body))
        yield page
        if not following:
            return
        if following in seen:
            raise ClusterError("the server gives the same page again and again")
        seen.add(following)


def _read(data: Any, kind: ServedKind, size: int) -> tuple[_Page, str]:
    metadata = data.get("metadata") if isinstance(data, Mapping) else None
    items = data.get("items") if isinstance(data, Mapping) else None
    if not isinstance(metadata, Mapping) or not (items is None or isinstance(items, list)):
        raise ClusterError("the answer is no list of objects")
    objects = [_whole(item, kind) for item in items or ()]
    version = str(metadata.get("resourceVersion") or "")
    return _Page(objects, version, size), str(metadata.get("continue") or "")


def _whole(item: Any, kind: ServedKind) -> Mapping[str, Any]:
    """The object with its kind, which lists of built-in kinds leave out."""
    metadata = item.get("metadata") if isinstance(item, Mapping) else None
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    if not isinstance(name, str) or not name:
        raise ClusterError("an object in the list has no metadata.name")
    return {**item, "apiVersion": kind.api_version, "kind": kind.kind}
