"""What rules over environments are shown of an object tells where it leads, as the whole of it does."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from auditor.manifests.attics import leads_of
from auditor.model import Document
from auditor.policy.deploying import DEPLOYING_READS
from auditor.policy.judge import Judge, JudgeSpec

OBJECTS: list[dict[str, Any]] = [
    {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": ["../archive/a"],
        "components": ["../old/b"],
        "bases": ["../attic"],
    },
    {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component", "resources": ["../archive/a"]},
    {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "spec": {
            "path": "./archive",
            "sourceRef": {"kind": "GitRepository", "name": "flux-system"},
            "prune": True,
        },
    },
    {
        "apiVersion": "fluxcd.controlplane.io/v1",
        "kind": "FluxInstance",
        "spec": {"sync": {"path": "archive", "kind": "GitRepository"}, "cluster": {"size": "small"}},
    },
    {
        "apiVersion": "source.extensions.fluxcd.io/v1beta1",
        "kind": "ArtifactGenerator",
        "spec": {"artifacts": [{"name": "a", "copy": [{"from": "@repo/archive/**", "to": "@artifact/"}]}]},
    },
    {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "spec": {
            "project": "default",
            "source": {"path": "archive", "directory": {"recurse": True}},
            "sources": [{"path": "old", "repoURL": "https://example.org/a"}],
        },
    },
    {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "spec": {
            "generators": [
                {"git": {"directories": [{"path": "archive/*"}], "files": [{"path": "old/*.json"}]}}
            ],
            "template": {"spec": {"source": {"path": "attic/web"}}},
        },
    },
]


@pytest.fixture(scope="module")
def judge():
    with Judge(JudgeSpec(engine="embedded", schemas=False)) as judge:
        yield judge


@pytest.mark.parametrize(
    "manifest", OBJECTS, ids=lambda manifest: f"{manifest['apiVersion']} {manifest['kind']}"
)
def test_a_view_leads_where_the_object_leads(judge: Judge, manifest: dict[str, Any]):
    document = Document(
        index=0, item=None, line=1, api_version=manifest["apiVersion"], kind=manifest["kind"], namespace="", name="a",
        manifest=manifest, digest="d",
    )  # fmt: skip
    group = document.id.group
    assert f"{group}/{document.kind}" in DEPLOYING_READS
    whole = leads_of("apps/x.yaml", group, manifest)
    assert whole
    assert leads_of("apps/x.yaml", group, orjson.loads(judge.sets.view_of(document))) == whole
