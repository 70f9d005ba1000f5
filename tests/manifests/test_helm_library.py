"""Charts rendered by the helm-python-sdk wheel where there is no `helm`: what `helm` itself would give."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import pytest
from manifests.helm_trees import CHART, REDACTOR, Tree, below, helm_program, helm_release, in_git

from auditor.manifests.deployments.declared import DeclaredSet, ProblemCause, declared_set
from auditor.manifests.deployments.options import DeploymentOptions
from auditor.manifests.rendering.helm import HELM

PROGRAM = helm_program()
pytestmark = [
    pytest.mark.needs_helm,
    pytest.mark.skipif(find_spec("helm_python") is None, reason="the helm-python-sdk is not installed"),
]

PARENT = {
    "Chart.yaml": "apiVersion: v2\nname: parent\nversion: 0.1.0\ndependencies:\n"
    "  - {name: app, version: ^1.0.0, repository: 'file://../app', alias: backend}\n"
    "  - {name: app, version: ^1.0.0, repository: 'file://../app', alias: other, condition: other.enabled}\n",
    "values.yaml": "backend: {replicas: 4}\nother: {enabled: false}\n",
    "templates/two.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: p}\n---\napiVersion: batch/v1\nkind: Job\n"
    "metadata: {name: h, annotations: {helm.sh/hook: pre-install}}\n",
    "templates/tests/t.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: t, annotations: {helm.sh/hook: test}}\n",
    "templates/NOTES.txt": "Thank you for installing it.\n",
}


def declared(more: dict[str, str] | None = None, **options: Any) -> DeclaredSet:
    files = {
        **below("charts/app", CHART),
        **below("charts/parent", {**PARENT, **(more or {})}),
        "apps/web.yaml": helm_release(
            chart=in_git("charts/parent"), values={"backend": {"extra": {"a": "b"}}}
        ),
    }
    return declared_set(
        Tree(files), environment=None, redactor=REDACTOR, options=DeploymentOptions(**options)
    )


@pytest.mark.skipif(PROGRAM is None, reason="helm is not there")
def test_it_gives_what_helm_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    assert PROGRAM is not None
    monkeypatch.setenv("PATH", "/nowhere")
    assert HELM.version().startswith("helm-python-sdk")
    library = declared()
    monkeypatch.setenv("PATH", str(PROGRAM.parent))
    assert HELM.version().startswith("helm v")
    program = declared()
    assert library.problems == program.problems == ()
    assert {(entry.id, entry.document.digest, entry.sources) for entry in library.resources} == {
        (entry.id, entry.document.digest, entry.sources) for entry in program.resources
    }
    assert len(library.resources) == 6


def test_what_it_refuses_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    (problem,) = declared({"templates/bad.yaml": '{{ fail "never" }}'}).problems
    assert problem.cause is ProblemCause.TEMPLATE
    assert "never" in problem.message
    (problem,) = declared(kubernetes_version="1.31").problems
    assert problem.cause is ProblemCause.UNKNOWN
