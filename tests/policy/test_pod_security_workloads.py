"""Kinds that are not Kubernetes' own: what the rules are shown of them and told about them."""

import pytest
from policy.policy_support import document

from auditor.policy.groups import Grouping
from auditor.policy.judge import Judge, JudgeSpec
from auditor.policy.library import load_library
from auditor.policy.reads import paths_for
from auditor.policy.router import WORKLOAD_KINDS, Router
from auditor.policy.workloads import KNOWN_WORKLOADS, KUBERNETES_WORKLOADS, pod_places

LIBRARY = load_library()
PLACES = {
    "example.org/Worker": "spec.podTemplate.spec",
    "example.org/Pod": "spec.pod",
    "example.org/Tool": "template",
}


@pytest.mark.parametrize(
    ("kind", "pod", "path", "found"),
    [
        ("Pod", None, "workload.pod.volumes", ("spec", "volumes")),
        ("PodTemplate", None, "workload.pod.volumes", ("template", "spec", "volumes")),
        ("PodTemplate", None, "workload.pod_metadata.annotations", ("template", "metadata", "annotations")),
        ("Worker", ("spec", "pod"), "workload.pod.volumes", ("spec", "pod", "volumes")),
        ("Worker", ("spec", "pod"), "workload.pod_metadata.labels", ("spec", "metadata", "labels")),
        ("Pod", ("spec", "pod"), "workload.pod.volumes", ("spec", "pod", "volumes")),
    ],
)
def test_the_paths_that_are_read_stand_where_the_pod_does(kind, pod, path, found):
    assert paths_for([path], kind, pod) == (("kind",), found)


def test_the_containers_are_read_in_every_list():
    assert paths_for(["workload.containers[].image"], "Worker", ("template",)) == (
        ("kind",),
        ("template", "containers", None, "image"),
        ("template", "ephemeralContainers", None, "image"),
        ("template", "initContainers", None, "image"),
    )


def test_a_configured_kind_meets_what_looks_at_all_workloads_and_nothing_else():
    router = Router(
        (WORKLOAD_KINDS, ("apps/Deployment",), ("*",), (*WORKLOAD_KINDS, "Secret"), KUBERNETES_WORKLOADS)
    )
    assert router.rules_for("example.org/Worker") == (2,)
    assert router.with_workloads(["example.org/Worker"]).rules_for("example.org/Worker") == (0, 2, 3)
    assert router.with_workloads(["argoproj.io/Rollout"]) is router


def test_the_known_kinds_are_other_projects_own():
    assert not set(KNOWN_WORKLOADS) & set(KUBERNETES_WORKLOADS)
    assert {"argoproj.io/Rollout", "apps.kruise.io/CloneSet"} <= set(KNOWN_WORKLOADS)
    assert pod_places({}) == KNOWN_WORKLOADS


def manifests():
    bad = {
        "hostNetwork": True,
        "volumes": [{"name": "data", "hostPath": {"path": "/"}}],
        "securityContext": {"sysctls": [{"name": "kernel.msgmax", "value": "1"}]},
        "initContainers": [{"name": "init", "image": "a:latest", "ports": [{"hostPort": 1}]}],
        "containers": [{"name": "main", "image": "a", "securityContext": {"privileged": True}}],
    }
    metadata = {"annotations": {"container.apparmor.security.beta.kubernetes.io/main": "unconfined"}}
    spec = {"podTemplate": {"metadata": metadata, "spec": bad}, "pod": bad, "metadata": metadata}
    yield {"apiVersion": "example.org/v1", "kind": "Worker", "metadata": {"name": "a"}, "spec": spec}
    yield {"apiVersion": "example.org/v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": spec}
    yield {
        "apiVersion": "example.org/v1",
        "kind": "Tool",
        "metadata": {"name": "a", **metadata},
        "template": bad,
    }


def test_configured_kinds_are_judged_alike_whole_and_projected():
    documents = [document(manifest) for manifest in manifests()]
    spec = {"engine": "embedded", "schemas": False, "workloads": PLACES}
    with Judge(JudgeSpec(**spec)) as projecting, Judge(JudgeSpec(**spec, whole=True)) as whole:
        seen = [judgement.verdicts for judgement in projecting.judge(documents)]
        assert seen == [judgement.verdicts for judgement in whole.judge(documents)]
    places = ("spec.podTemplate.spec", "spec.pod", "template")
    for verdicts, place in zip(seen, places, strict=True):
        pointers = {verdict.pointer for verdict in verdicts if verdict.rule_id.startswith("AUD-POD")}
        assert f"{place}.containers[name=main].securityContext.privileged" in pointers
        assert f"{place}.volumes[name=data].hostPath" in pointers
        annotation = 'annotations["container.apparmor.security.beta.kubernetes.io/main"]'
        assert ".".join([*place.split(".")[:-1], "metadata", annotation]) in pointers


def test_rules_without_parameters_are_asked_with_those_that_take_the_version():
    """The version of the standards must not cost a second question about the same fields."""
    version = b'{"kubernetes_version":"1.37"}'
    parameters = {
        rule.id: version
        for rule in LIBRARY.rules
        if set(rule.metadata.parameters.get("properties", ())) == {"kubernetes_version"}
    }
    groups = Grouping(LIBRARY, parameters, whole=False).of("apps/Deployment")
    [group] = [group for group in groups if ("pod_security", "privileged_container") in group.paths]
    assert ("pod_security", "unsafe_sysctl") in group.paths
    assert group.parameters == version
    asked = [path for group in groups for path in group.paths]
    assert (
        len(asked)
        == len(set(asked))
        == len(Grouping(LIBRARY, {}, whole=False).router.rules_for("apps/Deployment"))
    )
