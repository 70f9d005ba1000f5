"""Folders on disk, Kustomize with the real program, and what a tree declares."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from auditor.errors import ManifestError, RemoteReferenceError, RenderError
from auditor.manifests.deployments.declared import ProblemCause, declared_set, environments, roots
from auditor.manifests.foldertree import FolderTree
from auditor.manifests.rendering.subprocesses import OverLimitError, run_bounded
from auditor.manifests.rendering.workspace import Build, Workspace
from auditor.manifests.secrets import Redactor

REDACTOR = Redactor(b"k" * 32)


class Tree:
    """A tree in memory."""

    def __init__(self, **files: str) -> None:
        self.files = {path: text.encode() for path, text in files.items()}

    def paths(self) -> Iterable[str]:
        return sorted(self.files)

    def read(self, path: str) -> bytes:
        return self.files[path]


def tree(files: dict[str, str]) -> Tree:
    return Tree(**files)


def config_map(name: str, **data: str) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data})


def kustomization(**fields: object) -> str:
    return json.dumps(fields)


def flux(name: str, path: str, **spec: object) -> str:
    return json.dumps(
        {
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
            "kind": "Kustomization",
            "metadata": {"name": name, "namespace": "flux-system"},
            "spec": {"path": path, "sourceRef": {"kind": "GitRepository", "name": "flux-system"}, **spec},
        }
    )


def names(files: dict[str, str], environment: str | None = None) -> list[tuple[str, str, str]]:
    declared = declared_set(tree(files), environment=environment, redactor=REDACTOR)
    assert declared.problems == ()
    return sorted((r.environment, r.path, str(r.id)) for r in declared.resources)


OVERLAYS = {
    "apps/base/kustomization.yaml": kustomization(resources=["cm.yaml"]),
    "apps/base/cm.yaml": config_map("web", a="1"),
    "apps/base/unused.yaml": config_map("unused"),
    "apps/overlays/dev/kustomization.yaml": kustomization(resources=["../../base"], namespace="dev"),
    "apps/overlays/prod/kustomization.yaml": kustomization(
        resources=["../../base"], namespace="prod", patches=[{"path": "patch.yaml"}],
        secretGenerator=[{"name": "s", "literals": ["password=hunter2"]}],
    ),
    "apps/overlays/prod/patch.yaml": config_map("web", a="2"),
    "plain/prod/x.yaml": config_map("plain"),
}  # fmt: skip


def test_roots_are_what_nothing_else_takes_in() -> None:
    assert roots(tree(OVERLAYS)) == ["apps/overlays/dev", "apps/overlays/prod"]
    assert environments(tree(OVERLAYS)) == ("dev", "prod")


def test_overlays_are_rendered_and_plain_manifests_taken_as_they_are() -> None:
    declared = declared_set(tree(OVERLAYS), environment="prod", redactor=REDACTOR)
    assert declared.problems == ()
    found = {r.document.kind + " " + r.path: r for r in declared.resources}
    web = found["ConfigMap apps/base/cm.yaml"]
    assert web.document.manifest["data"] == {"a": "2"}
    assert web.document.namespace == "prod"
    assert (web.rendered_from, web.sources) == ("apps/overlays/prod", ("apps/base/cm.yaml",))
    assert "annotations" not in web.document.manifest["metadata"]
    assert found["ConfigMap plain/prod/x.yaml"].rendered_from == ""
    assert "hunter2" not in str(declared)
    assert "aHVudGVyMg" not in str(declared)
    assert len(declared.resources) == 3


def test_without_any_tool_every_manifest_is_declared() -> None:
    files = {"a.yaml": config_map("a"), "b/c.json": config_map("c"), "README.md": "x", "values.yaml": "a: 1"}
    assert names(files) == [("default", "a.yaml", "ConfigMap a"), ("default", "b/c.json", "ConfigMap c")]


def test_the_templates_of_a_chart_that_does_not_render_are_not_declared() -> None:
    files = {"c/Chart.yaml": "name: c", "c/templates/x.yaml": config_map("x"), "y.yaml": config_map("y")}
    declared = declared_set(tree(files), environment=None, redactor=REDACTOR)
    assert [entry.path for entry in declared.resources] == ["y.yaml"]
    # Without Helm it says so; with Helm the chart lacks a version. Neither is a finding.
    (problem,) = declared.problems
    assert problem.cause in (ProblemCause.UNSUPPORTED, ProblemCause.UNKNOWN)


def test_the_same_resource_twice_is_told_and_the_last_counts() -> None:
    declared = declared_set(
        tree({"a.yaml": config_map("x", k="1"), "b.yaml": config_map("x", k="2")}),
        environment=None,
        redactor=REDACTOR,
    )
    assert [r.path for r in declared.resources] == ["b.yaml"]
    assert [(p.path, p.cause) for p in declared.problems] == [("b.yaml", ProblemCause.TWICE)]


FLUX = {
    "clusters/prod/apps.yaml": flux(
        "apps", "./apps", targetNamespace="shop", postBuild={"substitute": {"N": "3"}}
    ),
    "clusters/prod/sync.yaml": flux("all", "./clusters/prod"),
    "clusters/prod/note.yaml": config_map("note"),
    "clusters/dev/apps.yaml": flux("apps", "./apps", targetNamespace="dev"),
    "apps/a/cm.yaml": config_map("web", n="${N}", other="$${OTHER}", fallback="${F:=f}"),
    "apps/b/kustomization.yaml": kustomization(resources=["ks.yaml"]),
    "apps/b/ks.yaml": flux("nested", "./nested"),
    "nested/x.yaml": config_map("nested"),
    "unreached/y.yaml": config_map("unreached"),
}


def test_flux_is_followed_from_its_entry_points() -> None:
    found = names(FLUX, "prod")
    assert [entry for entry in found if "ConfigMap" in entry[2]] == [
        ("prod", "apps/a/cm.yaml", "ConfigMap shop/web"),
        ("prod", "clusters/prod/note.yaml", "ConfigMap note"),
        ("prod", "nested/x.yaml", "ConfigMap nested"),
    ]
    assert environments(tree(FLUX)) == ("dev", "prod")
    declared = declared_set(tree(FLUX), environment="prod", redactor=REDACTOR)
    data = next(r for r in declared.resources if r.path == "apps/a/cm.yaml").document.manifest["data"]
    assert data == {"n": 3, "other": "${OTHER}", "fallback": "f"}
    dev = declared_set(tree(FLUX), environment="dev", redactor=REDACTOR)
    assert (
        next(r for r in dev.resources if r.path == "apps/a/cm.yaml").document.manifest["data"]["n"] == "${N}"
    )


def test_flux_artifacts_are_cut_from_the_repository() -> None:
    generator = json.dumps(
        {
            "apiVersion": "source.extensions.fluxcd.io/v1beta1",
            "kind": "ArtifactGenerator",
            "metadata": {"name": "g", "namespace": "flux-system"},
            "spec": {
                "sources": [{"alias": "repo", "kind": "GitRepository", "name": "flux-system"}],
                "artifacts": [{"name": "apps", "copy": [{"from": "@repo/apps/x/**", "to": "@artifact/x/"}]}],
            },
        }
    )
    external = {"sourceRef": {"kind": "ExternalArtifact", "name": "apps"}}
    files = {
        "clusters/prod/g.yaml": generator,
        "clusters/prod/apps.yaml": flux("apps", "./x", **external),
        "apps/x/cm.yaml": config_map("x"),
    }
    assert ("prod", "apps/x/cm.yaml", "ConfigMap x") in names(files)


def test_a_source_that_is_not_here_is_told() -> None:
    elsewhere = {"sourceRef": {"kind": "OCIRepository", "name": "other"}}
    files = {"clusters/prod/apps.yaml": flux("apps", "./not-here", **elsewhere)}
    declared = declared_set(tree(files), environment=None, redactor=REDACTOR)
    assert [problem.cause for problem in declared.problems] == [ProblemCause.ELSEWHERE]


def test_patches_of_flux_name_no_file_and_no_address() -> None:
    patch = {
        "patch": json.dumps([{"op": "add", "path": "/data/b", "value": "2"}]),
        "target": {"kind": "ConfigMap"},
    }
    files = {
        "clusters/prod/apps.yaml": flux(
            "apps", "./apps", patches=[{**patch, "path": "http://127.0.0.1:1/x"}]
        ),
        "apps/x.yaml": config_map("x", a="1"),
    }
    declared = declared_set(tree(files), environment=None, redactor=REDACTOR)
    assert declared.problems == ()
    data = next(r for r in declared.resources if r.path == "apps/x.yaml").document.manifest["data"]
    assert data == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    "remote",
    [
        {"resources": ["https://example.org/x.yaml"]},
        {"resources": ["github.com/org/repo//path?ref=main"]},
        {"resources": ["git@example.org:org/repo.git"]},
        {"components": ["ssh://git@example.org/x"]},
        {"resources": [], "configMapGenerator": [{"name": "x", "files": ["a=http://127.0.0.1:1/x"]}]},
        {"resources": [], "patches": [{"path": "http://127.0.0.1:1/x"}]},
    ],
)
def test_nothing_is_fetched(remote: dict[str, object]) -> None:
    files = {
        "a/kustomization.yaml": kustomization(resources=["../b"]),
        "b/kustomization.yaml": kustomization(**remote),
    }
    with (
        Workspace(tree(files)) as workspace,
        pytest.raises(RemoteReferenceError, match=r"b/kustomization\.yaml"),
    ):
        workspace.render("a", redactor=REDACTOR)


@pytest.mark.parametrize(
    "bad",
    [
        {"resources": ["../../../../../../../../etc/hostname"]},
        {"resources": [], "configMapGenerator": [{"name": "x", "files": ["/etc/hostname"]}]},
        {"resources": [], "configMapGenerator": [{"name": "x", "files": ["../outside.yaml"]}]},
        {"resources": [], "generators": ["exec.yaml"]},
        {"resources": [], "helmCharts": [{"name": "x", "repo": "http://127.0.0.1:1"}]},
        {"resources": ["missing.yaml"]},
        {"resources": ["."]},
    ],
)
def test_what_leaves_the_folder_or_runs_something_is_refused(bad: dict[str, object], tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    script = f"#!/bin/sh\ntouch {marker}\n"
    exec_plugin = {
        "apiVersion": "x/v1",
        "kind": "X",
        "metadata": {
            "name": "x",
            "annotations": {"config.kubernetes.io/function": "exec:\n  path: ./run.sh"},
        },
    }
    files = {
        "a/kustomization.yaml": kustomization(**bad),
        "a/exec.yaml": json.dumps(exec_plugin),
        "a/run.sh": script,
        "outside.yaml": config_map("x"),
    }
    with Workspace(tree(files)) as workspace:
        with pytest.raises(RenderError) as error:
            workspace.render("a", redactor=REDACTOR)
        assert str(workspace.root) not in str(error.value)
    assert not marker.exists()


def test_the_scratch_copy_goes_and_takes_no_path_out_of_it() -> None:
    files = {"a/x.yaml": config_map("x"), "../evil.yaml": "x", "/abs.yaml": "x", ".git/config": "x"}
    with Workspace(tree(files)) as workspace:
        root = workspace.root
        assert [d.document.name for d in workspace.render("a", redactor=REDACTOR)] == ["x"]
        with pytest.raises(RenderError):
            workspace.run(
                Build(folder="a", around="{", generated={}, files=frozenset()), redactor=REDACTOR, whole=True
            )
        left = [str(p.relative_to(root.parent)) for p in root.parent.rglob("*") if p.is_file()]
        assert left == ["tree/a/x.yaml"]
        with pytest.raises(RenderError):
            workspace.render("../..", redactor=REDACTOR)
    assert not root.exists()


def test_a_program_is_stopped_with_all_that_it_started(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"]}
    marker = tmp_path / "late"
    started = time.monotonic()
    with pytest.raises(OverLimitError, match="longer"):
        run_bounded(
            ["sh", "-c", f"(sleep 2; touch {marker}) & sleep 30"],
            folder=tmp_path, environment=environment, timeout_s=0.3, max_bytes=100,
        )  # fmt: skip
    assert time.monotonic() - started < 10
    time.sleep(2.2)
    assert not marker.exists()
    with pytest.raises(OverLimitError, match="wrote"):
        run_bounded(
            ["sh", "-c", "yes"], folder=tmp_path, environment=environment, timeout_s=20, max_bytes=1000
        )
    done = run_bounded(
        ["sh", "-c", "env; exit 3"], folder=tmp_path, environment={"A": "b"}, timeout_s=20, max_bytes=1000
    )
    assert done.code == 3
    assert b"A=b" in done.output
    assert b"HOME" not in done.output


def test_a_folder_on_disk(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("x")
    (tmp_path / "a" / "b" / "x.yaml").write_text("x")
    (tmp_path / "y.yaml").write_text("y")
    (tmp_path / "outside").symlink_to("/etc")
    (tmp_path / "a" / "link.yaml").symlink_to(tmp_path / "y.yaml")
    folder = FolderTree(tmp_path)
    assert list(folder.paths()) == ["a/b/x.yaml", "y.yaml"]
    assert folder.read("y.yaml") == b"y"
    for path in ("a/link.yaml", "outside/hostname", "../x", "/etc/hostname"):
        with pytest.raises(KeyError):
            folder.read(path)
    (tmp_path / "y.yaml").unlink()
    (tmp_path / "y.yaml").symlink_to("/etc/hostname")
    with pytest.raises(ManifestError):
        folder.read("y.yaml")
    assert list(FolderTree(tmp_path / "a" / "b" / "x.yaml").paths()) == ["x.yaml"]
    with pytest.raises(ManifestError):
        FolderTree(tmp_path / "nowhere")
