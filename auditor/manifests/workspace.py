"""A scratch copy of a tree in which folders are rendered: regular files only, one copy for many renders."""

from __future__ import annotations

import itertools
import json
import posixpath
import re
import shutil
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from auditor.errors import RemoteReferenceError, RenderError
from auditor.manifests.documents import document_of, parse
from auditor.manifests.fragments import references_of, remote_references
from auditor.manifests.interface import Renderer
from auditor.manifests.kustomize import RENDERERS
from auditor.manifests.layout import is_kustomization_name
from auditor.manifests.limits import Limits
from auditor.manifests.reading import read_blob
from auditor.manifests.secrets import Redactor
from auditor.model import Document, SourceTree

MAX_RENDERED_BYTES = 64 * 1024 * 1024
MAX_TREE_BYTES = 1024 * 1024 * 1024
_ORIGIN = "config.kubernetes.io/origin"
_ORIGIN_PATH = re.compile(r"^path: ['\"]?(.+?)['\"]?$", re.MULTILINE)
_RENDERED = Limits(blob_bytes=MAX_RENDERED_BYTES, nodes=5_000_000, expanded_bytes=4 * MAX_RENDERED_BYTES)


@dataclass(frozen=True, kw_only=True, slots=True)
class RenderedDocument:
    """A rendered document and the tree's files it was made of (its origin), where Kustomize told."""

    document: Document
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Kustomizations:
    """Every kustomization of a tree, by folder: what it holds and which folders it takes in."""

    files: Mapping[str, str]
    manifests: Mapping[str, Mapping[str, Any]]
    references: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, tree: SourceTree) -> Kustomizations:
        """Reads every kustomization of the tree; one that cannot be read is there, and empty."""
        files: dict[str, str] = {}
        manifests: dict[str, Mapping[str, Any]] = {}
        for path in tree.paths():
            if is_kustomization_name(path):
                folder = posixpath.dirname(path)
                values = [entry.value for entry in read_blob(tree.read(path), Limits()).documents]
                files[folder] = path
                manifests[folder] = next((value for value in values if isinstance(value, dict)), {})
        references = {
            folder: frozenset(
                posixpath.normpath(posixpath.join(folder, entry)).removeprefix("./").rstrip("/")
                for entry in references_of(manifest)
            )
            for folder, manifest in manifests.items()
        }
        references = {
            folder: frozenset("" if entry == "." else entry for entry in entries)
            for folder, entries in references.items()
        }
        return cls(files=files, manifests=manifests, references=references)

    def unreferenced(self) -> list[str]:
        """Folders that no other kustomization takes in and that are no component, sorted."""
        taken = {entry for folder, entries in self.references.items() for entry in entries if entry != folder}
        return sorted(
            folder
            for folder, manifest in self.manifests.items()
            if folder not in taken and manifest.get("kind") != "Component"
        )

    def closure(self, folder: str) -> set[str]:
        """The kustomization folders that rendering `folder` reads."""
        seen: set[str] = set()
        pending = [folder]
        while pending:
            current = pending.pop()
            if current in seen or current not in self.manifests:
                continue
            seen.add(current)
            pending.extend(self.references.get(current, ()))
        return seen


