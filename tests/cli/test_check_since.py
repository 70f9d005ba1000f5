"""`--since`: what a branch changed, judged with all that is around it."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from cli.checked import GOOD, check_json, git, of_rule, pod
from cli.command import Run


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """On branch `work`, which left `main` before `main` went on."""
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / ".gitignore").write_text("ignored/\n")
    for name in ("same", "committed", "staged", "unstaged", "deleted", "moved"):
        (tmp_path / f"{name}.yaml").write_text(pod(name))
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    git(tmp_path, "checkout", "-qb", "work")
    git(tmp_path, "checkout", "-q", "main")
    (tmp_path / "same.yaml").write_text(pod("same-but-later"))
    git(tmp_path, "commit", "-qam", "main goes on")
    git(tmp_path, "checkout", "-q", "work")
    return tmp_path


def names(run: Run, *arguments: object) -> list[str]:
    """The privileged pods that are reported."""
    found = of_rule(check_json(run, *arguments)["findings"])
    return sorted(entry["resource"]["name"] for entry in found)


def change_everything(folder: Path) -> None:
    (folder / "committed.yaml").write_text(pod("committed-2"))
    git(folder, "commit", "-qam", "a change")
    (folder / "staged.yaml").write_text(pod("staged-2"))
    git(folder, "add", "staged.yaml")
    (folder / "unstaged.yaml").write_text(pod("unstaged-2"))
    (folder / "new.yaml").write_text(pod("new"))
    (folder / "ignored").mkdir()
    (folder / "ignored" / "mine.yaml").write_text(pod("ignored"))
    (folder / "deleted.yaml").unlink()
    (folder / "moved.yaml").rename(folder / "moved-2.yaml")


def test_committed_staged_unstaged_and_new_files_count(run: Run, repository: Path) -> None:
    change_everything(repository)
    assert names(run, ".", "--since", "main") == ["committed-2", "moved", "new", "staged-2", "unstaged-2"]


def test_nothing_changed_is_nothing_found(run: Run, repository: Path) -> None:
    document = check_json(run, ".", "--since", "main")
    assert document["findings"] == []
    assert document["summary"]["files"] == 0


def test_only_what_is_named_is_reported(run: Run, repository: Path) -> None:
    change_everything(repository)
    assert names(run, "new.yaml", "same.yaml", "--since", "main") == ["new"]


def test_paths_are_shown_from_where_the_user_stands(
    run: Run, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "below").mkdir()
    (repository / "below" / "pod.yaml").write_text(pod("below"))
    monkeypatch.chdir(repository / "below")
    found = of_rule(check_json(run, ".", "--since", "main")["findings"])
    assert [entry["path"] for entry in found] == ["pod.yaml"]


def test_a_patch_is_known_by_a_kustomization_that_did_not_change(run: Run, repository: Path) -> None:
    (repository / "overlay").mkdir()
    (repository / "overlay" / "kustomization.yaml").write_text("patches: [{path: patch.yaml}]\n")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "overlay")
    git(repository, "branch", "before")
    (repository / "overlay" / "patch.yaml").write_text(pod("patch"))
    assert names(run, "overlay/patch.yaml", "--since", "before") == []
    assert names(run, ".", "--since", "before") == []


RULE = """\
# METADATA
# title: Every service has a pod
# description: A service needs a pod of its name.
# custom:
#   id: TEST-SET-0001
#   severity: high
#   kinds: [Service, Pod]
#   scope: environment
#   reads: [spec.type]
#   remediation: Make one.
#   since: 0.1.0
package auditor.tests.lonely

findings contains finding if {
	some index, manifest in input.set
	manifest.kind == "Service"
	not manifest.metadata.name in pods
	finding := {"resource": index, "message": "no pod", "pointer": "spec.type", "details": {}}
}

pods contains manifest.metadata.name if {
	some manifest in input.set
	manifest.kind == "Pod"
}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: shop}}
spec:
  type: ClusterIP
