"""Kept renderings: with them the same is declared as without, whatever was edited in between."""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.errors import RenderError
from auditor.manifests.deployments.declared import DeclaredSet, declared_set
from auditor.manifests.rendering.closure import TreeIndex, closure
from auditor.manifests.rendering.interface import RendererStoppedError, Rendering
from auditor.manifests.rendering.kustomize import KustomizeRenderer
from auditor.manifests.secrets import Redactor

REDACTOR = Redactor(b"k" * 32)
Files = Mapping[str, str]


class Tree:
    """A tree in memory."""

    def __init__(self, files: Files) -> None:
        self.files = files

    def paths(self) -> Iterable[str]:
        return sorted(self.files)

    def read(self, path: str) -> bytes:
        return self.files[path].encode()


class Kept:
    """A cache in memory. `keep_nothing_else` is what a run leaves: the entries that it used."""

    scope = "test"

    def __init__(self) -> None:
        self.files: Files = {}
        self.entries: dict[str, Rendering] = {}
        self.used: dict[str, Rendering] = {}

    def content(self, path: str) -> str:
        return hashlib.sha256(self.files[path].encode()).hexdigest()

    def find(self, key: str) -> Rendering | None:
        return self.entries.get(key)

    def keep(self, key: str, rendering: Rendering, *, folder: str) -> None:
        if key:
            self.used[key] = rendering

    def next_run(self, files: Files) -> None:
        self.files, self.entries, self.used = files, self.used, {}


def folder_of(root: Path, folder: str) -> str:
    """The folder of the tree that is built: itself, or one that a kustomization is put around."""
    if folder.startswith("tree"):
        return posixpath.relpath(folder, "tree")
    around = json.loads((root / folder / "kustomization.yaml").read_text())
    return posixpath.relpath(around["resources"][0], "../../tree")


class CountingRenderer(KustomizeRenderer):
    """Kustomize, and which folders it was started on."""

    def __init__(self) -> None:
        self.folders: list[str] = []

    def render(self, root: Path, folder: str, *, timeout_s: float, max_bytes: int) -> bytes:
        self.folders.append(folder_of(root, folder))
        return super().render(root, folder, timeout_s=timeout_s, max_bytes=max_bytes)


class ReadingRenderer:
    """A renderer that is quick: what a kustomization lists, put together. Everything that it reads shows in what
    it gives; a text `also: <path>` in a listed file makes it read one more, which no kustomization names."""

    name = "reading"

    def version(self) -> str:
        return "1"

    def identity(self) -> str:
        return "1"

    def render(self, root: Path, folder: str, *, timeout_s: float, max_bytes: int) -> bytes:
        read: list[str] = []
        self._folder(root / folder, root, read, ())
        name = folder_of(root, folder).replace("/", "-")
        data = {str(number): text for number, text in enumerate(read)}
        manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}
        return json.dumps(manifest).encode()

    def _folder(self, folder: Path, root: Path, read: list[str], above: tuple[Path, ...]) -> None:
        names = [name for name in ("kustomization.yaml", "kustomization.yml") if (folder / name).exists()]
        if len(names) != 1 or folder.resolve() in above:
            raise RenderError(f"{len(names)} kustomizations in {folder.relative_to(root)}, or a circle")
        try:
            listed = json.loads((folder / names[0]).read_text())
        except ValueError as error:
            raise RenderError(f"{folder.relative_to(root)} is not JSON") from error
        for entry in [*listed.get("resources", ()), *listed.get("future", ())]:
            path = folder / entry
            if path.is_dir():
                self._folder(path, root, read, (*above, folder.resolve()))
                continue
            text = self._text(path, root)
            read.append(text)
            while text.startswith("also: ") and len(read) < 20:
                text = self._text(folder / text.removeprefix("also: "), root)
                read.append(text)

    def _text(self, path: Path, root: Path) -> str:
        if not path.is_file():
            raise RenderError(f"{path.name} is missing")
        return path.read_text()


def config_map(name: str, **data: str) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data})


def flux(name: str, path: str, **spec: Any) -> str:
    return json.dumps(
        {
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
            "kind": "Kustomization",
            "metadata": {"name": name, "namespace": "flux-system"},
            "spec": {"path": path, "sourceRef": {"kind": "GitRepository", "name": "flux-system"}, **spec},
        }
    )


def said(declared: DeclaredSet) -> list[Any]:
    """What a declared set says; manifests are not kept, their digests are."""
    resources = [
        (r.environment, r.path, r.id, r.document.digest, r.rendered_from, r.sources)
        for r in declared.resources
    ]
    return [resources, [(p.path, p.message, p.cause) for p in declared.problems]]