class Workspace:
    """A context manager around the scratch copy; `render` may be called from several threads."""

    def __init__(self, tree: SourceTree, *, renderer: Renderer | None = None) -> None:
        """`renderer` is Kustomize unless another is given. Nothing is written before `with`."""
        self._tree = tree
        self._renderer = renderer or RENDERERS["kustomize"]
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._scratch: Path | None = None
        self.kustomizations = Kustomizations.of(tree)

    def __enter__(self) -> Workspace:
        self._scratch = Path(tempfile.mkdtemp(prefix="auditor-render-"))
        try:
            self._copy()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None

    @property
    def root(self) -> Path:
        """Where the copy is. Only within `with`."""
        if self._scratch is None:
            raise RuntimeError("the workspace is not open")
        return self._scratch / "tree"

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
        """What a folder renders to, redacted, in Kustomize's order.

        `overlay` are further fields of a kustomization around the folder (`namespace`, `patches`, …),
        `components` the folders of components to add, relative to `folder`.
        A folder without a kustomization is taken as Flux takes it: every manifest below it. Raises
        RenderError where Kustomize fails, would fetch something, or runs over a limit.
        """
        folder = normal_folder(folder)
        if folder not in self.kustomizations.manifests:
            self._generate(folder)
        added = [normal_folder(posixpath.join(folder, component)) for component in components]
        for name in (folder, *added):
            self._refuse_remote(name)
        with self._lock:
            name = f"overlays/{next(self._numbers)}"
        target = self.root.parent / name
        target.mkdir(parents=True)
        content = {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            **(overlay or {}),
            "resources": [posixpath.normpath(f"../../tree/{folder}")],
            "components": [f"../../tree/{component}" for component in added],
            "buildMetadata": ["originAnnotations"],
        }
        (target / "kustomization.yaml").write_text(json.dumps(content), encoding="utf-8")
        try:
            output = self._renderer.render(self.root.parent, name, timeout_s=timeout_s, max_bytes=max_bytes)
        except RenderError as error:
            message = error.message.replace(f"/{name}", "").replace("/tree/", "").replace(name, folder or ".")
            raise type(error)(redactor.redact_text(message), hint=error.hint) from error
        finally:
            shutil.rmtree(target, ignore_errors=True)
        return _documents(output, name, redactor)

    def _copy(self) -> None:
        self.root.mkdir()
        total = 0
        for path in self._tree.paths():
            parts = path.split("/")
            if not path or path.startswith("/") or any(part in ("", ".", "..", ".git") for part in parts):
                continue
            content = self._tree.read(path)
            total += len(content)
            if total > MAX_TREE_BYTES:
                raise RenderError(
                    f"the tree holds more than {MAX_TREE_BYTES} bytes of files",
                    hint="render a smaller repository, or check the large files out of it",
                )
            target = self.root.joinpath(*parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)

    def _generate(self, folder: str) -> None:
        """Writes the kustomization that Flux generates where a folder has none."""
        directory = self.root / folder
        if not directory.is_dir():
            raise RenderError(f"there is no folder {folder or '.'} in the tree", hint="correct the path")
        target = directory / "kustomization.yaml"
        with self._lock:
            if target.exists():
                return
            resources = generated_resources(self._tree, self.kustomizations, folder)
            target.write_text(json.dumps({"resources": resources}), encoding="utf-8")

    def _refuse_remote(self, folder: str) -> None:
        for current in sorted(self.kustomizations.closure(folder)):
            remote = remote_references(self.kustomizations.manifests[current])
            if remote:
                where = self.kustomizations.files[current]
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


def generated_resources(tree: SourceTree, kustomizations: Kustomizations, folder: str) -> list[str]:
    """What Flux puts into a generated kustomization: manifests below `folder`, and kustomization folders."""
    prefix = f"{folder}/" if folder else ""
    found: set[str] = set()
    for path in tree.paths():
        if not path.startswith(prefix):
            continue
        parts = path[len(prefix) :].split("/")
        parents = ["/".join(parts[:length]) for length in range(1, len(parts))]
        nested = next((parent for parent in parents if prefix + parent in kustomizations.manifests), None)
        if nested is not None:
            found.add(f"./{nested}")
        elif path.endswith((".yaml", ".yml")) and _is_manifest(tree.read(path)):
            found.add(f"./{'/'.join(parts)}")
    return sorted(found)


def _is_manifest(content: bytes) -> bool:
    values = [entry.value for entry in read_blob(content, Limits()).documents]
    return any(isinstance(value, dict) and value.get("apiVersion") and value.get("kind") for value in values)


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
