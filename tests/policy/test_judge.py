"""The judge as its callers see it: verdicts of hand-made documents on both engines."""

import pickle
import subprocess
import sys

import pytest
from policy.policy_support import ENGINES, document, write_rule

from auditor.errors import ConfigurationError, PolicyError, UsageError
from auditor.model import Outcome
from auditor.policy.judge import Judge, JudgeSpec

PRIVILEGED = {"name": "c", "image": "a:1", "securityContext": {"privileged": True}}

WORKLOADS = [
    ("v1", "Pod", lambda spec: spec, "spec"),
    ("v1", "ReplicationController", lambda spec: {"template": {"spec": spec}}, "spec.template.spec"),
    ("apps/v1", "Deployment", lambda spec: {"template": {"spec": spec}}, "spec.template.spec"),
    ("apps/v1", "StatefulSet", lambda spec: {"template": {"spec": spec}}, "spec.template.spec"),
    ("apps/v1", "DaemonSet", lambda spec: {"template": {"spec": spec}}, "spec.template.spec"),
    ("apps/v1", "ReplicaSet", lambda spec: {"template": {"spec": spec}}, "spec.template.spec"),
    ("batch/v1", "Job", lambda spec: {"template": {"spec": spec}}, "spec.template.spec"),
    (
        "batch/v1",
        "CronJob",
        lambda spec: {"jobTemplate": {"spec": {"template": {"spec": spec}}}},
        "spec.jobTemplate.spec.template.spec",
    ),
]


@pytest.fixture(scope="module", params=ENGINES)
def judge(request):
    with Judge(JudgeSpec(engine=request.param)) as opened:
        yield opened


def fails(judgement, rule_id):
    return [v.pointer for v in judgement.verdicts if v.rule_id == rule_id and v.outcome is Outcome.FAIL]


@pytest.mark.parametrize(("api_version", "kind", "wrap", "prefix"), WORKLOADS, ids=lambda v: str(v)[:20])
@pytest.mark.parametrize("field", ["containers", "initContainers", "ephemeralContainers"])
def test_every_workload_kind_and_container_type_is_seen(judge, api_version, kind, wrap, prefix, field):
    manifest = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "w"}}
    manifest["spec"] = wrap({"containers": [{"name": "main", "image": "a:1"}], field: [PRIVILEGED]})
    [judgement] = judge.judge([document(manifest)])
    assert fails(judgement, "AUD-POD-0001") == [f"{prefix}.{field}[name=c].securityContext.privileged"]


# Reference, what the rule for floating tags says, what the rule for digests says.
IMAGES = [
    ("nginx", True, False),
    ("nginx:latest", True, False),
    ("nginx:1.29", False, True),
    ("registry.example.org:5000/nginx", True, False),
    ("registry.example.org:5000/shop/nginx:1.29", False, True),
    ("nginx@sha256:" + "a" * 64, False, False),
    ("nginx:latest@sha256:" + "a" * 64, False, False),
    ("localhost/nginx", True, False),
    ("nginx:${TAG}", False, False),
    ("${REGISTRY}/nginx:latest", False, False),
    ("{{ .Values.image }}", False, False),
    ("", False, False),
]


@pytest.mark.parametrize(("image", "floating", "tagged"), IMAGES, ids=lambda v: str(v)[:40])
def test_image_references_are_read_as_runtimes_do(judge, image, floating, tagged):
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "w"}}
    pod["spec"] = {"containers": [{"name": "c", "image": image}]}
    [judgement] = judge.judge([document(pod)])
    assert bool(fails(judgement, "AUD-IMG-0001")) is floating
    assert bool(fails(judgement, "AUD-IMG-0002")) is tagged


def test_answers_come_in_the_order_of_the_documents(judge):
    def pod(name, privileged):
        context = {"privileged": privileged}
        container = {"name": name, "image": "a:1", "securityContext": context}
        return {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [container]}}

    documents = [document(pod(f"c{n}", n % 3 == 0), digest=str(n)) for n in range(40)]
    judgements = judge.judge(documents)
    assert [j.digest for j in judgements] == [str(n) for n in range(40)]
    assert [bool(fails(j, "AUD-POD-0001")) for j in judgements] == [n % 3 == 0 for n in range(40)]


def test_a_rule_that_answered_is_evaluated_and_a_skipped_schema_is_not(judge):
    manifest = {"apiVersion": "example.org/v1", "kind": "Thing", "metadata": {"name": "x"}}
    [judgement] = judge.judge([document(manifest)])
    assert judgement.evaluated == ("AUD-SEC-0002",)
    assert [(v.rule_id, v.outcome) for v in judgement.verdicts] == [("AUD-SCHEMA-0001", Outcome.SKIPPED)]
    assert "no schema" in judgement.verdicts[0].message


