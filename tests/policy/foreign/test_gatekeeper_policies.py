"""Gatekeeper's templates and constraints as they are, held against `gator test` where it is built."""

from __future__ import annotations

import pytest
from policy.foreign.foreign_support import ENGINES, failing, gator_says, judged, write

from auditor.model import Severity
from auditor.policy.foreign.gatekeeper import enforcement
from auditor.policy.foreign.templates import with_defaults
from auditor.policy.library import load_library


def template(
    kind: str, rego: str, *, schema: str = "", libs: str = "", version: str = "v1", code: bool = False
) -> str:
    def indented(text: str, by: int) -> str:
        return "\n".join(" " * by + line for line in text.strip("\n").splitlines())

    given = f"      validation: {{openAPIV3Schema: {schema}}}\n" if schema else ""
    head = (
        f"apiVersion: templates.gatekeeper.sh/{version}\nkind: ConstraintTemplate\nmetadata: {{name: {kind.lower()}}}\n"
        f"spec:\n  crd:\n    spec:\n      names: {{kind: {kind}}}\n{given}"
        "  targets:\n    - target: admission.k8s.gatekeeper.sh\n"
    )
    lines = indented(rego, 12)
    libraries = f"\n          libs:\n            - |\n{indented(libs, 14)}" if libs else ""
    if code:
        return (
            head
            + f"      code:\n        - engine: Rego\n          source:\n            version: v1\n            rego: |\n{indented(rego, 14)}\n"
        )
    return head + f"      rego: |\n{lines}\n" + libraries.replace("\n          libs", "      libs", 1) + "\n"


def constraint(kind: str, name: str, spec: str) -> str:
    return f"apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {spec}\n"


LABELS = template(
    "NeedsLabels",
    """
package needslabels

import data.lib.labels

violation[{"msg": msg, "details": {"missing": missing, "pointer": "metadata.labels"}}] {
  missing := labels.wanted(input.parameters.labels) - labels.given(input.review.object)
  count(missing) > 0
  msg := sprintf("%v lacks %v", [input.review.kind.kind, missing])
}
""",
    schema="{type: object, properties: {labels: {type: array, items: {type: string}, default: [team]}}}",
    libs="""
package lib.labels

wanted(names) = {name | name := names[_]}
given(thing) = {name | thing.metadata.labels[name]}
""",
)

MANIFESTS = """
apiVersion: v1
kind: Namespace
metadata: {name: prod, labels: {tier: gold}}
---
apiVersion: v1
kind: Namespace
metadata: {name: test}
---
apiVersion: v1
kind: Service
metadata: {name: a, namespace: prod}
spec: {selector: {app: x}}
---
apiVersion: v1
kind: Service
metadata: {name: b, namespace: test, labels: {team: t}}
spec: {selector: {app: x}}
---
apiVersion: v1
kind: Service
metadata: {name: c, namespace: prod, labels: {team: t}}
spec: {selector: {app: x}}
"""

KINDS = 'kinds: [{apiGroups: [""], kinds: [Service]}]'

UNIQUE = template(
    "UniqueSelector",
    """
package uniqueselector

violation contains {"msg": msg} if {
  some namespace, name
  other := data.inventory.namespace[namespace][_]["Service"][name]
  other.spec.selector == input.review.object.spec.selector
  [namespace, name] != [input.review.namespace, input.review.name]
  msg := sprintf("the same pods as %v/%v", [namespace, name])
}
""",
    code=True,
)

CASES = {
    "labels with defaults, a library and v0": (
        LABELS,
        constraint("NeedsLabels", "labels", f"{{match: {{{KINDS}}}}}"),
        [("a", 'Service lacks {"team"}')],
    ),
    "parameters": (
        LABELS,
        constraint(
            "NeedsLabels",
            "labels",
            f"{{match: {{{KINDS}, namespaces: ['te*']}}, parameters: {{labels: [x]}}}}",
        ),
        [("b", 'Service lacks {"x"}')],
    ),
    "namespaceSelector": (
        LABELS,
        constraint(
            "NeedsLabels",
            "labels",
            f"{{match: {{{KINDS}, namespaceSelector: {{matchLabels: {{tier: gold}}}}}}, parameters: {{labels: [x]}}}}",
        ),
        [("a", 'Service lacks {"x"}'), ("c", 'Service lacks {"x"}')],
    ),
    "inventory and v1": (
        UNIQUE,
        constraint("UniqueSelector", "unique", f"{{match: {{{KINDS}, excludedNamespaces: [test]}}}}"),
        [
            ("a", "the same pods as prod/c"),
            ("a", "the same pods as test/b"),
            ("c", "the same pods as prod/a"),
            ("c", "the same pods as test/b"),
        ],
    ),
}


# rego-cpp ends at the first of several namespaces: docs/foreign-rules.md says not to rely on it.
ON_ENGINES = [
    pytest.param(
        case,
        engine,
        marks=pytest.mark.needs_opa if engine == "opa" else (),
    )
    for case in CASES
    for engine in ("opa", "embedded")
    if (case, engine) != ("inventory and v1", "embedded")
]


@pytest.mark.parametrize(("case", "engine"), ON_ENGINES)
def test_says_what_the_constraint_says(tmp_path, case, engine) -> None:
    given, bound, expected = CASES[case]
    folder = write(tmp_path, p__template_yaml=given, p__constraint_yaml=bound) / "p"
    assert failing(judged(folder, MANIFESTS, engine)) == expected


