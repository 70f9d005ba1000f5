"""Any small history, scanned at once and in steps, is recorded as the independent reading tells it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from histories.audits import Audit, share_judges
from histories.builder import Content, History, link, program
from histories.manifests import kustomization, text
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from independent.compare import compare
from independent.history import Repository

PATHS = ("a.yaml", "apps/b.yaml", "apps/c.json", "clusters/dev/d.yaml", "clusters/prod/d.yaml")
VALUES: tuple[Any, ...] = (
    "1", 1, True, None, "", {}, [], ["x"], ["x", "y"], {"a.b/c": "1"}, {"k": {"l": 0.5}},
    [{"name": "x", "v": 1}], [{"name": "x", "v": 2}, {"name": "y"}], [{"name": "y"}, {"name": "x", "v": 2}],
    [{"name": "x"}, {"name": "x"}], [{"name": ""}], [["x"], {"name": "x"}], "z" * 8_191,
)  # fmt: skip


def resource(name: str, kind: str, value: Any) -> dict[str, Any]:
    return {
        "apiVersion": {"Secret": "v1", "ConfigMap": "v1"}.get(kind, "example.org/v1"),
        "kind": kind,
        "metadata": {"name": name} if name else {"generateName": "x-"},
        "data": {"key": value},
    }


RESOURCES = st.builds(
    resource,
    st.sampled_from(("one", "one", "two", "")),
    st.sampled_from(("ConfigMap", "Thing", "Secret")),
    st.sampled_from(VALUES),
)
OTHERS: tuple[Content, ...] = (
    None,
    "just words\n",
    link("a.yaml"),
    program("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {key: yes, 010: 0x10, y: ~}\n"),
    "a: [\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: two}\ndata:\n  key: |\n    text\n",
    "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: one}}\n- 3\n",
    "apiVersion: v1\nkind: ConfigMapList\nitems:\n- &x {metadata: {name: one}, data: {key: a}}\n- *x\n",
    "resources: [b.yaml]\n",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one\n",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one\n# another\n",
    "apiVersion: v1\n  kind: x\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: two}\ndata: {key: a}\n",
    b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n# \xff\n",
    "apiVersion: v1\nkind: {{ kind }}\n{{ end }}\n",
)
CONTENTS = st.one_of(
    st.lists(RESOURCES, min_size=1, max_size=3).map(lambda found: text(*found)), st.sampled_from(OTHERS)
)
EXTRAS: dict[str, tuple[Content, ...]] = {
    "apps/kustomization.yaml": (
        None,
        "resources: [b.yaml]\n",
        kustomization(resources=("b.yaml",)),
        kustomization(patches=("b.yaml",)),
        kustomization(resources=("c.json",), patches=("../a.yaml", "c.json", "b.yaml")),
    ),
    "clusters/Chart.yaml": (None, "apiVersion: v2\nname: c\nversion: 1.0.0\n"),
    "clusters/templates/e.yaml": (text(resource("one", "ConfigMap", "1")), None),
}
EDIT = st.tuples(st.sampled_from(PATHS), CONTENTS)
EXTRA = st.sampled_from([(path, content) for path, contents in EXTRAS.items() for content in contents])
STEP = st.tuples(
    st.sampled_from(("commit", "commit", "commit", "side", "side", "move", "merge", "back")),
    st.lists(st.one_of(EDIT, EDIT, EXTRA), max_size=3).map(dict),
    st.integers(0, 20),
)


def tell(story: History, step: tuple[str, dict[str, Content], int], number: int) -> None:
    """One step on the branches main and side."""
    what, edits, which = step
    if what in ("merge", "back"):
        ours, theirs = ("main", "side") if what == "merge" else ("side", "main")
        story.merge(theirs, branch=ours, files=edits if which % 3 == 0 else {})
        return
    branch = "side" if what == "side" else "main"
    moves = {}
    if what == "move":
        there = [path for path in PATHS if path.encode() in story.trees[story.tip(branch)]]
        free = [path for path in PATHS if path not in there]
        if there and free:
            moves = {there[which % len(there)]: free[which % len(free)]}
    story.commit(f"step {number}", edits, branch=branch, moves=moves)


def differences(story: History, audit: Audit) -> list[Any]:
    repository = Repository(story.path)
    try:
        report = compare(repository, audit.database)
    finally:
        repository.close()
    return [*report.differences, *report.digests.disagreements()]


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    # Shrinking takes minutes; remove this line to see the smallest case.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(steps=st.lists(STEP, min_size=1, max_size=12), stops=st.sets(st.integers(0, 11), max_size=3))
def test_recorded_as_read_independently(steps: list[Any], stops: set[int]) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        share_judges(patch)
        folder = Path(name)
        story = History(folder / "repo")
        root = story.commit("root", {"README.md": "x", "a.yaml": text(resource("one", "ConfigMap", "1"))})
        story.branch("side", root)
        stepwise = Audit(story.path, folder / "steps" / "audit.duckdb")
        for number, step in enumerate(steps):
            tell(story, step, number)
            if number in stops:
                stepwise.scan()
        at_once = Audit(story.path, folder / "once" / "audit.duckdb")
        for audit in (at_once, stepwise):
            audit.scan()
            assert differences(story, audit) == []
