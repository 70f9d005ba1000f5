"""Roles as the authorizer reads them: https://kubernetes.io/docs/reference/access-authn-authz/rbac/"""

import pytest
from policy.kubernetes_support import said, said_together
from policy.policy_support import ENGINES

from auditor.policy.judge import Judge, JudgeSpec

API = "rbac.authorization.k8s.io"
WILDCARD, PRIVILEGE, SECRETS, EXEC = ("AUD-RBAC-0001", "AUD-RBAC-0002", "AUD-RBAC-0003", "AUD-RBAC-0006")
NODES, TOKENS, CERTIFICATES, ADMISSION = ("AUD-RBAC-0007", "AUD-RBAC-0008", "AUD-RBAC-0009", "AUD-RBAC-0010")
WORKLOADS, VOLUMES = "AUD-RBAC-0011", "AUD-RBAC-0013"
ALL = (WILDCARD, PRIVILEGE, SECRETS, EXEC, NODES, TOKENS, CERTIFICATES, ADMISSION, WORKLOADS, VOLUMES)

# groups, resources, verbs, names, the rules that fire
RULES = [
    ([""], ["pods"], ["get", "list", "watch"], [], set()),
    (["*"], ["*"], ["*"], [], {WILDCARD}),
    # Reading everything reads secrets and reaches the kubelet and, by websocket, pods.
    (["*"], ["*"], ["get"], [], {WILDCARD, SECRETS, EXEC, NODES}),
    (["*"], ["*"], ["list", "watch"], [], {WILDCARD, SECRETS}),
    ([""], ["secrets"], ["*"], [], {WILDCARD, SECRETS}),
    ([""], ["secrets"], ["*"], ["tls"], set()),
    ([""], ["secrets"], ["get"], ["tls"], set()),
    ([""], ["secrets"], ["create", "delete"], [], set()),
    (["apps"], ["secrets"], ["get"], [], set()),
    (["*"], ["secrets"], ["watch"], [], {SECRETS}),
    ([""], ["pods/exec"], ["create"], [], {EXEC}),
    ([""], ["pods/exec"], ["get"], [], {EXEC}),
    ([""], ["pods/*"], ["create"], [], set()),
    ([""], ["*/exec"], ["create"], [], {EXEC}),
    ([""], ["pods/log"], ["get"], [], set()),
    ([""], ["pods/ephemeralcontainers"], ["patch"], [], {EXEC}),
    ([""], ["nodes/proxy"], ["get"], [], {NODES}),
    ([""], ["nodes/metrics", "nodes"], ["get"], [], set()),
    ([""], ["serviceaccounts/token"], ["create"], [], {TOKENS}),
    ([""], ["serviceaccounts/token"], ["create"], ["web"], set()),
    ([""], ["serviceaccounts"], ["create"], [], set()),
    ([API], ["clusterroles"], ["bind"], [], {PRIVILEGE}),
    ([API], ["roles"], ["escalate"], [], {PRIVILEGE}),
    ([API], ["clusterroles"], ["bind"], ["view"], set()),
    ([API], ["clusterroles"], ["*"], [], {WILDCARD, PRIVILEGE}),
    ([API], ["*"], ["bind"], [], {WILDCARD, PRIVILEGE}),
    ([API], ["roles"], ["create", "update"], [], set()),
    (["apps"], ["clusterroles"], ["bind"], [], set()),
    ([""], ["users"], ["impersonate"], [], {PRIVILEGE}),
    ([""], ["serviceaccounts"], ["impersonate"], ["web"], set()),
    (["authentication.k8s.io"], ["uids"], ["impersonate"], [], {PRIVILEGE}),
    (["certificates.k8s.io"], ["certificatesigningrequests/approval"], ["update"], [], {CERTIFICATES}),
    (["certificates.k8s.io"], ["signers"], ["approve"], ["example.org/a"], set()),
    (["certificates.k8s.io"], ["signers"], ["sign"], [], {CERTIFICATES}),
    (["admissionregistration.k8s.io"], ["validatingwebhookconfigurations"], ["patch"], [], {ADMISSION}),
    (["admissionregistration.k8s.io"], ["mutatingadmissionpolicies"], ["create"], [], {ADMISSION}),
    (["admissionregistration.k8s.io"], ["validatingwebhookconfigurations"], ["list"], [], set()),
    ([""], ["pods"], ["create"], [], {WORKLOADS}),
    (["apps"], ["deployments"], ["create"], [], {WORKLOADS}),
    (["apps"], ["deployments"], ["patch"], [], set()),
    (["batch"], ["*"], ["create"], [], {WILDCARD, WORKLOADS}),
    ([""], ["persistentvolumes"], ["create"], [], {VOLUMES}),
    ([""], ["persistentvolumeclaims"], ["create"], [], set()),
]