PATHS = (
    *["a/t"] * 6, *["a/x.yaml"] * 3, *["b/c/x.yaml"] * 3, "a/kustomization.yaml", "a/kustomization.yml", "a/y",
    "b/kustomization.yaml", "b/x.yaml", "b/c/kustomization.yaml", "k/kustomization.yaml", "plain.yaml",
)  # fmt: skip
ENTRIES = ("x.yaml", "y.yaml", "../a", "../b", "c", "y", "..", "../k", "../a/x.yaml", "gone.yaml")
TEXTS = st.one_of(
    st.sampled_from(["one", "two", "three", "also: t", "also: y"]),
    st.just(config_map("m", k="v")),
)
LISTS = st.builds(
    lambda resources, future: json.dumps({"resources": resources, "future": future}),
    st.lists(st.sampled_from(ENTRIES), max_size=3, unique=True),
    st.lists(st.sampled_from(ENTRIES), max_size=1),
)
EDITS = st.sampled_from(PATHS).flatmap(
    lambda path: st.tuples(
        st.just(path), st.one_of(st.none(), LISTS if "kustomization" in path else TEXTS, TEXTS)
    )
)


@settings(max_examples=40)
@given(st.lists(EDITS, min_size=4, max_size=12), st.booleans())
def test_whatever_is_edited_the_kept_renderings_are_those_that_would_be_made(
    edits: list[tuple[str, str | None]], with_flux: bool
) -> None:
    renderer, kept = ReadingRenderer(), Kept()
    lists = json.dumps({"resources": ["x.yaml"]})
    files = {"a/kustomization.yaml": lists, "a/x.yaml": "also: t", "a/t": "one"}
    files |= {"b/kustomization.yaml": lists, "b/x.yaml": "also: c/x.yaml", "b/c/x.yaml": "one"}
    if with_flux:
        files |= {
            "clusters/p/a.yaml": flux("a", "./a"),
            "clusters/p/b.yaml": flux("b", "./b", namePrefix="p"),
        }
    for path, text in edits:
        if text is None:
            files.pop(path, None)
        else:
            files[path] = text
        kept.next_run(dict(files))
        with_cache = declared_set(
            Tree(files), environment=None, redactor=REDACTOR, renderer=renderer, cache=kept
        )
        without = declared_set(Tree(files), environment=None, redactor=REDACTOR, renderer=renderer)
        assert said(with_cache) == said(without)


BASE = {
    "clusters/prod/apps.yaml": flux("apps", "./apps", targetNamespace="shop", postBuild={"substitute": {"N": "3"}}),
    "clusters/prod/infra.yaml": flux("infra", "./infra"),
    "apps/web/kustomization.yaml": json.dumps(
        {
            "resources": ["cm.yaml", "../../base"],
            "patches": [{"path": "patch.yaml"}],
            "configMapGenerator": [{"name": "g", "files": ["key=data.txt"]}],
            "transformers": ["transformer.yaml"],
        }
    ),
    "apps/web/cm.yaml": config_map("web", n="${N}"),
    "apps/web/patch.yaml": config_map("web", b="2"),
    "apps/web/data.txt": "data",
    "apps/web/transformer.yaml": json.dumps(
        {"apiVersion": "builtin", "kind": "PatchTransformer", "metadata": {"name": "t"}, "path": "late.yaml"}
    ),
    "apps/web/late.yaml": config_map("web", c="3"),
    "apps/web/README.md": "unread",
    "base/kustomization.yaml": json.dumps({"resources": ["cm.yaml"]}),
    "base/cm.yaml": config_map("base", k="1"),
    "infra/nested.yaml": flux("nested", "./nested"),
    "nested/kustomization.yaml": json.dumps({"resources": ["cm.yaml"]}),
    "nested/cm.yaml": config_map("nested"),
}  # fmt: skip

STEPS: list[tuple[str, str | None, list[str]]] = [
    ("README.md", "nothing reads it", ["apps"]),
    ("nested/cm.yaml", config_map("nested", k="new"), ["apps", "nested"]),
    ("apps/web/late.yaml", config_map("web", c="4"), ["apps"]),
    ("base/cm.yaml", config_map("base", k="2"), ["apps"]),
    ("clusters/prod/infra.yaml", flux("infra", "./infra", namePrefix="x-"), ["apps", "infra", "nested"]),
    ("clusters/prod/infra.yaml", flux("infra", "./infra"), ["apps", "infra", "nested"]),
    ("nested/kustomization.yml", "resources: []", ["apps", "nested"]),
    ("nested/kustomization.yml", None, ["apps", "nested"]),
    ("nested/cm.yaml", None, ["apps", "nested"]),
    ("apps/web/transformer.yaml", None, ["apps", "nested"]),
    ("nested/cm.yaml", config_map("nested"), ["apps", "nested"]),
]  # fmt: skip
"""(path, new text or None, which roots may be rendered then). `apps` reads a file that only a transformer names, so
every change of the tree may change it; a root that failed may go on when any file comes or goes."""


