"""Rules on the network over one environment: coverage by policies, routes, ports."""

import pytest
from policy.kubernetes_support import said_together, workload
from policy.policy_support import ENGINES

from auditor.policy.judge import Judge, JudgeSpec

COVERAGE, DEFAULT, CONFLICT, PORT = "AUD-NET-0009", "AUD-NET-0010", "AUD-NET-0011", "AUD-NET-0013"


@pytest.fixture(scope="module", params=ENGINES)
def judge(request):
    with Judge(JudgeSpec(engine=request.param, schemas=False)) as made:
        yield made


def thing(api_version, kind, name="one", namespace="shop", **fields):
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}


def policy(selector=None, namespace="shop", **spec):
    spec = {"podSelector": {} if selector is None else selector, **spec}
    return thing("networking.k8s.io/v1", "NetworkPolicy", namespace=namespace, spec=spec)


NAMESPACE = thing("v1", "Namespace", "shop", "")
WEB, API = workload(), workload("StatefulSet", "api")
ONLY_WEB = {"matchLabels": {"app": "web"}}
CILIUM = "cilium.io/v2"


@pytest.mark.parametrize(
    ("manifests", "found"),
    [
        ([NAMESPACE, WEB, API], [0]),
        ([WEB, API], [0, 1]),
        ([NAMESPACE, WEB, API, policy()], []),
        ([NAMESPACE, WEB, API, policy(ONLY_WEB)], [2]),
        ([NAMESPACE, WEB, API, policy(ONLY_WEB), policy({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]})], []),
        ([NAMESPACE, WEB, policy(namespace="pay")], [0]),
        # What is for outgoing traffic alone isolates nothing for incoming traffic.
        ([NAMESPACE, WEB, policy(policyTypes=["Egress"])], [0]),
        ([NAMESPACE, WEB, policy(policyTypes=["Egress", "Ingress"])], []),
        # Without policyTypes a policy is for incoming traffic, whatever else it is for.
        ([NAMESPACE, WEB, policy(egress=[{}])], []),
        # An allow-all policy selects the pods; that it allows everything is another rule's finding.
        ([NAMESPACE, WEB, policy(ingress=[{}])], []),
        ([NAMESPACE, workload("DaemonSet", "agent", pod={"hostNetwork": True})], []),
        ([NAMESPACE, workload("Job", "once"), workload("CronJob", "nightly")], []),
        ([NAMESPACE], []),
        ([workload(namespace="")], []),
        ([workload(namespace=""), policy({"matchLabels": {"app": "api"}}, namespace="")], [0]),
        ([NAMESPACE, WEB, thing(CILIUM, "CiliumNetworkPolicy", spec={"endpointSelector": ONLY_WEB, "ingress": [{}]})], []),
        ([NAMESPACE, WEB, thing(CILIUM, "CiliumNetworkPolicy", spec={"endpointSelector": {}, "egress": [{}]})], [0]),
        ([NAMESPACE, WEB, thing(CILIUM, "CiliumClusterwideNetworkPolicy", namespace="", spec={"endpointSelector": {}})], []),
        ([NAMESPACE, WEB, thing("projectcalico.org/v3", "NetworkPolicy", spec={"selector": "all()"})], []),
        ([NAMESPACE, WEB, thing("projectcalico.org/v3", "GlobalNetworkPolicy", namespace="", spec={"selector": "all()"})], []),
    ],
)  # fmt: skip
def test_which_workloads_no_policy_selects(judge, manifests, found):
    assert said_together(judge, COVERAGE, *manifests) == [(number, "") for number in found]


@pytest.mark.parametrize(
    ("policies", "fires"),
    [([], False), ([policy()], False), ([policy(ONLY_WEB)], True), ([policy(ONLY_WEB), policy(policyTypes=["Egress"])], True),
     ([policy(ONLY_WEB), policy(policyTypes=["Ingress"])], False)],
)  # fmt: skip
def test_a_default_for_what_comes_later(judge, policies, fires):
    assert said_together(judge, DEFAULT, NAMESPACE, *policies) == ([(0, "")] if fires else [])


def ingress(*taken, name="one", namespace="shop", kind_of_class=None, annotations=None):
    rules = [
        {
            **({"host": host} if host else {}),
            "http": {"paths": [{"path": path, "pathType": "Prefix"} for path in paths]},
        }
        for host, *paths in taken
    ]
    manifest = thing("networking.k8s.io/v1", "Ingress", name, namespace, spec={"rules": rules})
    if kind_of_class:
        manifest["spec"]["ingressClassName"] = kind_of_class
    if annotations:
        manifest["metadata"]["annotations"] = annotations
    return manifest


FIRST = "spec.rules[0].http.paths[0]"
SHOP = ("shop.example.org", "/")


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (ingress(SHOP), ingress(SHOP, namespace="pay"), [(0, FIRST), (1, FIRST)]),
        (ingress(SHOP), ingress(("SHOP.example.org", "/x", "/"), name="two"), [(0, FIRST), (1, "spec.rules[0].http.paths[1]")]),
        (ingress(SHOP), ingress(("shop.example.org", "/api"), name="two"), []),
        (ingress(SHOP), ingress(("pay.example.org", "/"), name="two"), []),
        (ingress(SHOP, kind_of_class="inner"), ingress(SHOP, name="two", kind_of_class="outer"), []),
        (ingress(SHOP, kind_of_class="inner"), ingress(SHOP, name="two", annotations={"kubernetes.io/ingress.class": "inner"}), [(0, FIRST), (1, FIRST)]),
        (ingress(SHOP), ingress(SHOP, name="two", annotations={"nginx.ingress.kubernetes.io/canary": "true"}), []),
        (ingress((None, "/")), ingress((None, "/"), name="two"), [(0, FIRST), (1, FIRST)]),
        (ingress((None, "/")), ingress(SHOP, name="two"), []),
        # Twice in one object is its author's business.
        (ingress(SHOP, SHOP), ingress(("other.example.org", "/"), name="two"), []),
    ],
)  # fmt: skip
def test_two_ingresses_on_one_path(judge, one, other, found):
    assert said_together(judge, CONFLICT, one, other) == found


@pytest.mark.parametrize(
    ("target", "container", "fires"),
    [
        ("http", {"ports": [{"name": "http", "containerPort": 80}]}, False),
        ("htpp", {"ports": [{"name": "http", "containerPort": 80}]}, True),
        ("http", {}, True),
        (8080, {}, False),
        ("${PORT}", {}, False),
    ],
)
def test_a_port_by_name(judge, target, container, fires):
    ports = [{"port": 80}, {"name": "web", "port": 81, "targetPort": target}]
    service = thing("v1", "Service", spec={"selector": {"app": "web"}, "ports": ports})
    behind = workload(containers=[{"name": "web", "image": "web:1", **container}])
    expected = [(0, "spec.ports[name=web].targetPort")] if fires else []
    assert said_together(judge, PORT, service, behind) == expected
    # Without pods behind it nothing is known of their ports.
    assert said_together(judge, PORT, service, workload(name="api")) == []


def test_a_set_of_one(judge):
    """The smallest set there is, of which no rule may make two."""
    assert said_together(judge, CONFLICT, ingress(SHOP)) == []
    assert said_together(judge, "AUD-WORK-0011", WEB) == []
    assert said_together(judge, "AUD-AVAIL-0003", WEB) == []
