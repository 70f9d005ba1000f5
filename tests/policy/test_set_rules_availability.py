"""Rules on availability over one environment: budgets, autoscalers, replicas, claims."""

import pytest
from policy.kubernetes_support import said_together, workload
from policy.policy_support import ENGINES
from policy.test_set_rules_network import thing

from auditor.policy.judge import Judge, JudgeSpec

MISSING, OVERLAP, OVER = "AUD-AVAIL-0003", "AUD-AVAIL-0004", "AUD-AVAIL-0006"
BESIDE, REQUESTS, CLAIM, TWICE = "AUD-AVAIL-0009", "AUD-AVAIL-0011", "AUD-STATE-0007", "AUD-WORK-0011"


@pytest.fixture(scope="module", params=ENGINES)
def judge(request):
    with Judge(JudgeSpec(engine=request.param, schemas=False)) as made:
        yield made


def budget(selector=None, name="one", namespace="shop", **spec):
    spec = {"selector": {"matchLabels": {"app": "web"}} if selector is None else selector, **spec}
    return thing("policy/v1", "PodDisruptionBudget", name, namespace, spec=spec)


def scaler(least=None, most=9, name="web", kind="Deployment", **spec):
    target = {"apiVersion": "apps/v1", "kind": kind, "name": name}
    spec = {
        "scaleTargetRef": target,
        "maxReplicas": most,
        **({} if least is None else {"minReplicas": least}),
        **spec,
    }
    return thing("autoscaling/v2", "HorizontalPodAutoscaler", spec=spec)


def keda(least=None, name="web"):
    spec = {"scaleTargetRef": {"name": name}, **({} if least is None else {"minReplicaCount": least})}
    return thing("keda.sh/v1alpha1", "ScaledObject", spec=spec)


@pytest.mark.parametrize(
    ("manifests", "fires"),
    [
        ([workload(replicas=2)], True),
        ([workload(replicas=1)], False),
        ([workload()], False),
        ([workload(replicas=2), budget(maxUnavailable=1)], False),
        ([workload(replicas=2), budget({}, maxUnavailable=1)], False),
        ([workload(replicas=2), budget({"matchLabels": {"app": "api"}}, maxUnavailable=1)], True),
        ([workload(replicas=2), budget(namespace="pay", maxUnavailable=1)], True),
        # What the autoscaler keeps counts, not what is written.
        ([workload(replicas=1), scaler(2)], True),
        ([workload(replicas=5), scaler(1)], False),
        ([workload(replicas=5), scaler()], False),
        ([workload(replicas=5), keda()], False),
        ([workload(), keda(2)], True),
        ([workload(replicas="${REPLICAS}")], False),
    ],
)
def test_several_replicas_without_a_budget(judge, manifests, fires):
    assert said_together(judge, MISSING, *manifests) == ([(0, "")] if fires else [])


@pytest.mark.parametrize(
    ("replicas", "least", "fires"),
    [(1, 1, True), (2, 1, False), (2, 2, True), (2, 3, True), (0, 1, False), (None, 1, True),
     (1, "50%", True), (2, "50%", False), (2, "51%", True), (3, "66%", False), (3, "67%", True), (10, "99%", True),
     # 100 % and nothing to select are findings of their own.
     (3, "100%", False), (3, "0%", False), (3, 0, False), (3, None, False)],
)  # fmt: skip
def test_a_budget_of_every_replica(judge, replicas, least, fires):
    spec = {} if replicas is None else {"replicas": replicas}
    wanted = {} if least is None else {"minAvailable": least}
    found = said_together(judge, OVER, workload(**spec), budget(**wanted))
    assert found == ([(1, "spec.minAvailable")] if fires else [])


def test_a_budget_over_several_workloads_counts_them_together(judge):
    pair = [workload(replicas=1), workload("StatefulSet", "db", labels={"app": "web"}, replicas=1)]
    assert said_together(judge, OVER, *pair, budget(minAvailable=1)) == []
    assert said_together(judge, OVER, *pair, budget(minAvailable=2)) == [(2, "spec.minAvailable")]
    # How many pods a DaemonSet has is up to the nodes.
    agents = workload("DaemonSet", "agent", labels={"app": "web"})
    assert said_together(judge, OVER, *pair, agents, budget(minAvailable=2)) == []


