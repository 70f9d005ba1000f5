"""The operator's folder of fetched charts: by repository, name and version, each with the digest it was fetched with.

<folder>/<host and path>-<digest of the address>/<name>/<version>.tgz
<folder>/…/<version>.json: {"repository", "name", "version", "sha256", "tags", "manifest"}
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from auditor.errors import MissingChartError, RenderError
from auditor.manifests.rendering.archives import MAX_ARCHIVE_BYTES
from auditor.manifests.rendering.versions import best_of

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,199})")
_VERSION = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._+-]{0,199})")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, order=True)
class ChartRef:
    """A chart that something asks for. `repository` is an address as `of` writes it; `version` a version, a range,
    a tag or a manifest's digest (sha256:…), '' for the newest release."""

    repository: str
    name: str
    version: str = ""

    @classmethod
    def of(cls, repository: str, name: str, version: str = "") -> ChartRef:
        """A reference with the address in one form. An OCI address may hold the chart's name already."""
        address = repository.strip().rstrip("/")
        parts = urlsplit(address)
        if parts.scheme == "oci" and name == "":
            above, _, name = address.rpartition("/")
            address = above
        scheme, _, rest = address.partition("://")
        host, slash, path = rest.partition("/")
        if scheme == "oci" and "/" in name:
            further, _, name = name.rpartition("/")
            path, slash = f"{path}/{further}".strip("/"), "/"
        # A user or password in an address is no part of its name, and must not get into a file's.
        return cls(
            f"{scheme.lower()}://{host.rpartition('@')[2].lower()}{slash}{path}", name, version.strip()
        )

    def __str__(self) -> str:
        return f"chart {self.name} version {self.version or '*'} of {self.repository}"


@dataclass(frozen=True, kw_only=True, slots=True)
class CachedChart:
    """A chart in the folder. `manifest` is the digest of its OCI manifest, `tags` the tags that named it."""

    repository: str
    name: str
    version: str
    sha256: str
    path: Path
    tags: tuple[str, ...] = ()
    manifest: str = ""


@dataclass
class ChartCache:
    """Reads and fills the folder; None has none. `asked` is everything that was asked for and what was found."""

    folder: Path | None
    asked: dict[ChartRef, str] = field(default_factory=dict)
    _known: dict[tuple[str, str], list[CachedChart]] = field(default_factory=dict)

    def find(self, wanted: ChartRef) -> CachedChart:
        """The chart that fits best: named so exactly, else by tag, digest, or the highest version in the range.

        Raises MissingChartError, RenderError for a reference that names no chart.
        """
        if not _NAME.fullmatch(wanted.name):
            raise RenderError(f"{wanted.name[:200]!r} is no name of a chart", hint="correct it")
        known = self._charts(wanted.repository, wanted.name)
        found = _chosen(known, wanted)
        self.asked[wanted] = found.version if found else ""
        if found is None:
            raise MissingChartError(
                f"not rendered: {wanted} is not in the cache",
                hint="`auditor fetch-charts` fetches what the repository needs",
            )
        return found

    def content(self, chart: CachedChart) -> bytes:
        """The package. Raises RenderError where it is not what was fetched."""
        what = f"chart {chart.name} {chart.version}"
        try:
            if chart.path.stat().st_size > MAX_ARCHIVE_BYTES:
                raise RenderError(f"{what} in the cache is too large", hint="fetch it anew")
            content = chart.path.read_bytes()
        except OSError as error:
            raise RenderError(f"{what} in the cache cannot be read: {error}", hint="fetch it anew") from error
        if hashlib.sha256(content).hexdigest() != chart.sha256:
            raise RenderError(
                f"{what} in the cache is not what was fetched: its digest differs", hint="fetch it anew"
            )
        return content

    def keep(
        self, chart: ChartRef, content: bytes, *, tags: Sequence[str] = (), manifest: str = ""
    ) -> CachedChart:
        """Stores a package whose exact version `chart` gives; raises RenderError for a name that is no file's."""
        if self.folder is None:
            raise RenderError("there is no folder for charts", hint="configure `rendering.charts`")
        if not _NAME.fullmatch(chart.name) or not _VERSION.fullmatch(chart.version):
            raise RenderError(f"{chart} has no name to store it under", hint="it is not stored")
        place = self._place(chart.repository, chart.name)
        place.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(content).hexdigest()
        known = next(
            (one for one in self._charts(chart.repository, chart.name) if one.version == chart.version), None
        )
        kept = CachedChart(
            repository=chart.repository,
            name=chart.name,
            version=chart.version,
            sha256=digest,
            path=place / f"{chart.version.replace('+', '_')}.tgz",
            tags=tuple(sorted({*tags, *(known.tags if known and known.sha256 == digest else ())})),
            manifest=manifest,
        )
        facts = {key: value for key, value in asdict(kept).items() if key != "path"}
        _write(kept.path, content)
        _write(kept.path.with_name(f"{kept.path.stem}.json"), orjson.dumps(facts, option=orjson.OPT_INDENT_2))
        self._known.pop((chart.repository, chart.name), None)
        return kept

    def state(self) -> str:
        """Other text whenever the folder may give other charts."""
        if self.folder is None or not self.folder.is_dir():
            return ""
        whole = hashlib.sha256()
        for path in sorted(self.folder.glob("*/*/*.json")):
            whole.update(path.read_bytes())
        return whole.hexdigest()

    def _charts(self, repository: str, name: str) -> list[CachedChart]:
        key = (repository, name)
        if key not in self._known:
            place = self._place(repository, name) if self.folder is not None else None
            files: Iterable[Path] = (
                sorted(place.glob("*.json")) if place is not None and place.is_dir() else ()
            )
            found = (_read(file, ChartRef(repository, name)) for file in files)
            self._known[key] = [chart for chart in found if chart is not None]
        return self._known[key]

    def _place(self, repository: str, name: str) -> Path:
        assert self.folder is not None  # noqa: S101 - callers ask
        shown = re.sub(r"[^A-Za-z0-9.-]+", "_", repository.partition("://")[2])[:80].strip("._")
        return self.folder / f"{shown}-{hashlib.sha256(repository.encode()).hexdigest()[:12]}" / name


def _chosen(known: Sequence[CachedChart], wanted: ChartRef) -> CachedChart | None:
    for chart in known:
        if wanted.version and wanted.version in (chart.version, chart.manifest):
            return chart
    for chart in known:
        if wanted.version and wanted.version in chart.tags:
            return chart
    if _DIGEST.fullmatch(wanted.version):
        return None
    try:
        version = best_of([chart.version for chart in known], wanted.version)
    except RenderError:
        return None  # a tag that is no version, and that no package was fetched by
    return next((chart for chart in known if chart.version == version), None)


def _read(file: Path, wanted: ChartRef) -> CachedChart | None:
    """A chart's facts; None where the file tells of another or says nothing."""
    try:
        facts: Any = orjson.loads(file.read_bytes())
        chart = CachedChart(
            repository=str(facts["repository"]),
            name=str(facts["name"]),
            version=str(facts["version"]),
            sha256=str(facts["sha256"]),
            path=file.with_suffix(".tgz") if file.suffix == ".json" else file,
            tags=tuple(map(str, facts.get("tags") or ())),
            manifest=str(facts.get("manifest") or ""),
        )
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return None
    return chart if (chart.repository, chart.name) == (wanted.repository, wanted.name) else None


def _write(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".fetching-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
