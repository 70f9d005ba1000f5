"""A scratch folder in which folders of a tree are rendered: regular files only, and only those that are needed."""

from __future__ import annotations

import itertools
import json
import os
import posixpath
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from auditor.errors import MissingFolderError, RenderError
from auditor.manifests.fragments import fragments_of, references_of
from auditor.manifests.layout import is_kustomization_name
from auditor.manifests.rendering.build import Build, in_the_tree, is_schema_free
from auditor.manifests.rendering.built import MAX_RENDERED_BYTES, SHOW_ORIGIN, Change, built_documents
from auditor.manifests.rendering.closure import TreeIndex, closure
from auditor.manifests.rendering.interface import (
    RenderedDocument,
    Renderer,
    RendererStoppedError,
    TakesSchema,
)
from auditor.manifests.rendering.kustomizations import Kustomizations, generated_resources
from auditor.manifests.rendering.kustomize import RENDERERS
from auditor.manifests.rendering.schema_need import EMPTY_SCHEMA, EMPTY_SCHEMA_NAME
from auditor.manifests.rendering.taken_in import (
    refuse_addresses,
    refuse_fetching_plugins,
    refuse_leading_out,
)
from auditor.manifests.secrets import Redactor
from auditor.model import JsonObject, SourceTree

MAX_TREE_BYTES = 1024 * 1024 * 1024


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
        `components` the folders of components to add, relative to `folder`. `edited` is put in the place of the
        folder's own kustomization, as Flux and Argo CD edit it; then nothing is put around.
        A folder without a kustomization is taken as Flux takes it: every manifest below it. Raises
        RenderError where there is no such folder or something would have to be fetched.
        """
        folder = normal_folder(folder)
        generated: dict[str, str] = {}
        start = [folder]
        if edited is not None:
            start += _local(edited, folder)
        elif folder not in self.kustomizations.manifests:
            resources = self.manifests_below(folder)
            generated[posixpath.join(folder, "kustomization.yaml")] = json.dumps({"resources": resources})
            start += [posixpath.normpath(posixpath.join(folder, name)) for name in resources]
        added = [normal_folder(posixpath.join(folder, component)) for component in components]
        for name in (*start, *added):
            self._refuse_remote(name)
        files = frozenset(
            closure(
                self.index,
                lambda name: edited if edited is not None and name == folder else self._manifest(name),
                [*start, *added],
            )
        )
        self._refuse_outside(files, except_for=folder if edited is not None else None)
        kustomizations = [
            self._manifest(posixpath.dirname(path)) for path in filter(is_kustomization_name, files)
        ]
        refuse_fetching_plugins(
            [*kustomizations, edited or {}], sorted(files), self._tree.read, folder or "."
        )
        if edited is not None:
            return self._in_place(folder, edited, files)
        around = {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            **(overlay or {}),
            "resources": [posixpath.normpath(f"../../tree/{folder}")],
            "components": [f"../../tree/{component}" for component in added],
            "buildMetadata": ["originAnnotations"],
        }
        return Build(
            folder=folder, around=json.dumps(around, sort_keys=True), generated=generated, files=files
        )

    def manifests_below(self, folder: str, *, is_manifest: Callable[[str], bool] | None = None) -> list[str]:
        """What a folder without a kustomization takes in, relative to it. `is_manifest` decides which YAML files are
        manifests, in the place of their content. Raises RenderError where there is no such folder."""
        if folder not in self.index.folders or not self.index.files:
            raise MissingFolderError(
                f"there is no folder {folder or '.'} in the tree", hint="correct the path"
            )
        return generated_resources(
            self._tree, self.kustomizations, folder, is_manifest=is_manifest or self._is_manifest
        )

    def _in_place(self, folder: str, edited: Mapping[str, Any], files: frozenset[str]) -> Build:
        path = self.kustomizations.files.get(folder, posixpath.join(folder, "kustomization.yaml"))
        refuse_addresses(edited, path)
        refuse_leading_out(edited, folder, path)
        metadata = edited.get("buildMetadata")
        metadata = (
            [entry for entry in metadata if isinstance(entry, str)] if isinstance(metadata, list) else []
        )
        shows_origin = SHOW_ORIGIN in metadata
        if not shows_origin:
            metadata.append(SHOW_ORIGIN)
        text = json.dumps({**edited, "buildMetadata": metadata}, sort_keys=True)
        return Build(folder=folder, around="", generated={path: text}, files=files, shows_origin=shows_origin)

    def run(
        self,
        build: Build,
        *,
        redactor: Redactor,
        whole: bool = False,
        change: Change | None = None,
        keeps: Callable[[JsonObject], bool] | None = None,
        timeout_s: float = 30,
        max_bytes: int = MAX_RENDERED_BYTES,
    ) -> list[RenderedDocument]:
        """What a build gives, redacted, in Kustomize's order; of `whole` on the whole tree.

        `change` is done to every manifest before it is redacted, `keeps` tells which then count. Raises RenderError where Kustomize fails, or
        `change`; RendererStoppedError over a limit.
        """
        folder, name = build.folder, "overlays/0" if build.around else f"tree/{build.folder}".rstrip("/")
        with self._lock:
            place = self.root.parent / "builds" / str(next(self._numbers))
            self._lay(place / "tree", self.index.files if whole else build.files)
        try:
            for path, text in build.written.items():
                _write(place / "tree" / path, text)
            limits: dict[str, Any] = {"timeout_s": timeout_s, "max_bytes": max_bytes}
            quick = None if whole else self._without_schema(build, place, name, limits)
            output = self.renderer.render(place, name, **limits) if quick is None else quick
            return built_documents(
                output, name, redactor=redactor, change=change, keeps=keeps, shows_origin=build.shows_origin
            )
        except RenderError as error:
            message = in_the_tree(error.message, name, folder)
            raise type(error)(redactor.redact_text(message), hint=error.hint) from error
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def _without_schema(
        self, build: Build, place: Path, name: str, limits: Mapping[str, Any]
    ) -> bytes | None:
        """What the build gives without the built-in schema, None where it could be something else, or nothing."""
        if not isinstance(self.renderer, TakesSchema) or not is_schema_free(
            build, self.kustomizations, self.index, place / "tree"
        ):
            return None
        # What is written last is what is built: a kustomization of ours, as JSON.
        path, text = list(build.written.items())[-1]
        schema = (place / "tree" / path).with_name(EMPTY_SCHEMA_NAME)
        if schema.exists() or not self.renderer.takes_schema():
            return None
        schema.write_text(EMPTY_SCHEMA, encoding="utf-8")
        _write(place / "tree" / path, json.dumps({**json.loads(text), "openapi": {"path": schema.name}}))
        try:
            return self.renderer.render(place, name, **limits)
        except RendererStoppedError:
            raise
        except RenderError:
            schema.unlink()
            _write(place / "tree" / path, text)
            return None

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

    def _refuse_outside(self, files: frozenset[str], *, except_for: str | None) -> None:
        """No kustomization that a build may read takes in a folder outside the tree: Kustomize would go there."""
        for path in sorted(filter(is_kustomization_name, files)):
            folder = posixpath.dirname(path)
            if folder in self.kustomizations.opaque:
                what = f"{path} cannot be read, and so nobody can tell what it takes in"
                raise RenderError(what, hint="`auditor check` says at which line")
            if folder != except_for:
                refuse_leading_out(self._manifest(folder), folder, path)

    def _refuse_remote(self, folder: str) -> None:
        for current in sorted(self.kustomizations.closure(folder)):
            refuse_addresses(self.kustomizations.manifests[current], self.kustomizations.files[current])


def normal_folder(path: str) -> str:
    """A folder's path without `./` and trailing slashes; the root is ''. Raises RenderError outside the tree."""
    folder = posixpath.normpath(path.lstrip("/")) if path.lstrip("/") else ""
    if folder == ".." or folder.startswith("../"):
        raise RenderError(f"{path} leads out of the tree", hint="correct the path")
    return "" if folder == "." else folder


def _write(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    # What stands there is a link to what all builds share.
    target.unlink(missing_ok=True)
    target.write_text(text, encoding="utf-8")


def _local(edited: Mapping[str, Any], folder: str) -> list[str]:
    """The files and folders that an edited kustomization names."""
    names = [*references_of(edited), *fragments_of(edited)]
    return [posixpath.normpath(posixpath.join(folder, name)) for name in names]
