"""What is a member of its environment's set."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st
from independent.roles import environment, out_of_use

from auditor.findings.lifetimes import Landing
from auditor.pipeline.mining.contents import DocumentRow
from auditor.pipeline.mining.deployed import Deployed, deployed_steps
from auditor.pipeline.mining.sets import Member, Step


def _member(environment: str, path: str, manifest: dict[str, Any] | None = None) -> Member:
    manifest = manifest or {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}}
    row = DocumentRow(0, None, 1, manifest["apiVersion"], manifest["kind"], "", "web", "d")
    return Member(environment, path, row, orjson.dumps(manifest))


def _lists(environment: str, path: str, *resources: str) -> Member:
    manifest = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": resources,
    }
    return _member(environment, path, manifest)


def test_what_environments_share_is_in_no_set():
    shared, own = _member("base", "base/x.yaml"), _member("prod", "prod/x.yaml")
    assert Deployed().change((), (shared, own)) == ((), (own,))


def test_a_stored_file_is_in_the_set_as_long_as_something_in_use_lists_it():
    stored = _member("default", "archive/x.yaml")
    lists, lists_nothing = (
        _lists("base", "base/kustomization.yaml", "../archive/x.yaml"),
        _lists("base", "base/kustomization.yaml"),
    )
    deployed = Deployed()
    assert deployed.change((), (stored,)) == ((), ())
    assert deployed.leaves_out("default", "archive/x.yaml")
    assert deployed.change((), (lists,)) == ((), (stored,))
    assert not deployed.leaves_out("default", "archive/x.yaml")
    assert deployed.change((lists,), (lists_nothing,)) == ((stored,), ())
    assert deployed.change((stored,), ()) == ((), ())


def test_the_steps_of_a_history_hold_what_counts():
    stored, own = _member("default", "old/x.yaml"), _member("default", "x.yaml")
    lists = _lists("default", "kustomization.yaml", "old/x.yaml")
    steps = [
        Step(Landing(sha=str(number), position=number), (), (come,))
        for number, come in enumerate((own, lists))
    ]
    first, told = deployed_steps([stored], steps)
    assert first == []
    assert [(step.landing.position, step.gone, step.come) for step in told] == [
        (0, (), (own,)),
        (1, (), (lists, stored)),
    ]


PATHS = ("a.yaml", "apps/b.yaml", "archive/a.yaml", "archive/x/b.yaml", "old/a.yaml", "clusters/old/a.yaml")
MANIFESTS = st.one_of(
    st.none(),
    st.just({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}}),
    st.lists(st.sampled_from(("../archive", "../archive/x", "x", "../../old", "archive", "old/a.yaml")), max_size=2).map(
        lambda names: {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": names}
    ),
    st.builds(
        lambda path, source: {
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
            "kind": "Kustomization",
            "spec": {"path": path, "sourceRef": {"kind": "GitRepository", "name": source}},
        },
        st.sampled_from(("./", "./archive", "./archive/x", "./apps", "./old", "./apps/${X}")),
        st.sampled_from(("a", "flux-system")),
    ),
)  # fmt: skip


@given(st.lists(st.dictionaries(st.sampled_from(PATHS), MANIFESTS, min_size=1, max_size=3), max_size=10))
def test_what_changes_hands_adds_up_to_what_is_read_anew(changes: list[dict[str, dict[str, Any] | None]]):
    deployed = Deployed()
    there: dict[str, Member] = {}
    counted: dict[str, Member] = {}
    for change in changes:
        gone = [there.pop(path) for path in change if path in there]
        come = [_member(environment(path), path, manifest) for path, manifest in change.items() if manifest]
        there |= {member.path: member for member in come}
        left, joined = deployed.change(gone, come)
        for member in left:
            assert counted.pop(member.path) == member
        assert not counted.keys() & {member.path for member in joined}
        counted |= {member.path: member for member in joined}
        tree = {path: [orjson.loads(member.view)] for path, member in there.items()}
        unused = out_of_use(tree, {path: environment(path) for path in tree})
        assert counted == {path: member for path, member in there.items() if path not in unused}
        assert all(deployed.leaves_out(environment(path), path) == (path in unused) for path in there)
