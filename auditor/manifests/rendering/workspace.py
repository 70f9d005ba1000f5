"""A scratch folder in which folders of a tree are rendered: regular files only, and only those that are needed."""

from __future__ import annotations

import itertools
import json
import os
import posixpath
import re
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from auditor.errors import RemoteReferenceError, RenderError
from auditor.manifests.documents import document_of, parse
from auditor.manifests.fragments import remote_references
from auditor.manifests.limits import Limits
from auditor.manifests.rendering.closure import TreeIndex, closure
from auditor.manifests.rendering.interface import RenderedDocument, Renderer, RendererStoppedError
from auditor.manifests.rendering.kustomizations import Kustomizations, generated_resources
from auditor.manifests.rendering.kustomize import RENDERERS
from auditor.manifests.secrets import Redactor
from auditor.model import Document, SourceTree

MAX_RENDERED_BYTES = 64 * 1024 * 1024
MAX_TREE_BYTES = 1024 * 1024 * 1024
_ORIGIN = "config.kubernetes.io/origin"
_ORIGIN_PATH = re.compile(r"^path: ['\"]?(.+?)['\"]?$", re.MULTILINE)
_RENDERED = Limits(blob_bytes=MAX_RENDERED_BYTES, nodes=5_000_000, expanded_bytes=4 * MAX_RENDERED_BYTES)


@dataclass(frozen=True, kw_only=True)
class Build:
    """One folder to build: the kustomization put around it, what is generated, the files that it may read."""

    folder: str
    around: str
    generated: Mapping[str, str]
    files: frozenset[str]


