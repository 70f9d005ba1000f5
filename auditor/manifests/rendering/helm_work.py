"""One Helm release to render, with what decides its outcome and what is done to it afterwards."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from auditor.errors import RenderError, UnknownValuesError
from auditor.manifests.documents import parse
from auditor.manifests.limits import Limits
from auditor.manifests.rendering.chart_schemas import ReleaseRef, ValuesRefusedError
from auditor.manifests.rendering.charts import Chart
from auditor.manifests.rendering.helm import HELM, REFUSED_BY_SCHEMA, HelmOptions, HelmRenderer
from auditor.manifests.rendering.helm_post import SOURCE, PostRendered, post_rendered
from auditor.manifests.rendering.interface import RenderedDocument, RendererStoppedError, Rendering
from auditor.manifests.rendering.keys import RENDERING_VERSION
from auditor.manifests.rendering.kustomize import RENDERERS
from auditor.manifests.rendering.work import Afterwards, changed
from auditor.manifests.secrets import Redactor
from auditor.model import Document

MAX_RENDERED_BYTES = 64 * 1024 * 1024
_MAX_VALUES_BYTES = 16 * 1024 * 1024
_RENDERED = Limits(blob_bytes=MAX_RENDERED_BYTES, nodes=5_000_000, expanded_bytes=4 * MAX_RENDERED_BYTES)
_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*")
_LONGEST_NAME = 53


@dataclass(frozen=True, kw_only=True)
class Release:
    """What is asked of Helm. `values` are merged in order, each a mapping (JSON values), over the chart's own.

    `sets` are (option, argument) as on Helm's command line: `set`, `set-string`, `set-literal`, `set-json`.
    `set_files` are (path, text), for `--set-file`. `post` are kustomizations (`patches`, `images`) that the output
    goes through, in order, without the chart's `crds/`.
    """

    name: str
    namespace: str
    values: Sequence[Mapping[str, Any]] = ()
    sets: Sequence[tuple[str, str]] = ()
    set_files: Sequence[tuple[str, str]] = ()
    include_crds: bool = True
    kube_version: str = ""
    api_versions: Sequence[str] = ()
    is_upgrade: bool = False
    no_hooks: bool = False
    skip_tests: bool = True
    skip_schema: bool = False
    post: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, kw_only=True)
class HelmWork:
    """A Work: one release. `scope` is the cache's, None where nothing is kept. `lacks` names values that git does
    not hold: where it does not render without them, that says nothing of the repository. `refused` is set where its
    values are known not to fit: Helm renders nothing then. `about` is set where they were held against a schema."""

    chart: Chart
    release: Release
    redactor: Redactor
    path: str
    scope: str | None = None
    lacks: Sequence[str] = ()
    afterwards: Afterwards | None = None
    renderer: HelmRenderer = field(default=HELM)
    refused: ValuesRefusedError | None = None
    about: ReleaseRef | None = None
    value_files: Sequence[str] = ()
    """Files of the repository that values were taken from, the last most."""

    @property
    def folder(self) -> str:
        """The chart: a folder of the repository, or its name, version and repository."""
        return self.chart.where

    def files(self) -> frozenset[str]:
        """As ReadsFiles.files."""
        return frozenset(path for path in (*self.chart.origins.values(), self.path) if path)

    def possible_keys(self) -> tuple[str, ...]:
        """As Work.possible_keys."""
        if self.scope is None or not self.renderer.is_there():
            return ()
        # Keys are kept, so that what stands in them must tell no secret.
        release = {
            name: self.redactor.redact_value(_plain(getattr(self.release, name)))
            for name in self.release.__dataclass_fields__
        }
        parts = {
            "version": RENDERING_VERSION,
            "scope": self.scope,
            "renderer": [self.renderer.name, self.renderer.identity()],
            # Only what follows Helm needs Kustomize.
            "post": RENDERERS["kustomize"].identity() if self.release.post else "",
            "chart": self.chart.digest,
            "release": release,
            "lacks": list(self.lacks),
            "path": self.path,
            "afterwards": self.afterwards.key if self.afterwards else None,
            **({"refused": self.refused.message} if self.refused else {}),
        }
        return (hashlib.sha256(orjson.dumps(parts, option=_CANONICAL)).hexdigest(),)

    def run(self) -> tuple[str, Rendering]:
        """As Work.run."""
        key = next(iter(self.possible_keys()), "")
        if self.refused is not None:
            return key, Rendering(error=self.refused)
        try:
            return key, Rendering(documents=tuple(self._documents()))
        except RendererStoppedError as error:
            return "", Rendering(error=self._named(error))
        except RenderError as error:
            named = self._named(error)
            if self.about is not None and REFUSED_BY_SCHEMA in error.message:
                refused = ValuesRefusedError(named.message, about=self.about, path=self.path)
                return key, Rendering(error=refused)
            if self.lacks and type(error) is RenderError:
                message = f"{named.message} (values that git does not hold: {', '.join(self.lacks)})"
                return "", Rendering(error=UnknownValuesError(message, hint=named.hint))
            return key, Rendering(error=named)

    def _named(self, error: RenderError) -> RenderError:
        message = self.redactor.redact_text(f"{self.folder}: {error.message}")
        return type(error)(message, hint=error.hint)

    def _documents(self) -> Iterator[RenderedDocument]:
        rendered = self._rendered()
        parsed = parse(rendered.output, redactor=self.redactor, limits=_RENDERED)
        if parsed.problems:
            raise RenderError(f"what Helm wrote cannot be read: {parsed.problems[0].message}")
        sources = _Sources(rendered.output)
        for document in parsed.documents:
            template = sources.of(document)
            if rendered.templates and document.line > rendered.kept:
                document, template = rendered.settled(document)
            finished = changed(document, self.afterwards.change) if self.afterwards else document
            yield RenderedDocument(document=finished, sources=self._origins(template))

    def _rendered(self) -> PostRendered:
        """What Helm and what follows it write, not redacted. Raises as Renderer.render."""
        if not _NAME.fullmatch(self.release.name) or len(self.release.name) > _LONGEST_NAME:
            raise RenderError(
                f"{self.release.name[:200]!r} is no name of a release",
                hint=f"lower case letters, digits, - and ., {_LONGEST_NAME} at most",
            )
        root = Path(tempfile.mkdtemp(prefix="auditor-helm-"))
        try:
            self.chart.lay(root / "chart")
            output = self.renderer.template(root, "chart", self._options(root), max_bytes=MAX_RENDERED_BYTES)
            return post_rendered(output, self.release.post, root / "post")
        except OSError as error:
            raise RenderError(f"it cannot be laid out: {error.strerror}", hint="rename its files") from error
        finally:
            shutil.rmtree(root, ignore_errors=True)

    def _options(self, root: Path) -> HelmOptions:
        release = self.release
        names = []
        for number, values in enumerate(release.values):
            content = orjson.dumps(values, option=orjson.OPT_NON_STR_KEYS)
            if len(content) > _MAX_VALUES_BYTES:
                raise RenderError(
                    f"its values are larger than {_MAX_VALUES_BYTES} bytes", hint="shorten them"
                )
            names.append(f"values-{number}.json")
            (root / names[-1]).write_bytes(content)
        sets = list(release.sets)
        for number, (path, text) in enumerate(release.set_files):
            (root / f"file-{number}").write_text(text, encoding="utf-8")
            sets.append(("set-file", f"{path}=file-{number}"))
        return HelmOptions(
            name=release.name,
            namespace=release.namespace,
            values=names,
            sets=sets,
            include_crds=release.include_crds,
            kube_version=release.kube_version,
            api_versions=release.api_versions,
            is_upgrade=release.is_upgrade,
            skip_tests=release.skip_tests,
            no_hooks=release.no_hooks,
            skip_schema=release.skip_schema,
        )

    def _origins(self, source: str) -> tuple[str, ...]:
        """The repository's file of a template, as Helm names it: `<chart>/templates/x.yaml`; what the release is
        declared in comes second."""
        found = self.chart.origins.get(_inside(source, self.chart.origins), "")
        return tuple(dict.fromkeys(path for path in (found, self.path) if path)) if found else ()


_CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS


def _inside(source: str, known: Mapping[str, str]) -> str:
    """The path in the chart of a template as Helm names it: without the chart's name in front.

    A dependency `charts/<name>/…` may lie in `charts/<name>-<version>/…`, or in a package, which is then the file;
    under an alias it has another name altogether. '' where it cannot be told.
    """
    path = source.partition("/")[2]
    if path in known or not path.startswith("charts/"):
        return path if path in known else ""
    parts = path.split("/")
    for is_alias in (False, True):
        fitting = [candidate for candidate in known if _is_same(candidate.split("/"), parts, is_alias)]
        if fitting:
            return fitting[0] if len(fitting) == 1 else ""
    return ""


def _is_same(found: Sequence[str], named: Sequence[str], is_alias: bool) -> bool:
    if found[-1].endswith(".tgz") and len(found) < len(named):
        named = named[: len(found)]
    if len(found) != len(named):
        return False
    return all(
        one == other
        or (index > 0 and named[index - 1] == "charts" and (is_alias or one.startswith(f"{other}-")))
        for index, (one, other) in enumerate(zip(found, named, strict=True))
    )


class _Sources:
    """Which template each line of Helm's output comes from."""

    def __init__(self, output: bytes) -> None:
        text = output.decode("utf-8", "replace")
        self._marks: list[tuple[int, str]] = []
        line, counted = 1, 0
        for match in SOURCE.finditer(text):
            line += text.count("\n", counted, match.start())
            counted = match.start()
            self._marks.append((line, match[1]))
        self._at = 0

    def of(self, document: Document) -> str:
        """The template of a document; documents are asked for in the order of their lines."""
        while self._at + 1 < len(self._marks) and self._marks[self._at + 1][0] <= document.line:
            self._at += 1
        if not self._marks or self._marks[self._at][0] > document.line:
            return ""
        return self._marks[self._at][1]


def without_values(release: Release) -> Release:
    """The release with the chart's own values alone."""
    return replace(release, values=(), sets=(), set_files=())


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
