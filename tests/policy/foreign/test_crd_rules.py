"""x-kubernetes-validations: asked where they stand in the schema, with a pointer to the value."""

from __future__ import annotations

from policy.foreign.foreign_support import write

from auditor.policy.judge import Judge, JudgeSpec
from auditor.policy.testing import documents_of

CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: shops.example.org}
spec:
  group: example.org
  names: {kind: Shop, plural: shops}
  versions:
    - name: v1
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              x-kubernetes-validations:
                - {rule: "self.min <= self.max", message: "min is over max"}
                - {rule: "self.max == oldSelf.max"}
              properties:
                min: {type: integer}
                max: {type: integer}
                doors:
                  type: array
                  items:
                    type: object
                    x-kubernetes-validations:
                      - {rule: "self.width > 0", messageExpression: "'width is ' + string(self.width)"}
                    properties: {name: {type: string}, width: {type: integer}}
                notes:
                  type: object
                  additionalProperties:
                    type: string
                    x-kubernetes-validations: [{rule: "size(self) < 3"}]
"""


def verdicts(tmp_path, manifest: str) -> list[tuple[str, str, str]]:
    folder = write(tmp_path / "p", crd_yaml=CRD)
    (tmp_path / "empty").mkdir(exist_ok=True)
    spec = JudgeSpec(policy_folders=(folder,), engine="embedded", schemas=False, base=tmp_path / "empty")
    with Judge(spec) as judge:
        found = judge.judge(documents_of(manifest))[0].verdicts
    assert {verdict.rule_id for verdict in found} <= {"crd/example.org/Shop"}
    return sorted((one.outcome.value, one.pointer, one.message) for one in found)


def test_each_rule_is_asked_where_it_stands(tmp_path) -> None:
    found = verdicts(
        tmp_path,
        """
        {apiVersion: example.org/v1, kind: Shop, metadata: {name: a}, spec: {min: 5, max: 2,
         doors: [{name: front, width: 1}, {name: back, width: 0}], notes: {a.b: "long", c: "ok"}}}
        """,
    )
    assert found[:3] == [
        ("fail", "spec", "min is over max"),
        ("fail", "spec.doors[name=back]", "width is 0"),
        ("fail", 'spec.notes["a.b"]', "failed rule: size(self) < 3"),
    ]
    assert [(outcome, "oldSelf" in message) for outcome, _, message in found[3:]] == [("skipped", True)]


def test_a_resource_that_keeps_the_rules_has_only_the_skip(tmp_path) -> None:
    found = verdicts(
        tmp_path, "{apiVersion: example.org/v1, kind: Shop, metadata: {name: a}, spec: {min: 1, max: 2}}"
    )
    assert [outcome for outcome, _, _ in found] == ["skipped"]


def test_a_rule_in_error_is_a_violation_and_an_unknown_version_a_skip(tmp_path) -> None:
    found = verdicts(
        tmp_path, "{apiVersion: example.org/v1, kind: Shop, metadata: {name: a}, spec: {min: 1}}"
    )
    assert any(outcome == "fail" and "ended in an error" in message for outcome, _, message in found)
    found = verdicts(tmp_path, "{apiVersion: example.org/v9, kind: Shop, metadata: {name: a}, spec: {}}")
    assert found == [("skipped", "", "the CustomResourceDefinition has no version v9")]
