"""ValidatingAdmissionPolicies: what the API server would refuse is a violation; what only it knows is a named skip."""

from __future__ import annotations

import pytest
from policy.foreign.foreign_support import judged, write

from auditor.model import Severity
from auditor.policy.foreign.admissionscope import guessed_plural
from auditor.policy.foreign.cel import EvaluationError, expression
from auditor.policy.library import load_library

POLICY = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {{name: p}}
spec:
  failurePolicy: {failure}
  matchConstraints:
    resourceRules: [{{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [{resource}]}}]
    {match}
  variables: [{{name: n, expression: "object.spec.replicas"}}]
  {more}
  validations:
    - {{expression: '{expression}', message: "too many"}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {{name: b}}
spec: {{policyName: p, validationActions: [{actions}] {binding}}}
"""

MANIFESTS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: big, namespace: a, labels: {x: y}}
spec: {replicas: 9}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: small, namespace: b}
spec: {replicas: 2}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: other, namespace: a}
spec: {replicas: 9}
"""


def policy(**given: str) -> str:
    filled = {
        "failure": "Fail",
        "resource": "deployments",
        "match": "",
        "more": "",
        "expression": "variables.n <= 3",
        "actions": "Deny",
        "binding": "",
    }
    return POLICY.format(**{**filled, **given})


def says(tmp_path, text: str, manifests: str = MANIFESTS, **files: str) -> list[tuple[str, str, str]]:
    folder = write(tmp_path, p__policy_yaml=text, **files) / "p"
    return [(outcome, name, message) for _, outcome, name, message in judged(folder, manifests)]


def test_a_validation_that_is_false_is_a_violation(tmp_path) -> None:
    assert says(tmp_path, policy()) == [("fail", "big", "too many")]


def test_a_wildcard_meets_every_resource_of_the_group(tmp_path) -> None:
    found = says(tmp_path, policy(resource='"*"'))
    assert [name for _, name, _ in found] == ["big", "other"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"match": "objectSelector: {matchLabels: {x: y}}"}, ["big"]),
        ({"match": "objectSelector: {matchLabels: {x: z}}"}, []),
        (
            {
                "match": "excludeResourceRules: [{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*']}]"
            },
            [],
        ),
        ({"match": "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: a}}"}, ["big"]),
        ({"match": "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: b}}"}, []),
        ({"binding": ", matchResources: {objectSelector: {matchLabels: {x: z}}}"}, []),
        ({"more": "matchConditions: [{name: c, expression: 'object.metadata.name != \"big\"'}]"}, []),
    ],
)
def test_what_the_policy_is_about(tmp_path, given, expected) -> None:
    assert [name for _, name, _ in says(tmp_path, policy(**given))] == expected


def test_params_are_objects_beside_the_policy(tmp_path) -> None:
    text = policy(
        more="paramKind: {apiVersion: v1, kind: ConfigMap}",
        expression="variables.n <= int(params.data.most)",
        binding=", paramRef: {name: limits, namespace: x, parameterNotFoundAction: Deny}",
    )
    limits = "{apiVersion: v1, kind: ConfigMap, metadata: {name: limits, namespace: x}, data: {most: '1'}}"
    assert [name for _, name, _ in says(tmp_path / "with", text, p__limits_yaml=limits)] == ["big", "small"]
    found = says(tmp_path / "without", text)
    assert {(outcome, "paramRef" in message) for outcome, _, message in found} == {("skipped", True)}


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"expression": 'request.userInfo.username == "x"'}, "asks for request.userInfo"),
        ({"expression": "namespaceObject.metadata.name == string(1)"}, "asks for namespaceObject"),
        (
            {"expression": 'authorizer.group("").resource("pods").check("get").allowed()'},
            "undeclared reference to",
        ),
        ({"expression": "object.spec.replicas +"}, "cannot be compiled"),
        ({"match": "namespaceSelector: {matchLabels: {a: b}}"}, "labels of a namespace"),
        ({"actions": "Deny", "binding": ", policyName: gone"}, "no ValidatingAdmissionPolicy gone"),
    ],
)
def test_what_only_a_cluster_knows_is_a_named_skip(tmp_path, given, reason) -> None:
    found = says(tmp_path, policy(**given))
    assert found
    assert {outcome for outcome, _, _ in found} == {"skipped"}
    assert all(reason in message for _, _, message in found)


