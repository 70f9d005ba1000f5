"""Kinds that are no Kubernetes kinds: which rules they meet, and which names the lint knows."""

from __future__ import annotations

import pytest

from auditor.manifests.documents import document_of
from auditor.policy.judge import Judge, JudgeSpec
from auditor.policy.kinds import is_known_kind
from auditor.policy.router import Router


def test_a_rule_for_every_kind_means_kubernetes() -> None:
    router = Router((("*",), ("terraform/*",), ("terraform/module",), ("docker/Dockerfile",)))
    assert router.rules_for("apps/Deployment") == (0,)
    assert router.rules_for("terraform/module") == (1, 2)
    assert router.rules_for("terraform/aws_s3_bucket") == (1,)
    assert router.rules_for("docker/Dockerfile") == (3,)


@pytest.mark.parametrize(
    "kind", ["terraform/*", "terraform/aws_s3_bucket", "terraform/data.aws_ami", "docker/Dockerfile"]
)
def test_known(kind: str) -> None:
    assert is_known_kind(kind)


@pytest.mark.parametrize("kind", ["docker/Compose", "docker/*", "terraform/AWS", "terraform/", "apps/*"])
def test_unknown(kind: str) -> None:
    assert not is_known_kind(kind)


def test_no_schema_is_asked_and_none_is_claimed() -> None:
    manifest = {"apiVersion": "terraform/v1", "kind": "variable", "metadata": {"name": "x"}, "body": {}}
    with Judge(JudgeSpec(engine="embedded")) as judge:
        (judgement,) = judge.judge([document_of(manifest)])
    assert judgement.verdicts == ()
    assert "AUD-SCHEMA-0001" not in judgement.evaluated
