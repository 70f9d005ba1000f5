"""The images that a scan records: what is declared now, as written and as rendered, and since when."""

from __future__ import annotations

from typing import Any

import pytest
from histories.audits import Audit
from histories.builder import ANN, BEA, History

from auditor.store.saved import run_saved

SHA = "sha256:" + "0123456789abcdef" * 4


def deployment(image: str, *, comment: str = "", replicas: int = 1) -> str:
    return f"""apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: shop}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
        - name: web
          image: {image}{comment}
"""


def images(audit: Audit, columns: str, where: str = "true") -> list[tuple[Any, ...]]:
    return audit.rows(f"SELECT {columns} FROM images WHERE {where} ORDER BY ALL")


@pytest.mark.parametrize("in_steps", [False, True])
def test_an_image_is_told_with_the_commit_that_brought_it(
    story: History, audit: Audit, in_steps: bool
) -> None:
    def commit(files: dict[str | bytes, Any], **named: Any) -> str:
        sha = story.commit("change", files, **named)
        if in_steps:
            audit.scan()
        return sha

    commit({"a.yaml": deployment("ghcr.io/a/web:1")})
    two = commit({"a.yaml": deployment("ghcr.io/a/web:2")}, by=BEA)
    commit({"a.yaml": deployment("ghcr.io/a/web:2", replicas=2)}, by=ANN)
    five = commit({"Dockerfile": f"FROM debian:12@{SHA} AS build\nFROM build\nCOPY --from=busybox /x /x\n"})
    commit({"b/a.yaml": deployment("ghcr.io/a/web:2", replicas=2), "a.yaml": None})
    audit.scan()
    assert images(
        audit, "path, field, registry, repository, tag, digest, pinned, since_sha, rendered, policy"
    ) == [
        ("Dockerfile", "dockerfile COPY", "docker.io", "library/busybox", "", "", False, five, False, ""),
        ("Dockerfile", "dockerfile FROM", "docker.io", "library/debian", "12", SHA, True, five, False, ""),
        ("b/a.yaml", "container", "ghcr.io", "a/web", "2", "", False, two, False, ""),
    ]
    assert all(since is not None for (since,) in images(audit, "since"))


def test_a_marker_in_a_comment_alone_is_seen(story: History, audit: Audit) -> None:
    story.commit("plain", {"a.yaml": deployment("ghcr.io/a/web:1")})
    audit.scan()
    assert images(audit, "policy") == [("",)]
    story.commit(
        "marked", {"a.yaml": deployment("ghcr.io/a/web:1", comment=' # {"$imagepolicy": "flux:web"}')}
    )
    audit.scan()
    assert images(audit, "policy") == [("flux/web",)]
    story.commit("not any more", {"a.yaml": deployment("ghcr.io/a/web:1")})
    audit.scan()
    assert images(audit, "policy") == [("",)]


def test_what_is_rendered_came_with_what_is_written(story: History, audit: Audit) -> None:
    kustomization = "resources: [web.yaml]\nimages: [{name: web, newName: ghcr.io/a/web, newTag: '%d'}]\n"
    story.commit("one", {"app/kustomization.yaml": kustomization % 1, "app/web.yaml": deployment("web")})
    two = story.commit("two", {"app/kustomization.yaml": kustomization % 2})
    audit.scan(render=True)
    rendered = images(audit, "kind, repository, tag, since_sha", "rendered")
    assert rendered == [("Deployment", "a/web", "2", two)]
    assert ("Kustomization", "a/web", "2", two) in images(
        audit, "kind, repository, tag, since_sha", "NOT rendered"
    )
    story.commit("three", {"README.md": "x"})
    audit.scan(render=True)
    assert images(audit, "kind, repository, tag, since_sha", "rendered") == rendered


def test_a_credential_in_a_reference_is_not_kept(story: History, audit: Audit) -> None:
    token = "ghp_" + "C" * 36
    story.commit("one", {"a.yaml": deployment(f"ghcr.io/{token}/web:1")})
    audit.scan()
    assert token not in repr(audit.tables())


def test_saved_questions(story: History, audit: Audit) -> None:
    story.commit("one", {"a.yaml": deployment("ghcr.io/a/web:1")})
    story.commit("two", {"a.yaml": deployment("ghcr.io/a/web:2"), "Dockerfile": f"FROM debian@{SHA}\n"})
    audit.scan()

    def answers(name: str, columns: str, **parameters: str) -> list[tuple[Any, ...]]:
        result = run_saved(audit.database, name, parameters=parameters)
        return [tuple(row[column] for column in columns.split()) for row in result.table.to_pylist()]

    assert answers("images-unpinned", "image field") == [("ghcr.io/a/web:2", "container")]
    assert answers("images-by-registry", "registry repository places pinned") == [
        ("docker.io", "library/debian", 1, 1),
        ("ghcr.io", "a/web", 1, 0),
    ]
    assert answers("image-history", "old new", image="a/web") == [
        (None, "ghcr.io/a/web:1"),
        ("ghcr.io/a/web:1", "ghcr.io/a/web:2"),
    ]


def test_a_marker_without_its_policy_is_told(story: History, audit: Audit) -> None:
    policy = (
        "apiVersion: image.toolkit.fluxcd.io/v1\nkind: ImagePolicy\nmetadata: {name: web, namespace: flux}\n"
    )
    marked = [
        deployment("ghcr.io/a/web:1", comment=f' # {{"$imagepolicy": "flux:{name}"}}')
        for name in ("web", "gone")
    ]
    story.commit("one", {"a.yaml": marked[0], "policy.yaml": policy})
    audit.scan()
    assert run_saved(audit.database, "image-policies-missing").table.to_pylist() == []
    story.commit("two", {"a.yaml": marked[1]})
    audit.scan()
    [row] = run_saved(audit.database, "image-policies-missing").table.to_pylist()
    assert (row["policy"], row["path"]) == ("flux/gone", "a.yaml")