def test_nothing_to_judge(judge):
    assert judge.judge([]) == []


def test_hostile_values_get_an_answer(judge):
    strange = [None, 1, "x", [], {}, [None], [1], {"a": 1}, [[]], True]
    documents = []
    for value in strange:
        documents.append(document({"apiVersion": "v1", "kind": "Pod", "spec": value}))
        documents.append(document({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": value}}))
        role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "rules": value}
        documents.append(document(role))
        source = {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "OCIRepository", "spec": value}
        documents.append(document(source))
    judgements = judge.judge(documents)
    assert [judgement.digest for judgement in judgements] == [one.digest for one in documents]
    for judgement in judgements:
        errors = [v for v in judgement.verdicts if v.outcome is Outcome.ERROR]
        assert errors == []
        assert judgement.evaluated


def test_a_manifest_without_json_form_is_an_error_of_every_rule(judge):
    [judgement] = judge.judge([document({"apiVersion": "v1", "kind": "Namespace", "odd": {1, 2}})])
    assert judgement.evaluated == ()
    outcomes = {v.outcome for v in judgement.verdicts}
    assert outcomes == {Outcome.ERROR}
    assert "AUD-NS-0001" in {v.rule_id for v in judgement.verdicts}


@pytest.mark.parametrize("engine", ENGINES)
def test_parameters_reach_the_rule_and_change_the_digest(engine):
    pod = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "c", "image": "ghcr.io/a:1"}]}}
    allowed = {"AUD-IMG-0003": {"allowed": ["registry.example.org"]}}
    with (
        Judge(JudgeSpec(engine=engine)) as plain,
        Judge(JudgeSpec(engine=engine, parameters=allowed)) as strict,
    ):
        assert fails(plain.judge([document(pod)])[0], "AUD-IMG-0003") == []
        assert fails(strict.judge([document(pod)])[0], "AUD-IMG-0003") == ["spec.containers[name=c].image"]
        assert plain.bundle_digest != strict.bundle_digest


def test_unknown_parameters_are_errors_that_name_the_nearest():
    with pytest.raises(ConfigurationError, match="no parameter 'alowed'") as caught:
        Judge(JudgeSpec(engine="embedded", parameters={"AUD-IMG-0003": {"alowed": []}}))
    assert "'allowed'" in caught.value.hint
    with pytest.raises(ConfigurationError, match="AUD-IMG-003") as caught:
        Judge(JudgeSpec(engine="embedded", parameters={"AUD-IMG-003": {}}))
    assert "AUD-IMG-0003" in caught.value.hint
    with pytest.raises(ConfigurationError, match="AUD-FLAG-0004"):
        Judge(JudgeSpec(engine="embedded", parameters={"AUD-FLAG-0004": {"most": "many"}}))


def test_target_version_decides_what_was_removed():
    budget = {"apiVersion": "policy/v1beta1", "kind": "PodDisruptionBudget", "metadata": {"name": "b"}}
    with Judge(JudgeSpec(engine="embedded", kubernetes_version="1.25")) as late:
        assert fails(late.judge([document(budget)])[0], "AUD-API-0001") == ["apiVersion"]
    parameters = {"AUD-API-0001": {"kubernetes_version": "1.24"}}
    with Judge(JudgeSpec(engine="embedded", parameters=parameters)) as early:
        assert fails(early.judge([document(budget)])[0], "AUD-API-0001") == []


def test_own_rules_are_judged_beside_the_shipped_ones(tmp_path):
    write_rule(tmp_path)
    with Judge(JudgeSpec(engine="embedded", policy_folders=(tmp_path,))) as judge:
        [judgement] = judge.judge([document({"apiVersion": "v1", "kind": "ConfigMap", "bad": True})])
        assert fails(judgement, "SHOP-0001") == ["p"]
        assert "AUD-NS-0002" in judgement.evaluated


def test_what_a_judge_refuses(tmp_path):
    with pytest.raises(UsageError, match="magic"):
        Judge(JudgeSpec(engine="magic"))
    with pytest.raises(ConfigurationError, match=r"1\.12"):
        Judge(JudgeSpec(engine="embedded", kubernetes_version="1.12"))
    with pytest.raises(PolicyError, match="no such policy folder"):
        Judge(JudgeSpec(engine="embedded", policy_folders=(tmp_path / "none",)))


def test_a_specification_can_be_sent_to_a_worker(tmp_path):
    spec = JudgeSpec(
        engine="embedded", policy_folders=(tmp_path,), parameters={"AUD-IMG-0003": {"allowed": []}}
    )
    assert pickle.loads(pickle.dumps(spec)) == spec


def test_importing_the_judge_loads_nothing_heavy():
    program = (
        "import sys, auditor.policy.judge;"
        "print([m for m in ('regopy','opa_client','requests','jsonschema','jsonschema_rs','yaml')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
