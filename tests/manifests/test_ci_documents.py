"""Pipelines of CI as documents: which files they are, what they say, and what of them nobody sees."""

from __future__ import annotations

import json
from typing import Any

import pytest

from auditor.manifests.formats import format_of, locate_in, parse_file
from auditor.manifests.secrets import Redactor
from auditor.model import Document

WORKFLOW = ".github/workflows/ci.yml"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (WORKFLOW, "GitHubWorkflow"),
        ("sub/.github/workflows/x.yaml", "GitHubWorkflow"),
        (".forgejo/workflows/x.yaml", "GitHubWorkflow"),
        (".github/actions/setup/action.yml", "GitHubAction"),
        (".gitlab-ci.yml", "GitLabPipeline"),
        (".gitlab/ci/deploy.yml", "GitLabPipeline"),
        (".github/dependabot.yml", ""),
        (".github/workflows/sub/x.yml", ""),
        (".github/workflows/README.md", ""),
        ("workflows/ci.yml", ""),
    ],
)
def test_names(path: str, kind: str) -> None:
    found = format_of(path)
    assert (found is not None) is bool(kind)
    if kind:
        assert documents("a: {script: [x]}", path)[0].kind == kind


def documents(text: str, path: str = WORKFLOW) -> tuple[Document, ...]:
    return parse_file(text.encode(), path, redactor=Redactor(b"k" * 32)).documents


def body(text: str, path: str = WORKFLOW) -> dict[str, Any]:
    return dict(documents(text, path)[0].manifest["body"])


def test_on_is_no_truth_value() -> None:
    assert body("on: [push]\njobs: {}\n")["on"] == ["push"]
    assert body("'on': push\n")["on"] == "push"


def test_places_are_those_of_the_file() -> None:
    text = b"# ours\non: push\njobs:\n  web:\n    steps:\n      - name: A\n        run: x\n"
    [document] = parse_file(text, WORKFLOW, redactor=Redactor(b"k" * 32)).documents
    assert locate_in(text, WORKFLOW, document, "body.jobs.web.steps[name=A].run") == (7, 9)


def test_secrets_are_hidden_and_rights_are_not() -> None:
    text = """
on: push
permissions: {id-token: write, contents: read}
env: {API_KEY: open-sesame, OTHER_TOKEN: "${{ secrets.X }}", TOKEN_NAME: shown}
jobs:
  web:
    permissions: {id-token: write}
    steps:
      - run: PASSWORD=behind-the-door ./x --token="knock knock" --api-key=$KEY
"""
    said = body(text)
    assert "open-sesame" not in json.dumps(said)
    assert "behind-the-door" not in json.dumps(said)
    assert "knock knock" not in json.dumps(said)
    assert said["permissions"] == {"id-token": "write", "contents": "read"}
    assert said["jobs"]["web"]["permissions"] == {"id-token": "write"}
    assert said["env"]["OTHER_TOKEN"] == "${{ secrets.X }}"
    assert said["env"]["TOKEN_NAME"] == "shown"
    assert "--api-key=$KEY" in said["jobs"]["web"]["steps"][0]["run"]


def test_what_gitlab_writes() -> None:
    text = "spec:\n  inputs: {x: {default: a}}\n---\nweb:\n  script:\n    - !reference [.base, script]\n    - make\n"
    assert body(text, ".gitlab-ci.yml")["web"]["script"][1] == "make"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"jobs: [\n", "syntax"),
        (b"\xff\xfe", "not-utf8"),
        (b"apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n", "syntax"),
        (b"x" * 600_000, "limit"),
        (
            b"a: &a [1,2,3,4,5,6,7,8,9,0]\n"
            + b"".join(
                b"%c: &%c [%s]\n" % (c, c, b", ".join([b"*%c" % (c - 1)] * 10)) for c in range(98, 110)
            ),
            "limit",
        ),
    ],
)
def test_what_cannot_be_read_is_told(content: bytes, code: str) -> None:
    parsed = parse_file(content, WORKFLOW, redactor=Redactor(b"k" * 32))
    assert parsed.documents == ()
    assert [problem.code for problem in parsed.problems] == [code]


def test_an_empty_file_says_nothing() -> None:
    parsed = parse_file(b"# nothing\n", WORKFLOW, redactor=Redactor(b"k" * 32))
    assert (parsed.documents, parsed.problems) == ((), ())
