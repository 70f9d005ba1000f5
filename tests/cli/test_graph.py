"""`auditor graph` as a user calls it."""

from __future__ import annotations

import json
from pathlib import Path

from cli.command import Run

MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\n"
FLUX = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec:
  path: ./apps
  prune: true
  sourceRef: {kind: GitRepository, name: flux-system}
"""


def tree(folder: Path, kustomization: str = "resources: [one.yaml]\n") -> Path:
    for path, text in {
        "repo/clusters/prod/apps.yaml": FLUX,
        "repo/apps/kustomization.yaml": kustomization,
        "repo/apps/one.yaml": MAP,
        "repo/old/two.yaml": MAP,
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder / "repo"


def test_the_three_formats(run: Run, tmp_path: Path) -> None:
    repo = tree(tmp_path)
    shown = run("graph", repo)
    assert shown.code == 0, shown.err
    assert "└─ flux-kustomization flux-system/apps\n" in shown.out
    assert "not deployed by anything (1 file, 1 object)\n  old/two.yaml: ConfigMap one\n" in shown.out
    document = json.loads(run("graph", repo, "--format", "json").out)
    assert [(found["name"], found["resources"]) for found in document["deployments"]] == [("apps", 1)]
    assert run("graph", repo, "--format", "mermaid", "--no-render").out.startswith("flowchart TD\n")


def test_a_broken_build_is_incomplete(run: Run, tmp_path: Path) -> None:
    repo = tree(tmp_path, "resources: [gone.yaml]\n")
    shown = run("graph", repo)
    assert shown.code == 3
    assert "INCOMPLETE" in shown.err
    assert "not rendered" in shown.out
    assert run("graph", repo, "--no-render").code == 0


def test_an_unknown_environment_is_wrong_usage(run: Run, tmp_path: Path) -> None:
    shown = run("graph", tree(tmp_path), "--no-render", "--environment", "test")
    assert shown.code == 2
    assert "it is one of: prod" in shown.err


def test_a_line_break_in_a_name_makes_no_line_of_its_own(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "repo" / "bad\nINCOMPLETE: nothing"
    folder.mkdir(parents=True)
    (folder / "kustomization.yaml").write_text("resources: [gone.yaml]\n", encoding="utf-8")
    shown = run("graph", tmp_path / "repo")
    assert shown.code == 3
    assert [line for line in shown.err.splitlines() if line.startswith("INCOMPLETE: nothing")] == []
    assert "bad INCOMPLETE: nothing/kustomization.yaml" in shown.err