"""


@pytest.fixture
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rules")
    (folder / "tests" / "lonely").mkdir(parents=True)
    (folder / "tests" / "lonely" / "lonely.rego").write_text(RULE)
    return folder


def test_rules_over_environments_see_what_did_not_change(run: Run, repository: Path, rules: Path) -> None:
    (repository / "service.yaml").write_text(
        SERVICE.format(name="same") + "---\n" + SERVICE.format(name="lost")
    )
    document = check_json(run, "service.yaml", "--since", "main", "--policy", rules)
    found = of_rule(document["findings"], "TEST-SET-0001")
    assert [(one["resource"]["name"], one["path"], one["line"], one["column"]) for one in found] == [
        ("lost", "service.yaml", 11, 3)
    ]
    alone = check_json(run, "service.yaml", "--policy", rules)
    assert len(of_rule(alone["findings"], "TEST-SET-0001")) == 2  # what is given is what there is


def test_rules_over_environments_report_on_changed_files_alone(
    run: Run, repository: Path, rules: Path
) -> None:
    (repository / "service.yaml").write_text(SERVICE.format(name="lost"))
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "service")
    (repository / "new.yaml").write_text(GOOD)
    document = check_json(run, ".", "--since", "HEAD", "--policy", rules)
    assert of_rule(document["findings"], "TEST-SET-0001") == []


def test_what_rules_over_environments_do_not_see_is_named(run: Run, repository: Path, rules: Path) -> None:
    (repository / "broken.yaml").write_text("apiVersion: v1\nkind: Pod\n  x: [\n")
    git(repository, "add", "broken.yaml")
    git(repository, "commit", "-qm", "broken")
    (repository / "new.yaml").write_text(GOOD)
    document = check_json(run, ".", "--since", "HEAD", "--policy", rules)
    skipped = [entry["reason"] for entry in document["skipped"] if entry["path"] == "broken.yaml"]
    assert len(skipped) == 1
    assert skipped[0].startswith("rules over several resources do not see it: line ")


def test_a_suppression_excuses_a_finding_over_an_environment(run: Run, repository: Path, rules: Path) -> None:
    text = SERVICE.format(name="lost").replace(
        "type: ClusterIP", "type: ClusterIP # auditor:ignore TEST-SET-0001 reason: outside"
    )
    (repository / "service.yaml").write_text(text)
    document = check_json(run, ".", "--policy", rules)
    assert of_rule(document["findings"], "TEST-SET-0001") == []
    assert len(of_rule(document["waived"], "TEST-SET-0001")) == 1
    assert of_rule(document["findings"], "AUD-WAIVER-0002") == []


@pytest.mark.parametrize(
    ("revision", "words"),
    [("nowhere", "no revision 'nowhere'"), ("--upload-pack=x", "no revision")],
)
def test_a_revision_that_is_not_there_is_wrong_usage(
    run: Run, repository: Path, revision: str, words: str
) -> None:
    result = run("check", ".", f"--since={revision}", "--engine", "embedded")
    assert result.code == 2
    assert words in result.err


def test_outside_of_a_repository_it_is_wrong_usage(run: Run, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    result = run("check", "good.yaml", "--since", "main", "--engine", "embedded")
    assert result.code == 2
    assert "not a git repository" in result.err


def test_histories_that_share_nothing_are_wrong_usage(run: Run, repository: Path) -> None:
    git(repository, "checkout", "-q", "--orphan", "other")
    git(repository, "commit", "-qm", "alone")
    result = run("check", ".", "--since", "main", "--engine", "embedded")
    assert result.code == 2
    assert "fetch-depth: 0" in result.err


def test_nothing_that_the_repository_configures_is_run(run: Run, repository: Path, tmp_path: Path) -> None:
    mark = tmp_path.parent / f"{tmp_path.name}-ran"
    program = tmp_path.parent / f"{tmp_path.name}.sh"
    program.write_text(f"#!/bin/sh\ntouch '{mark}'\ncat\n")
    program.chmod(0o755)
    for key in (
        "core.fsmonitor", "filter.x.clean", "filter.x.smudge", "filter.x.process", "diff.external",
        "core.pager", "core.sshCommand", "diff.x.textconv",
    ):  # fmt: skip
        git(repository, "config", key, str(program))
    for hook in ("post-index-change", "pre-commit", "post-checkout", "reference-transaction"):
        (repository / ".git" / "hooks" / hook).write_bytes(program.read_bytes())
        (repository / ".git" / "hooks" / hook).chmod(0o755)
    (repository / ".git" / "info").mkdir(exist_ok=True)
    (repository / ".git" / "info" / "attributes").write_text("*.yaml filter=x diff=x\n")
    (repository / ".gitattributes").write_text("*.yaml filter=x diff=x\n")
    (repository / "new.yaml").write_text(pod("new"))
    mark.unlink(missing_ok=True)
    assert "new" in names(run, ".", "--since", "main")
    assert not mark.exists()


def test_a_worktree_of_its_own_is_a_repository_too(
    run: Run, repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("other") / "tree"
    git(repository, "worktree", "add", "-q", "-b", "third", str(folder), "main")
    monkeypatch.chdir(folder)
    (folder / "new.yaml").write_text(pod("new"))
    assert names(run, ".", "--since", "main") == ["new"]


def test_before_the_first_commit_every_file_is_new(
    run: Run, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("unborn")
    monkeypatch.chdir(folder)
    git(folder, "init", "-q", "-b", "main")
    (folder / ".gitignore").write_text("ignored.yaml\n")
    for name in ("staged", "new", "ignored"):
        (folder / f"{name}.yaml").write_text(pod(name))
    git(folder, "add", "staged.yaml")
    assert names(run, ".", "--since", "HEAD") == ["new", "staged"]
    assert run("check", ".", "--since", "main", "--engine", "embedded").code == 2


@pytest.mark.parametrize("named", ["elsewhere.yaml", "-"])
def test_what_is_outside_of_the_repository_is_wrong_usage(
    run: Run,
    repository: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    named: str,
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "elsewhere.yaml"
    outside.write_text(pod())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(pod().encode())))
    path = named if named == "-" else outside
    result = run("check", ".", path, "--since", "main", "--engine", "embedded")
    assert result.code == 2
    assert "is not in the repository" in result.err