def test_kustomize_is_started_where_what_it_reads_has_changed() -> None:
    """Each step as the real Kustomize renders it: the same with and without what was kept."""
    kept, files = Kept(), dict(BASE)
    kept.next_run(dict(files))
    first = CountingRenderer()
    declared_set(Tree(files), environment=None, redactor=REDACTOR, renderer=first, cache=kept)
    assert sorted(set(first.folders)) == ["apps", "infra", "nested"]
    kept.next_run(dict(files))
    again = CountingRenderer()
    declared_set(Tree(files), environment=None, redactor=REDACTOR, renderer=again, cache=kept)
    assert again.folders == []
    for path, text, may_change in STEPS:
        if text is None:
            del files[path]
        else:
            files[path] = text
        kept.next_run(dict(files))
        renderer = CountingRenderer()
        with_cache = declared_set(
            Tree(files), environment=None, redactor=REDACTOR, renderer=renderer, cache=kept
        )
        without = declared_set(Tree(files), environment=None, redactor=REDACTOR)
        assert said(with_cache) == said(without), path
        assert set(renderer.folders) <= set(may_change), path


def test_a_failure_is_kept_as_well() -> None:
    files = {"a/kustomization.yaml": json.dumps({"resources": ["gone.yaml"]}), "b/x.yaml": config_map("x")}
    kept, counts, problems = Kept(), [], []
    for number in range(3):
        renderer = CountingRenderer()
        now = {**files, "b/x.yaml": config_map("x", k=str(number))}
        kept.next_run(now)
        declared = declared_set(Tree(now), environment=None, redactor=REDACTOR, renderer=renderer, cache=kept)
        counts.append(len(renderer.folders))
        problems.append([(p.path, p.message, p.cause) for p in declared.problems])
    assert counts == [2, 0, 0]
    assert len(problems[0]) == 1
    assert problems[0] == problems[1] == problems[2]


def test_what_was_stopped_is_tried_again() -> None:
    class Stopping(ReadingRenderer):
        def render(self, root: Path, folder: str, *, timeout_s: float, max_bytes: int) -> bytes:
            raise RendererStoppedError("it ran longer than 30 s")

    files = {"a/kustomization.yaml": json.dumps({"resources": ["x.yaml"]}), "a/x.yaml": "one"}
    kept = Kept()
    kept.next_run(files)
    stopped = declared_set(Tree(files), environment=None, redactor=REDACTOR, renderer=Stopping(), cache=kept)
    assert [problem.path for problem in stopped.problems] == ["a/kustomization.yaml"]
    kept.next_run(files)
    assert kept.entries == {}


@pytest.mark.parametrize("change", ["scope", "renderer"])
def test_another_key_or_program_renders_anew(change: str) -> None:
    files = {"a/kustomization.yaml": json.dumps({"resources": ["x.yaml"]}), "a/x.yaml": "one"}
    kept, renderer = Kept(), ReadingRenderer()
    kept.next_run(files)
    declared_set(Tree(files), environment=None, redactor=REDACTOR, renderer=renderer, cache=kept)
    kept.next_run(files)
    [before] = kept.entries
    if change == "scope":
        kept.scope = "other"
    else:
        renderer.identity = lambda: "2"  # type: ignore[method-assign]
    declared_set(Tree(files), environment=None, redactor=REDACTOR, renderer=renderer, cache=kept)
    assert set(kept.used).isdisjoint({before})


def test_the_closure_takes_every_text_that_names_a_file() -> None:
    index = TreeIndex.of(
        ["a/kustomization.yaml", "a/x.yaml", "a/f.txt", "b/kustomization.yaml", "b/Kustomization", "b/y.yaml", "c/z.yaml",
         "../out.yaml", ".git/config"]
    )  # fmt: skip
    manifests = {
        "a": {"new": [{"deep": "x.yaml"}, "k=f.txt", "../b", "../../out.yaml", "line\nbreak", "../c"]},
        "b": {"resources": ["../a", "gone.yaml"]},
    }
    found = closure(index, lambda folder: manifests.get(folder, {}), ["a"])
    assert found == {"a/kustomization.yaml", "a/x.yaml", "a/f.txt", "b/kustomization.yaml", "b/Kustomization"}
