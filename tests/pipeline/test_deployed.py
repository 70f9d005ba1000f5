"""What is a member of its environment's set."""

from __future__ import annotations

from typing import Any

import orjson

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