@pytest.fixture(scope="module", params=ENGINES)
def judge(request):
    with Judge(JudgeSpec(engine=request.param, schemas=False)) as made:
        yield made


def role(*rules, kind="ClusterRole", name="web", **fields):
    metadata = {"name": name} | ({"namespace": "shop"} if kind == "Role" else {})
    metadata |= fields.pop("metadata", {})
    entries = [
        {
            "apiGroups": groups,
            "resources": resources,
            "verbs": verbs,
            **({"resourceNames": names} if names else {}),
        }
        for groups, resources, verbs, names in rules
    ]
    return {"apiVersion": f"{API}/v1", "kind": kind, "metadata": metadata, "rules": entries, **fields}


def binding(name, *subjects, kind="RoleBinding", to="ClusterRole", namespace="shop"):
    return {
        "apiVersion": f"{API}/v1",
        "kind": kind,
        "metadata": {"name": name} | ({"namespace": namespace} if kind == "RoleBinding" else {}),
        "roleRef": {"apiGroup": API, "kind": to, "name": name},
        "subjects": [
            {"kind": one[0], "name": one[1], **({"namespace": one[2]} if one[2:] else {})} for one in subjects
        ],
    }


def account(name, namespace="shop"):
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}}


@pytest.mark.parametrize("rule_id", ALL)
def test_what_a_rule_of_a_role_grants(judge, rule_id):
    roles = [role((groups, resources, verbs, names)) for groups, resources, verbs, names, _ in RULES]
    fired = [bool(found) for found in said(judge, rule_id, *roles)]
    assert fired == [rule_id in expected for *_, expected in RULES]


def test_one_finding_a_rule_of_the_role_however_much_it_grants(judge):
    mixed = role(
        (["", "x"], ["pods/exec", "pods/attach", "secrets"], ["create", "get"], []),
        ([""], ["pods"], ["get"], []),
    )
    assert said(judge, EXEC, mixed) == [["rules[0].resources"]]


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"verbs": ["get"]},
        {"apiGroups": None, "resources": None, "verbs": None},
        {"nonResourceURLs": ["/healthz"], "verbs": ["get"]},
    ],
)
def test_rules_without_resources_grant_none(judge, broken):
    manifest = {**role(), "rules": [broken]}
    assert [said(judge, rule_id, manifest) for rule_id in ALL] == [[[]]] * len(ALL)


def test_a_role_in_a_namespace_that_reads_its_secrets(judge):
    reading = ([""], ["secrets"], ["list"], [])
    assert said(judge, "AUD-RBAC-0014", role(reading, kind="Role")) == [["rules[0].resources"]]