class Workspace:
    """A context manager around a scratch folder; builds may run in several threads, preparing them in one.

    Each build sees a folder of its own with the files that it may read (see `closure`). One that fails there is
    done again on the whole tree, and then that counts.
    """

    def __init__(
        self,
        tree: SourceTree,
        *,
        renderer: Renderer | None = None,
        is_manifest: Callable[[str], bool] | None = None,
    ) -> None:
        """`renderer` is Kustomize unless another is given. Nothing is written before the first build.

        `is_manifest` may tell that a file is one; where it denies, the file is read.
        """
        self._tree = tree
        self._is_manifest = is_manifest
        self.renderer = renderer or RENDERERS["kustomize"]
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._scratch: Path | None = None
        self._laid: set[str] = set()
        self._laid_bytes = 0
        self.kustomizations = Kustomizations.of(tree)
        self.index = TreeIndex.of(tree.paths())

    def __enter__(self) -> Workspace:
        self._scratch = Path(tempfile.mkdtemp(prefix="auditor-render-"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None

    @property
    def root(self) -> Path:
        """Where the files of the tree are laid out, as far as they were needed. Only within `with`."""
        if self._scratch is None:
            raise RuntimeError("the workspace is not open")
        return self._scratch / "tree"

    def prepare(
        self,
        folder: str,
        *,
        overlay: Mapping[str, Any] | None = None,
        components: Sequence[str] = (),
        edited: Mapping[str, Any] | None = None,
    ) -> Build:
        """The build of a folder; nothing is run or written.

        `overlay` are further fields of a kustomization around the folder (`namespace`, `patches`, …),
        `components` the folders of components to add, relative to `folder`. `edited` stands in the place of the
        folder's own kustomization, which there must be.
        A folder without a kustomization is taken as Flux takes it: every manifest below it. Raises
        RenderError where there is no such folder or something would have to be fetched.
        """
        folder = normal_folder(folder)
        generated: dict[str, str] = {}
        start = [folder]
        if folder not in self.kustomizations.manifests:
            if folder not in self.index.folders or not self.index.files:
                raise RenderError(f"there is no folder {folder or '.'} in the tree", hint="correct the path")
            resources = generated_resources(
                self._tree, self.kustomizations, folder, is_manifest=self._is_manifest
            )
            generated[posixpath.join(folder, "kustomization.yaml")] = json.dumps({"resources": resources})
            start += [posixpath.normpath(posixpath.join(folder, name)) for name in resources]
        if edited is not None:
            generated[self.kustomizations.files[folder]] = json.dumps(edited)
            self._refuse_addresses(edited, self.kustomizations.files[folder])
        added = [normal_folder(posixpath.join(folder, component)) for component in components]
        for name in (folder, *added):
            self._refuse_remote(name)
        around = {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            **(overlay or {}),
            "resources": [posixpath.normpath(f"../../tree/{folder}")],
            "components": [f"../../tree/{component}" for component in added],
            "buildMetadata": ["originAnnotations"],
        }
        files = closure(
            self.index,
            lambda name: edited if edited is not None and name == folder else self._manifest(name),
            [*start, *added],
        )
        return Build(
            folder=folder,
            around=json.dumps(around, sort_keys=True),
            generated=generated,
            files=frozenset(files),
        )

    def run(
        self,
        build: Build,
        *,
        redactor: Redactor,
        whole: bool = False,
        timeout_s: float = 30,
        max_bytes: int = MAX_RENDERED_BYTES,
    ) -> list[RenderedDocument]:
        """What a build gives, redacted, in Kustomize's order; of `whole` on the whole tree.

        Raises RenderError where Kustomize fails; RendererStoppedError over a limit.
        """
        folder, name = build.folder, "overlays/0"
        with self._lock:
            place = self.root.parent / "builds" / str(next(self._numbers))
            self._lay(place / "tree", self.index.files if whole else build.files)
        try:
            for path, text in {**build.generated, f"../{name}/kustomization.yaml": build.around}.items():
                target = place / "tree" / path
                target.parent.mkdir(parents=True, exist_ok=True)
                # What stands there is a link to what all builds share.
                target.unlink(missing_ok=True)
                target.write_text(text, encoding="utf-8")
            output = self.renderer.render(place, name, timeout_s=timeout_s, max_bytes=max_bytes)
        except RenderError as error:
            message = error.message.replace(f"/{name}", "").replace("/tree/", "").replace(name, folder or ".")
            raise type(error)(redactor.redact_text(message), hint=error.hint) from error
        finally:
            shutil.rmtree(place, ignore_errors=True)
        return _documents(output, name, redactor)

    def render(
        self,
        folder: str,
        *,
        redactor: Redactor,
        overlay: Mapping[str, Any] | None = None,
        components: Sequence[str] = (),
        timeout_s: float = 30,
        max_bytes: int = MAX_RENDERED_BYTES,
    ) -> list[RenderedDocument]:
        """What a folder renders to: `prepare`, and `run` on the closure, then on the whole tree."""
        build = self.prepare(folder, overlay=overlay, components=components)
        limits: dict[str, Any] = {"timeout_s": timeout_s, "max_bytes": max_bytes}
        try:
            return self.run(build, redactor=redactor, **limits)
        except RendererStoppedError:
            raise
        except RenderError:
            return self.run(build, redactor=redactor, whole=True, **limits)

    def _manifest(self, folder: str) -> Mapping[str, Any]:
        return self.kustomizations.manifests.get(folder, {})

    def _lay(self, place: Path, paths: Iterable[str]) -> None:
        """Links files into a build's folder; each is written once, when the first build wants it."""
        place.mkdir(parents=True)
        made = {place}
        for path in sorted(paths):
            source = self.root.joinpath(path)
            if path not in self._laid:
                content = self._tree.read(path)
                self._laid_bytes += len(content)
                if self._laid_bytes > MAX_TREE_BYTES:
                    raise RendererStoppedError(
                        f"what is rendered holds more than {MAX_TREE_BYTES} bytes of files",
                        hint="render a smaller repository, or check the large files out of it",
                    )
                source.parent.mkdir(parents=True, exist_ok=True)
                source.write_bytes(content)
                self._laid.add(path)
            target = place / path
            if target.parent not in made:
                target.parent.mkdir(parents=True, exist_ok=True)
                made.add(target.parent)
            os.link(source, target)

    def _refuse_remote(self, folder: str) -> None:
        for current in sorted(self.kustomizations.closure(folder)):
            self._refuse_addresses(self.kustomizations.manifests[current], self.kustomizations.files[current])

    @staticmethod
    def _refuse_addresses(manifest: Mapping[str, Any], where: str) -> None:
        remote = remote_references(manifest)
        if remote:
            raise RemoteReferenceError(
                f"{where} takes {remote[0]} from the network",
                hint="keep a copy of it in the repository: nothing is fetched while auditing",
            )


def normal_folder(path: str) -> str:
    """A folder's path without `./` and trailing slashes; the root is ''. Raises RenderError outside the tree."""
    folder = posixpath.normpath(path.lstrip("/")) if path.lstrip("/") else ""
    if folder == ".." or folder.startswith("../"):
        raise RenderError(f"{path} leads out of the tree", hint="correct the path")
    return "" if folder == "." else folder


def _documents(output: bytes, overlay: str, redactor: Redactor) -> list[RenderedDocument]:
    parsed = parse(output, redactor=redactor, limits=_RENDERED)
    if parsed.problems:
        raise RenderError(f"what Kustomize wrote cannot be read: {parsed.problems[0].message}")
    return [_without_origin(document, overlay) for document in parsed.documents]


def _without_origin(document: Document, overlay: str) -> RenderedDocument:
    metadata = dict(document.manifest.get("metadata") or {})
    annotations = dict(metadata.get("annotations") or {})
    origin = annotations.pop(_ORIGIN, None)
    if not isinstance(origin, str):
        return RenderedDocument(document=document)
    metadata["annotations"] = annotations
    if not annotations:
        del metadata["annotations"]
    match = _ORIGIN_PATH.search(origin)
    path = posixpath.normpath(posixpath.join(overlay, match[1])) if match else ""
    path = path.removeprefix("tree/") if path.startswith("tree/") else ""
    manifest = {**document.manifest, "metadata": metadata}
    clean = document_of(manifest, index=document.index, item=document.item, line=document.line)
    return RenderedDocument(document=clean, sources=(path,) if path else ())
