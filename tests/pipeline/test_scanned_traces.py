"""Where findings on what is rendered stand after a scan: file and line of their source, the way, who wrote the line."""

from __future__ import annotations

from typing import Any

import pytest
from histories.audits import Audit
from histories.builder import History
from histories.manifests import kustomization, pod

from auditor.pipeline.declared import traces

PATCH = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
spec:
  containers:
    - name: web
      securityContext:
        privileged: {privileged}
"""
FOUND = (
    "SELECT path, line, opened_sha FROM findings WHERE source = 'rendered' AND rule_id = 'AUD-POD-0001'"
    " AND state = 'open' ORDER BY ALL"
)
WAY = (
    "SELECT t.position, t.path, t.line, t.exact, t.sha FROM traces t JOIN findings f ON f.id = t.finding"
    " WHERE f.rule_id = 'AUD-POD-0001' AND f.source = 'rendered' AND f.state = 'open' ORDER BY t.position"
)


def start(story: History, privileged: str = "true") -> Any:
    return story.commit(
        "start",
        {
            "base/kustomization.yaml": kustomization(resources=("web.yaml",)),
            "base/web.yaml": pod(),
            "prod/kustomization.yaml": kustomization(resources=("../base",), patches=("patch.yaml",)),
            "prod/patch.yaml": PATCH.format(privileged=privileged),
        },
    )


def test_a_finding_stands_on_the_line_of_the_patch(story: History, audit: Audit) -> None:
    sha = start(story)
    audit.scan(render=True)
    assert audit.rows(FOUND) == [("prod/patch.yaml", 10, sha)]
    assert audit.rows(WAY) == [
        (0, "prod/patch.yaml", 10, True, sha),
        (1, "base/web.yaml", 1, True, ""),
        (2, "base/kustomization.yaml", 0, True, ""),
        (3, "prod/kustomization.yaml", 0, True, ""),
    ]


def test_the_commit_is_the_one_that_last_wrote_the_line(story: History, audit: Audit) -> None:
    start(story, "false")
    sha = story.commit("true", {"prod/patch.yaml": PATCH.format(privileged="true")})
    story.commit("moved", {"prod/patch.yaml": "# a comment\n" + PATCH.format(privileged="true")})
    audit.scan(render=True)
    assert audit.rows(FOUND)[0][:2] == ("prod/patch.yaml", 11)
    assert audit.rows(WAY)[0] == (0, "prod/patch.yaml", 11, True, sha)


def test_a_later_scan_goes_on_and_says_what_a_first_one_says(
    story: History, audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(story)
    audit.scan(render=True)
    before = audit.rows(WAY)
    asked: list[int] = []
    trace_fields = traces.trace_fields

    def counted(deployed: Any, fields: Any, files: Any) -> Any:
        asked.append(len(fields))
        return trace_fields(deployed, fields, files)

    monkeypatch.setattr(traces, "trace_fields", counted)
    story.commit("elsewhere", {"README.md": "nobody reads it"})
    audit.scan(render=True)
    assert audit.rows(WAY) == before
    assert asked == [0]
    story.commit("moved", {"prod/patch.yaml": "# a comment\n" + PATCH.format(privileged="true")})
    audit.scan(render=True)
    assert audit.rows(WAY)[0] == (0, "prod/patch.yaml", 11, True, before[0][-1])
    assert asked[1] > 0


def test_nothing_is_left_of_what_is_mended(story: History, audit: Audit) -> None:
    start(story)
    audit.scan(render=True)
    story.commit("mended", {"prod/patch.yaml": PATCH.format(privileged="false")})
    audit.scan(render=True)
    assert audit.rows(FOUND) == []
    assert audit.rows(WAY) == []