@pytest.mark.parametrize(
    ("rule_id", "subject", "fires"),
    [
        ("AUD-RBAC-0005", ("Group", "system:authenticated"), True),
        ("AUD-RBAC-0005", ("User", "system:anonymous"), True),
        ("AUD-RBAC-0005", ("Group", "system:serviceaccounts"), True),
        ("AUD-RBAC-0005", ("Group", "system:serviceaccounts:shop"), False),
        ("AUD-RBAC-0012", ("Group", "system:masters"), True),
        ("AUD-RBAC-0012", ("User", "system:masters"), False),
        ("AUD-RBAC-0015", ("ServiceAccount", "default", "shop"), True),
        ("AUD-RBAC-0015", ("User", "default"), False),
    ],
)
def test_whom_a_role_is_bound_to(judge, rule_id, subject, fires):
    assert said(judge, rule_id, binding("view", subject)) == [
        [f"subjects[name={subject[1]}]"] if fires else []
    ]


EVERYTHING = (["*"], ["*"], ["*"], [])
ANN = ("User", "ann")


@pytest.mark.parametrize(
    ("manifests", "found"),
    [
        ([role(EVERYTHING), binding("web", ANN)], [1]),
        ([role(EVERYTHING), binding("other", ANN)], []),
        ([role(EVERYTHING), binding("web", ANN, to="Role")], []),
        ([role(EVERYTHING, kind="Role"), binding("web", ANN, to="Role")], [1]),
        ([role(EVERYTHING, kind="Role"), binding("web", ANN, to="Role", namespace="pay")], []),
        ([role(EVERYTHING), binding("web", kind="ClusterRoleBinding")], []),
        ([role(([""], ["users"], ["impersonate"], [])), binding("web", ANN)], [1]),
        ([role(([""], ["users"], ["impersonate"], ["bob"])), binding("web", ANN)], []),
        ([role(([""], ["pods"], ["*"], [])), binding("web", ANN)], []),
        ([binding("edit", ANN, kind="ClusterRoleBinding")], [0]),
        ([binding("edit", ANN)], []),
        ([binding("cluster-admin", ANN, kind="ClusterRoleBinding")], []),
    ],
)  # fmt: skip
def test_who_holds_everything_by_a_role_declared_beside(judge, manifests, found):
    assert said_together(judge, "AUD-RBAC-0016", *manifests) == [(number, "roleRef.name") for number in found]


def test_everything_by_aggregation(judge):
    sums = role(aggregationRule={"clusterRoleSelectors": [{"matchLabels": {"sum": "web"}}]})
    part = role(EVERYTHING, name="part", metadata={"labels": {"sum": "web"}})
    other = role(EVERYTHING, name="part", metadata={"labels": {"sum": "other"}})
    assert said_together(judge, "AUD-RBAC-0016", sums, part, binding("web", ANN)) == [(2, "roleRef.name")]
    assert said_together(judge, "AUD-RBAC-0016", sums, other, binding("web", ANN)) == []


RELEASE = {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": "c", "namespace": "flux-system"}, "spec": {"targetNamespace": "shop"}}  # fmt: skip
BOUND = binding("view", ("ServiceAccount", "wbe", "shop"))


@pytest.mark.parametrize(
    ("others", "fires"),
    [
        ([account("web")], True),
        ([account("wbe")], False),
        # Nobody declares accounts of that namespace here, so nothing is known of them.
        ([account("web", "pay")], False),
        ([], False),
        # A chart may bring the account.
        ([account("web"), RELEASE], False),
    ],
)
def test_an_account_that_is_not_declared(judge, others, fires):
    found = [(0, "subjects[name=wbe]")] if fires else []
    assert said_together(judge, "AUD-RBAC-0017", BOUND, *others) == found


@pytest.mark.parametrize(("namespace", "fires"), [("shop", True), ("pay", False), ("kube-system", False)])
def test_a_role_that_is_not_declared(judge, namespace, fires):
    declared = [
        {**role(kind="Role"), "metadata": {"name": "web", "namespace": one}}
        for one in ("shop", "kube-system")
    ]
    bound = binding("other", ANN, to="Role", namespace=namespace)
    assert said_together(judge, "AUD-RBAC-0019", bound, *declared) == ([(0, "roleRef.name")] if fires else [])