@pytest.mark.parametrize(
    ("selectors", "fires"),
    [
        ([{"matchLabels": {"app": "web"}}], False),
        ([{"matchLabels": {"app": "web"}}, {"matchLabels": {"tier": "front"}}], True),
        ([{"matchLabels": {"app": "web"}}, {}], True),
        ([{"matchLabels": {"app": "web"}}, {"matchLabels": {"app": "api"}}], False),
    ],
)
def test_two_budgets_on_one_workload(judge, selectors, fires):
    budgets = [budget(one, name=f"budget-{number}") for number, one in enumerate(selectors)]
    shown = workload(labels={"app": "web", "tier": "front"})
    assert said_together(judge, OVERLAP, shown, *budgets) == ([(0, "")] if fires else [])


@pytest.mark.parametrize(
    ("manifests", "fires"),
    [
        ([workload(replicas=2), scaler()], True),
        ([workload(), scaler()], False),
        ([workload(replicas=2), scaler(kind="StatefulSet")], False),
        ([workload(replicas=2, namespace="pay"), scaler()], False),
        ([workload(replicas=2), keda()], True),
    ],
)
def test_replicas_beside_an_autoscaler(judge, manifests, fires):
    assert said_together(judge, BESIDE, *manifests) == ([(0, "spec.replicas")] if fires else [])


def _metric(field="resource", **more):
    return {"metrics": [{"type": "x", field: {"name": "cpu", "target": {"type": "Utilization"}, **more}}]}


REQUESTING = {"name": "web", "image": "web:1", "resources": {"requests": {"cpu": "1"}}}
LIMITED = {"name": "web", "image": "web:1", "resources": {"limits": {"cpu": "1"}}}
HELPER = {"name": "helper", "image": "helper:1"}


@pytest.mark.parametrize(
    ("containers", "metric", "fires"),
    [
        ([REQUESTING], _metric(), False),
        ([LIMITED], _metric(), False),
        ([HELPER], _metric(), True),
        ([REQUESTING, HELPER], _metric(), True),
        ([REQUESTING, HELPER], _metric("containerResource", container="web"), False),
        ([REQUESTING, HELPER], _metric("containerResource", container="helper"), True),
        ([HELPER], _metric(target={"type": "AverageValue"}), False),
    ],
)
def test_an_autoscaler_needs_requests(judge, containers, metric, fires):
    found = said_together(judge, REQUESTS, workload(containers=containers), scaler(**metric))
    assert found == ([(1, "spec.metrics[0]")] if fires else [])


@pytest.mark.parametrize(
    ("modes", "spec", "fires"),
    [
        (["ReadWriteOnce"], {"replicas": 1}, True),
        (["ReadWriteOnce"], {}, True),
        (["ReadWriteOnce"], {"strategy": {"type": "Recreate"}}, False),
        (["ReadWriteOnce"], {"strategy": {"type": "Recreate"}, "replicas": 2}, True),
        (["ReadWriteOnce"], {"strategy": {"rollingUpdate": {"maxSurge": 0}}}, False),
        (["ReadWriteOncePod"], {"replicas": 2}, True),
        (["ReadWriteMany"], {"replicas": 2}, False),
        (["ReadWriteOnce", "ReadWriteMany"], {"replicas": 2}, False),
        (["ReadWriteOnce"], {"replicas": 0}, False),
    ],
)
def test_a_claim_for_one_node(judge, modes, spec, fires):
    claim = thing("v1", "PersistentVolumeClaim", "data", spec={"accessModes": modes})
    volumes = [{"name": "disk", "persistentVolumeClaim": {"claimName": "data"}}]
    found = said_together(judge, CLAIM, claim, workload(pod={"volumes": volumes}, **spec))
    assert found == ([(1, "spec.template.spec.volumes[name=disk]")] if fires else [])


def test_the_same_object_in_two_places_whatever_its_version(judge):
    one, other = (
        thing("autoscaling/v1", "HorizontalPodAutoscaler"),
        thing("autoscaling/v2", "HorizontalPodAutoscaler"),
    )
    assert said_together(judge, TWICE, one, other) == [(0, "metadata.name"), (1, "metadata.name")]
    assert said_together(judge, TWICE, one, {**other, "metadata": {"name": "one", "namespace": "pay"}}) == []
    assert said_together(judge, TWICE, one, thing("v1", "ConfigMap")) == []
    # Whoever applies it says where it goes.
    assert said_together(judge, TWICE, *[thing("v1", "ConfigMap", namespace="")] * 2) == []
    assert len(said_together(judge, TWICE, *[thing("v1", "PersistentVolume", namespace="")] * 2)) == 2