def test_an_error_is_a_violation_with_fail_and_a_skip_with_ignore(tmp_path) -> None:
    bare = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: bare}, spec: {}}"
    failed = says(tmp_path / "fail", policy(), bare)
    assert [(outcome, "Key not found" in message) for outcome, _, message in failed] == [("fail", True)]
    ignored = says(tmp_path / "ignore", policy(failure="Ignore"), bare)
    assert [outcome for outcome, _, _ in ignored] == ["skipped"]


def test_actions_give_the_severity(tmp_path) -> None:
    found = {}
    for action in ("Deny", "Deny, Audit", "Warn", "Warn, Audit", "Audit"):
        library = load_library((write(tmp_path / action, p_yaml=policy(actions=action)),))
        found[action] = (
            library.info("admission/p/b").severity,
            bool(library.advisory),
            bool(library.warning),
        )
    assert found == {
        "Deny": (Severity.MEDIUM, False, False),
        "Deny, Audit": (Severity.MEDIUM, False, False),
        "Warn": (Severity.LOW, True, True),
        "Warn, Audit": (Severity.LOW, True, True),
        "Audit": (Severity.LOW, True, False),
    }


# Names from `kubectl api-resources`.
@pytest.mark.parametrize(
    ("kind", "plural"),
    [
        ("Pod", "pods"),
        ("Ingress", "ingresses"),
        ("NetworkPolicy", "networkpolicies"),
        ("Endpoints", "endpoints"),
        ("StorageClass", "storageclasses"),
        ("ServiceAccount", "serviceaccounts"),
        ("EndpointSlice", "endpointslices"),
        ("PriorityClass", "priorityclasses"),
    ],
)
def test_resource_names(kind, plural) -> None:
    assert guessed_plural(kind) == plural


# Examples of https://kubernetes.io/docs/reference/using-api/cel/ and of k8s.io/apiserver/pkg/cel/library.
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('quantity("1Gi").isGreaterThan(quantity("500Mi"))', True),
        ('quantity("1Gi") == quantity("1024Mi")', True),
        ('quantity("50k").asInteger()', 50_000),
        ('quantity("50M").add(quantity("20k")) == quantity("50020k")', True),
        ('quantity("50k").sub(20000) == quantity("30k")', True),
        ('quantity("200M").compareTo(quantity("0.2G"))', 0),
        ('isQuantity("1.3Gii")', False),
        ('quantity("-1").sign()', -1),
        ('cidr("192.168.0.0/24").containsIP(ip("192.168.0.1"))', True),
        ('cidr("192.168.0.0/24").containsCIDR("192.168.0.0/23")', False),
        ('cidr("192.168.1.0/24").prefixLength()', 24),
        ('cidr("192.168.0.1/24").masked() == cidr("192.168.0.0/24")', True),
        ('ip("127.0.0.1").isLoopback()', True),
        ('ip("2001:db8::abcd").family()', 6),
        ('ip.isCanonical("2001:DB8::ABCD")', False),
        ('isIP("::ffff:1.2.3.4")', False),
        ('url("https://example.com:80/a").getHostname()', "example.com"),
        ('url("https://example.com:80/a?x=1").getQuery()["x"][0]', "1"),
        ('isURL("../relative-path")', False),
        ('semver("1.2.3").isLessThan(semver("1.10.0"))', True),
        ('semver("1.0.0-rc.1").compareTo(semver("1.0.0"))', -1),
        ('isSemver("v1.0.0")', False),
        ('"abc 123".find("[0-9]+")', "123"),
        ('"123 abc 456".findAll("[0-9]+")', ["123", "456"]),
        ('"1 2 3".findAll("[0-9]", 2)', ["1", "2"]),
        ("[1, 3, 2].isSorted()", False),
        ("[1.5, 2.5].sum()", 4.0),
        ('["b", "a"].min()', "a"),
        ("[1, 2, 2].lastIndexOf(2)", 2),
        ("sets.equivalent([1, 2], [2, 1, 1])", True),
        ("object.?a.?b.orValue(3)", 3),
    ],
)
def test_kubernetes_functions(text, expected) -> None:
    assert expression(text).value({"object": {}}) == expected


@pytest.mark.parametrize(
    "text", ['quantity("x")', "object.a", 'ip("1.2.3")', "1 / 0 == 1", "[].max()", '"a".find("[")']
)
def test_what_has_no_value_is_an_error(text) -> None:
    with pytest.raises(EvaluationError):
        expression(text).value({"object": {}})
