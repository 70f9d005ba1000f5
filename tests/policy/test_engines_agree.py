"""Both engines say the same of documents that nobody made up for them: strange names, missing and odd values."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from policy.policy_support import document, needs_opa

from auditor.policy.judge import Judge, JudgeSpec

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SCALAR = st.one_of(st.none(), st.booleans(), st.integers(-5, 70000), TEXT)
ODD = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2)
)
CONTEXT = st.fixed_dictionaries(
    {},
    optional={
        "privileged": st.booleans() | ODD,
        "runAsNonRoot": st.booleans() | ODD,
        "runAsUser": st.integers(0, 1) | ODD,
        "allowPrivilegeEscalation": st.booleans() | ODD,
        "capabilities": st.fixed_dictionaries(
            {}, optional={"add": st.lists(TEXT, max_size=2) | ODD, "drop": st.lists(st.just("ALL")) | ODD}
        ),
        "seccompProfile": st.fixed_dictionaries(
            {"type": st.sampled_from(["Unconfined", "RuntimeDefault"]) | ODD}
        ),
    },
)
CONTAINER = st.fixed_dictionaries(
    {},
    optional={
        "name": TEXT | ODD,
        "image": st.sampled_from(["a", "a:latest", "r:5000/a:1", "a@sha256:b"]) | TEXT | ODD,
        "securityContext": CONTEXT | ODD,
        "ports": st.lists(st.fixed_dictionaries({"hostPort": st.integers(0, 99) | ODD}), max_size=2) | ODD,
        "env": st.lists(st.fixed_dictionaries({"name": TEXT, "value": TEXT}), max_size=2) | ODD,
        "resources": ODD,
    },
)
POD = st.fixed_dictionaries(
    {},
    optional={
        "containers": st.lists(CONTAINER, max_size=2) | ODD,
        "initContainers": st.lists(CONTAINER, max_size=1) | ODD,
        "securityContext": CONTEXT | ODD,
        "hostPID": st.booleans() | ODD,
        "volumes": st.lists(st.dictionaries(TEXT, ODD, max_size=2), max_size=2) | ODD,
    },
)
ROLE = st.fixed_dictionaries(
    {
        "rules": st.lists(
            st.dictionaries(st.sampled_from(["verbs", "resources", "apiGroups"]), ODD), max_size=2
        )
    }
)
KINDS = st.one_of(
    st.builds(lambda spec: {"apiVersion": "v1", "kind": "Pod", "spec": spec}, POD),
    st.builds(
        lambda spec: {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"spec": spec}}},
        POD,
    ),
    st.builds(
        lambda body: {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", **body}, ROLE
    ),
    st.builds(lambda spec: {"apiVersion": "v1", "kind": "Service", "metadata": spec, "spec": spec}, ODD),
    st.builds(
        lambda key, kind: {"apiVersion": "v1", "kind": kind, "data": {key: "auditor-redacted:credential:0"}},
        TEXT,
        st.sampled_from(["ConfigMap", "Secret"]),
    ),
)


@pytest.fixture(scope="module")
def judges():
    with (
        Judge(JudgeSpec(engine="opa", schemas=False)) as opa,
        Judge(JudgeSpec(engine="embedded", schemas=False)) as embedded,
    ):
        yield opa, embedded


@needs_opa
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(manifests=st.lists(KINDS, min_size=1, max_size=4))
def test_the_engines_agree(judges, manifests):
    opa, embedded = judges
    documents = [document(manifest) for manifest in manifests]
    assert embedded.judge(documents) == opa.judge(documents)
