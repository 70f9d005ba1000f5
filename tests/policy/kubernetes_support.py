"""What the tests of the rules on Kubernetes objects share: one judge an engine, and the question "what does it say"."""

from __future__ import annotations

from typing import Any

from policy.policy_support import document

from auditor.model import Outcome
from auditor.policy.judge import Judge


def said(judge: Judge, rule_id: str, *manifests: dict[str, Any]) -> list[list[str]]:
    """The pointers at which a rule fires, a sorted list a manifest; no error may hide behind silence."""
    answers = []
    for judgement in judge.judge([document(one, str(number)) for number, one in enumerate(manifests)]):
        verdicts = [one for one in judgement.verdicts if one.rule_id == rule_id]
        assert [one.message for one in verdicts if one.outcome is not Outcome.FAIL] == []
        assert verdicts or rule_id in judgement.evaluated
        answers.append(sorted(one.pointer for one in verdicts))
    return answers


def said_together(judge: Judge, rule_id: str, *manifests: dict[str, Any]) -> list[tuple[int, str]]:
    """(number of the manifest, pointer) of all that a rule over the environment finds, sorted."""
    evaluated, verdicts = judge.judge_together("production", [document(one) for one in manifests])
    found = [(number, one) for number, one in verdicts if one.rule_id == rule_id]
    assert [one.message for _, one in found if one.outcome is not Outcome.FAIL] == []
    assert rule_id in evaluated
    return sorted((number, one.pointer) for number, one in found)


def workload(
    kind: str = "Deployment",
    name: str = "web",
    *,
    namespace: str = "shop",
    labels: dict[str, str] | None = None,
    containers: list[dict[str, Any]] | None = None,
    pod: dict[str, Any] | None = None,
    **spec: Any,
) -> dict[str, Any]:
    """A workload whose pods have `labels` ({"app": name} where none are given)."""
    labels = {"app": name} if labels is None else labels
    containers = [{"name": "web", "image": "web:1"}] if containers is None else containers
    template = {"metadata": {"labels": labels}, "spec": {"containers": containers, **(pod or {})}}
    metadata = {"name": name, "namespace": namespace}
    if kind == "Pod":
        return {
            "apiVersion": "v1",
            "kind": kind,
            "metadata": {**metadata, "labels": labels},
            "spec": template["spec"],
        }
    if kind == "CronJob":
        full = {"schedule": "@daily", **spec, "jobTemplate": {"spec": {"template": template}}}
    else:
        full = {**spec, "template": template}
    group = "batch/v1" if kind in ("Job", "CronJob") else "apps/v1"
    return {"apiVersion": group, "kind": kind, "metadata": metadata, "spec": full}
