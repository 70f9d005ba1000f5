"""Chart repositories over HTTP: `index.yaml`, and packages checked against the digest that it gives."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from auditor.errors import FetchError
from auditor.manifests.limits import Limits
from auditor.manifests.reading import read_blob
from auditor.manifests.rendering.archives import MAX_ARCHIVE_BYTES
from auditor.manifests.rendering.chart_cache import ChartRef
from auditor.manifests.rendering.versions import best_of
from auditor.pipeline.fetching.web import Web

MAX_INDEX_BYTES = 64 * 1024 * 1024
_LIMITS = Limits(blob_bytes=MAX_INDEX_BYTES, nodes=10_000_000, expanded_bytes=4 * MAX_INDEX_BYTES)


@dataclass(frozen=True, kw_only=True, slots=True)
class Download:
    """A package. `version` is the one that was found, `tags` and `manifest` as in CachedChart; `note` says what was
    not checked."""

    version: str
    content: bytes
    tags: tuple[str, ...] = ()
    manifest: str = ""
    note: str = ""


class HttpRepositories:
    """Reads indexes, each once."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._indexes: dict[str, Mapping[str, Any]] = {}

    def fetch(self, wanted: ChartRef) -> Download:
        """The newest version in the range. Raises FetchError."""
        entries = self._index(wanted.repository).get(wanted.name)
        found = [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
        by_version = {str(entry.get("version", "")): entry for entry in reversed(found)}
        version = best_of(by_version, wanted.version)
        if version is None:
            raise FetchError(f"the repository has no such version: {wanted}", hint="correct it")
        entry = by_version[version]
        urls = entry.get("urls")
        if not isinstance(urls, list) or not urls or not isinstance(urls[0], str):
            raise FetchError(f"the index of {wanted.repository} gives no address of {wanted.name} {version}")
        url = urljoin(f"{wanted.repository}/", urls[0])
        content = self._web.get(url, max_bytes=MAX_ARCHIVE_BYTES).body
        digest = str(entry.get("digest") or "").removeprefix("sha256:").lower()
        if digest and hashlib.sha256(content).hexdigest() != digest:
            raise FetchError(
                f"{wanted.name} {version} is not what the index of {wanted.repository} says: its digest differs",
                hint="it was not stored",
            )
        note = "" if digest else "the index gives no digest to check it by"
        return Download(version=version, content=content, note=note)

    def _index(self, repository: str) -> Mapping[str, Any]:
        if repository not in self._indexes:
            body = self._web.get(f"{repository}/index.yaml", max_bytes=MAX_INDEX_BYTES).body
            read = read_blob(body, _LIMITS, untyped=True)
            value = read.documents[0].value if read.documents else None
            entries = value.get("entries") if isinstance(value, dict) else None
            if not isinstance(entries, dict):
                reason = read.problems[0].message if read.problems else "it has no `entries`"
                raise FetchError(f"{repository}/index.yaml is no index of charts: {reason}")
            self._indexes[repository] = entries
        return self._indexes[repository]
