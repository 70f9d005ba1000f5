"""The sample repository: the same commits everywhere, and every beat is really in them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml

from auditor.errors import UsageError
from auditor.sample import Beat, SampleRepository, build_sample_repository
from auditor.sample.edits import StoryError, apply_operations

TIP = "0c41e2056dd4929d7064f7cc9e78331955222de6"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SampleRepository:
    return build_sample_repository(tmp_path_factory.mktemp("sample") / "clusters")


def git(sample: SampleRepository, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments],
        cwd=sample.path,
        capture_output=True,
        text=True,
        check=True,
        env={
            "PATH": os.environ["PATH"],
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
        },
    )
    return done.stdout.strip()


def at(sample: SampleRepository, change: str, path: str) -> str:
    return git(sample, "show", f"{sample.changes[change].sha}:{path}")


def before(sample: SampleRepository, change: str, path: str) -> str:
    return git(sample, "show", f"{sample.changes[change].sha}^:{path}")


def beat(sample: SampleRepository, name: str) -> Beat:
    return next(b for b in sample.beats if b.id == name)


def days(found: Beat) -> int:
    assert found.fixed_at is not None
    return (found.fixed_at - found.at).days


def test_the_same_commits_everywhere(sample: SampleRepository) -> None:
    assert sample.tip == TIP
    assert git(sample, "rev-parse", "main") == TIP
    assert git(sample, "rev-parse", "--show-object-format") == "sha1"


def test_git_finds_nothing_wrong_with_it_and_the_tree_is_checked_out(sample: SampleRepository) -> None:
    subprocess.run(
        ["git", "fsck", "--strict", "--no-dangling"], cwd=sample.path, check=True, capture_output=True
    )
    assert git(sample, "status", "--porcelain") == ""
    assert git(sample, "symbolic-ref", "--short", "HEAD") == "main"
    assert (sample.path / "apps/production/kustomization.yaml").is_file()


def test_who_commits(sample: SampleRepository) -> None:
    authors = Counter(git(sample, "log", "--format=%ae", "main").splitlines())
    assert sum(authors.values()) == sample.commits == int(git(sample, "rev-list", "--count", "main"))
    bots = {"fluxcdbot@users.noreply.github.com": 28, "29139614+renovate[bot]@users.noreply.github.com": 16}
    assert {email: authors[email] for email in bots} == bots
    people = set(authors) - set(bots)
    assert len(people) == 7
    assert all(email.endswith("example.com") for email in people)
    committers = Counter(git(sample, "log", "--first-parent", "--format=%ce", "main").splitlines())
    assert committers["noreply@github.com"] > 90


def test_time_runs_forward_for_eighteen_months(sample: SampleRepository) -> None:
    times = [
        int(line) for line in git(sample, "log", "--first-parent", "--reverse", "--format=%ct").splitlines()
    ]
    assert times == sorted(set(times))
    dates = git(sample, "log", "--first-parent", "--reverse", "--format=%cs").splitlines()
    assert (dates[0], dates[-1]) == ("2025-05-05", "2026-10-30")
    assert len({date[:7] for date in dates}) == 18, "something lands in every month"


def test_every_beat_names_commits_that_are_on_main(sample: SampleRepository) -> None:
    landed = set(git(sample, "rev-list", "--first-parent", "main").splitlines())
    assert len(sample.beats) >= 25
    for found in sample.beats:
        assert found.sha in landed, found.id
        assert found.expect, found.id
        if found.fixed_sha:
            assert found.fixed_sha in landed, found.id
            assert found.fixed_at is not None
            assert found.fixed_at > found.at, found.id


@pytest.mark.parametrize(
    ("name", "path", "piece"),
    [
        ("plain-secret", "apps/base/notify/smtp-secret.yaml", "password: correct-horse-battery-staple"),
        ("privileged", "apps/base/label-printer/deployment.yaml", "privileged: true"),
        ("latest", "apps/base/notify/deployment.yaml", "notifications:latest"),
        ("remote-base", "infrastructure/controllers/metrics-server/kustomization.yaml", "manifests/base\n"),
        ("wildcard-role", "apps/base/tracking-api/rbac.yaml", 'resources: ["*"]'),
        ("host-network", "apps/base/notifications/deployment.yaml", "hostNetwork: true"),
        ("open-to-the-world", "terraform/network.tf", "0.0.0.0/0"),
        ("dockerfile", "images/label-printer/Dockerfile", "FROM debian:latest"),
        ("password-in-env", "apps/base/tracking-api/deployment.yaml", "value: not-a-real-password"),
        ("net-admin", "apps/base/checkout/deployment.yaml", "NET_ADMIN"),
        ("control-weakened", ".github/workflows/validate.yaml", "continue-on-error: true"),
    ],
)
def test_what_was_wrong_came_and_went(sample: SampleRepository, name: str, path: str, piece: str) -> None:
    found = beat(sample, name)
    assert piece in git(sample, "show", f"{found.sha}:{path}") + "\n"
    tree_before = git(sample, "ls-tree", "-r", "--name-only", f"{found.sha}^").splitlines()
    if path in tree_before:
        assert piece not in git(sample, "show", f"{found.sha}^:{path}")
    assert found.fixed_sha
    assert piece in git(sample, "show", f"{found.fixed_sha}^:{path}") + "\n"
    if path in git(sample, "ls-tree", "-r", "--name-only", found.fixed_sha).splitlines():
        assert piece not in git(sample, "show", f"{found.fixed_sha}:{path}") + "\n"


@pytest.mark.parametrize(
    ("name", "path", "piece"),
    [
        ("cluster-admin", "infrastructure/configs/ci-deployer.yaml", "name: cluster-admin"),
        ("host-path", "infrastructure/controllers/fluent-bit.yaml", "hostPath:"),
        ("prune-off", "clusters/production/apps.yaml", "prune: false"),
    ],
)
def test_what_is_still_open(sample: SampleRepository, name: str, path: str, piece: str) -> None:
    found = beat(sample, name)
    assert not found.fixed_sha
    assert piece in git(sample, "show", f"{found.sha}:{path}")
    assert piece in (sample.path / path).read_text()


def test_what_is_missing(sample: SampleRepository) -> None:
    assert "limits:" not in (sample.path / "apps/base/slot-planner/deployment.yaml").read_text()
    chart = "infrastructure/controllers/ingress-nginx.yaml"
    assert "version: 4" not in at(sample, "ingress-nginx", chart)
    assert "version: 4.12.1" in at(sample, "ingress-nginx-pinned", chart)
    assert "tls:" not in at(sample, "first-import", "apps/base/storefront/ingress.yaml")
    assert "tls:" in at(sample, "storefront-tls", "apps/base/storefront/ingress.yaml")
    canary = "apps/base/storefront/canary.yaml"
    assert "metrics:" not in at(sample, "canary", canary)
    assert "metrics:" in at(sample, "canary-metrics", canary)


def test_how_long_things_stayed_open(sample: SampleRepository) -> None:
    expected = {"privileged": 40, "plain-secret": 21, "latest": 76, "host-network": 9, "net-admin": 14}
    assert {name: days(beat(sample, name)) for name in expected} == expected
    assert days(beat(sample, "broken-yaml")) == 0


def test_the_broken_file_is_broken_and_then_is_not(sample: SampleRepository) -> None:
    path = "apps/base/postgres/statefulset.yaml"
    with pytest.raises(yaml.YAMLError):
        yaml.safe_load(at(sample, "broken-yaml", path))
    assert yaml.safe_load(at(sample, "broken-yaml-fixed", path))["kind"] == "StatefulSet"


def test_the_revert_names_the_true_commit_and_undoes_it(sample: SampleRepository) -> None:
    message = git(sample, "log", "-1", "--format=%B", sample.changes["storefront-rollback"].sha)
    reverted = sample.changes["storefront-1.3.0-production"].sha
    assert f"This reverts commit {reverted}." in message
    path = "apps/production/kustomization.yaml"
    assert at(sample, "storefront-rollback", path) == before(sample, "storefront-1.3.0-production", path)


def test_the_move_changes_no_byte(sample: SampleRepository) -> None:
    sha = sample.changes["notify-moved"].sha
    lines = git(sample, "diff-tree", "-r", "-M100%", "--name-status", "--no-commit-id", sha).splitlines()
    renamed = [line for line in lines if line.startswith("R100")]
    assert len(renamed) == 3
    assert {line.split("\t")[-1] for line in lines} - {line.split("\t")[-1] for line in renamed} == {
        "apps/production/kustomization.yaml",
        "apps/staging/kustomization.yaml",
    }


def test_the_deleted_application_comes_back_as_it_was(sample: SampleRepository) -> None:
    gone, back = sample.changes["returns-portal-deleted"].sha, sample.changes["returns-portal-back"].sha
    folder = "apps/base/returns-portal"
    assert git(sample, "ls-tree", gone, folder) == ""
    assert git(sample, "rev-parse", f"{gone}^:{folder}") == git(sample, "rev-parse", f"{back}:{folder}")


def test_only_the_evil_merge_differs_from_what_git_would_merge(sample: SampleRepository) -> None:
    merges = git(sample, "rev-list", "--merges", "main").splitlines()
    assert len(merges) >= 8
    differing = []
    for sha in merges:
        first, second = git(sample, "rev-parse", f"{sha}^1", f"{sha}^2").splitlines()
        if git(sample, "merge-tree", "--write-tree", first, second) != git(
            sample, "rev-parse", f"{sha}^{{tree}}"
        ):
            differing.append(sha)
        assert git(sample, "log", "-1", "--format=%s", sha).startswith("Merge pull request #")
    assert differing == [sample.changes["evil-merge"].sha]
    assert "@contractor" in git(sample, "log", "-1", "--format=%ce", differing[0])


def test_pushes_by_people(sample: SampleRepository) -> None:
    log = git(sample, "log", "--first-parent", "--reverse", "--format=%H%x09%ae%x09%ce%x09%P").splitlines()
    pushed = [
        sha
        for sha, author, committer, parents in (line.split("\t") for line in log)
        if parents and " " not in parents and author == committer and "fluxcdbot" not in author
    ]
    assert len(pushed) == 8
    for name in ("ingress-nginx", "black-friday", "production-hotfix", "forged-merge", "log-level"):
        assert sample.changes[name].sha in pushed


def test_the_hotfix_was_never_in_staging(sample: SampleRepository) -> None:
    assert "newTag: 2.3.1" in at(sample, "production-hotfix", "apps/production/kustomization.yaml")
    assert git(sample, "log", "--format=%H", "-S2.3.1", "main", "--", "apps/staging") == ""


def test_pull_requests_are_numbered_once_and_the_forged_number_is_nobodys(sample: SampleRepository) -> None:
    subjects = git(sample, "log", "--first-parent", "--format=%H %s").splitlines()
    numbers = Counter(
        number
        for line in subjects
        if not line.startswith(sample.changes["forged-merge"].sha)
        for number in re.findall(r"\(#(\d+)\)$|Merge pull request #(\d+) ", line)
        for number in number
        if number
    )
    assert len(numbers) > 90
    assert set(numbers.values()) == {1}
    assert "63" not in numbers


@pytest.mark.parametrize(
    "overlay", ["apps/staging", "apps/production", "infrastructure/controllers", "infrastructure/configs"]
)
def test_the_tip_renders_to_valid_objects(sample: SampleRepository, overlay: str) -> None:
    kubernetes_validate = pytest.importorskip("kubernetes_validate")
    kubectl = Path(sys.executable).with_name("kubectl")
    built = subprocess.run(
        [str(kubectl), "kustomize", str(sample.path / overlay)], capture_output=True, text=True, timeout=60
    )
    assert built.returncode == 0, built.stderr
    valid = 0
    for document in yaml.safe_load_all(built.stdout):
        document.pop("sops", None)
        try:
            kubernetes_validate.validate(document, "1.37", strict=True)
            valid += 1
        except kubernetes_validate.SchemaNotFoundError:
            assert document["apiVersion"].split("/")[0].count(".") >= 1, "only custom resources lack a schema"
    assert valid > 5


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("keep")
    with pytest.raises(UsageError, match="not empty"):
        build_sample_repository(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ({"edit": "a", "text": "x", "to": "y"}, "3 times, not once"),
        ({"edit": "a", "after": "nothing", "insert": "y"}, "0 times, not once"),
        ({"edit": "none", "text": "x", "to": "y"}, "does not exist"),
        ({"delete": "none"}, "does not exist"),
        ({"move": "none/", "to": "b/"}, "does not exist"),
        ({"shred": "a"}, "unknown kind"),
    ],
)
def test_an_edit_that_does_not_fit_is_an_error(
    tmp_path: Path, operation: dict[str, str], message: str
) -> None:
    with pytest.raises(StoryError, match=message):
        apply_operations(tmp_path, {"a": b"x x\nx\n"}, [operation])


def test_a_block_is_put_in_the_place_and_indentation_of_its_neighbour(tmp_path: Path) -> None:
    tree = {"a": b"spec:\n  containers:\n    - name: web\n      image: x\n"}
    do = [
        {"edit": "a", "after": "image: x", "insert": "ports:\n  - 80\n"},
        {"edit": "a", "after": "- name: web", "insert": "tty: true"},
        {"edit": "a", "replace": "containers:", "with": "hostNetwork: true\ncontainers:"},
    ]
    assert apply_operations(tmp_path, tree, do)["a"].decode() == (
        "spec:\n  hostNetwork: true\n  containers:\n    - name: web\n      tty: true\n      image: x\n"
        "      ports:\n        - 80\n"
    )