@pytest.mark.needs_gator
@pytest.mark.parametrize("case", CASES)
def test_gator_says_the_same(tmp_path, case) -> None:
    given, bound, expected = CASES[case]
    if "defaults" in case:
        # The API server fills defaults in; gator does not.
        bound = bound.replace("}}\n", "}, parameters: {labels: [team]}}\n")
    folder = write(tmp_path, p__template_yaml=given, p__constraint_yaml=bound) / "p"
    assert gator_says(folder, MANIFESTS) == expected


def test_enforcement_actions_keep_their_meaning(tmp_path) -> None:
    files = {
        f"p__{action}_yaml": constraint("NeedsLabels", action, f"{{enforcementAction: {action}}}")
        for action in ("deny", "warn", "dryrun")
    }
    library = load_library((write(tmp_path, p__template_yaml=LABELS, **files) / "p",))
    found = {one.metadata.id.rpartition("/")[2]: one for one in library.foreign_rules}
    assert found["deny"].metadata.severity is Severity.MEDIUM
    assert found["warn"].metadata.severity is Severity.LOW
    assert library.advisory == {"gatekeeper/needslabels/dryrun", "gatekeeper/needslabels/warn"}
    assert library.warning == {"gatekeeper/needslabels/warn"}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, ("deny", "")),
        ({"enforcementAction": "warn"}, ("warn", "")),
        (
            {
                "enforcementAction": "scoped",
                "scopedEnforcementActions": [{"action": "dryrun"}, {"action": "warn"}],
            },
            ("warn", ""),
        ),
        (
            {"enforcementAction": "scoped"},
            ("deny", "scopedEnforcementActions names no deny, warn or dryrun"),
        ),
    ],
)
def test_the_strictest_action_counts(spec, expected) -> None:
    assert enforcement(spec) == expected


NO_CODE = template("A", 'package a\nviolation[{"msg": "x"}] { true }').replace("rego: |", "other: |")

NAMED = {
    "no template": ("{}", constraint("Nothing", "a", "{}"), "skipped", "no ConstraintTemplate of Nothing"),
    "no code": (NO_CODE, constraint("A", "a", "{}"), "skipped", "no code in Rego or CEL"),
    "no violation": (
        template("A", "package a\ndeny[x] { x := 1 }"),
        constraint("A", "a", "{}"),
        "skipped",
        "defines no violation",
    ),
    "external data": (
        template("A", 'package a\nviolation[{"msg": "x"}] { external_data({"provider": "p", "keys": []}) }'),
        constraint("A", "a", "{}"),
        "skipped",
        "calls external_data",
    ),
    "other data": (
        template("A", 'package a\nviolation[{"msg": "x"}] { data.secrets.a }'),
        constraint("A", "a", "{}"),
        "skipped",
        "reads data.secrets",
    ),
    "generated": (
        template("A", 'package a\nviolation[{"msg": "x"}] { true }'),
        constraint("A", "a", "{match: {source: Generated}}"),
        "skipped",
        "only resources that Gatekeeper generates",
    ),
    "wrong parameters": (
        LABELS,
        constraint("NeedsLabels", "a", "{parameters: {labels: 5}}"),
        "error",
        'labels: 5 is not of type "array"',
    ),
    "wrong match": (
        template("A", 'package a\nviolation[{"msg": "x"}] { true }'),
        constraint("A", "a", "{match: {kindz: []}}"),
        "error",
        "no field 'kindz'",
    ),
    "no message": (
        template("A", 'package a\nviolation[{"message": "x"}] { true }'),
        constraint("A", "a", "{}"),
        "error",
        "gave no message",
    ),
    "unknown namespace": (
        template("A", 'package a\nviolation[{"msg": "x"}] { true }'),
        constraint("A", "a", "{match: {namespaceSelector: {matchLabels: {a: b}}}}"),
        "error",
        "the Namespace is not declared here",
    ),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", NAMED)
def test_what_cannot_be_told_is_named_and_never_a_pass(tmp_path, case, engine) -> None:
    given, bound, outcome, reason = NAMED[case]
    folder = write(tmp_path, p__template_yaml=given, p__constraint_yaml=bound) / "p"
    found = judged(folder, "{apiVersion: v1, kind: Pod, metadata: {name: x, namespace: y}}", engine)
    assert [(said, name) for _, said, name, _ in found] == [(outcome, "x")]
    assert reason in found[0][3]


def test_a_template_without_constraints_is_remarked(tmp_path) -> None:
    library = load_library((write(tmp_path, p__template_yaml=LABELS) / "p",))
    assert not library.foreign_rules
    assert "no constraint of NeedsLabels" in library.remarks[0]


def test_defaults_are_filled_in_at_every_depth() -> None:
    schema = {
        "properties": {
            "a": {"default": {"b": 1}, "properties": {"b": {"default": 2}, "c": {"default": 3}}},
            "d": {"items": {"properties": {"e": {"default": 4}}}},
        }
    }
    assert with_defaults(schema, {"d": [{}, {"e": 5}]}) == {"a": {"b": 1, "c": 3}, "d": [{"e": 4}, {"e": 5}]}
    assert with_defaults(schema, {"a": {"b": 0}}) == {"a": {"b": 0, "c": 3}}
