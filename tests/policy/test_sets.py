"""Rules that look at several resources together: one environment's manifests of some kinds."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from auditor.errors import PolicyError
from auditor.model import Document, Outcome
from auditor.policy.judge import Judge, JudgeSpec
from auditor.policy.library import load_library
from auditor.policy.opa_server import find_opa
from auditor.policy.testing import documents_of, run_examples

RULE = """\
# METADATA
# title: "Two services have one port"
# description: Only one of them gets the traffic.
# custom:
#   id: AUD-TEST-0001
#   severity: low
#   kinds: [Service]
#   remediation: Choose another port.
#   scope: environment
#   reads: [spec.port]
#   since: 0.1.0
package auditor.things.one_port

findings contains {
	"message": sprintf("%s has the port of %s in %s", [mine.metadata.name, other.metadata.name, input.context.environment]),
	"pointer": "spec.port",
	"details": {},
	"resource": number,
} if {
	some number, mine in input.set
	some place, other in input.set
	number != place
	mine.spec.port == other.spec.port
}
"""

SERVICES = """\
apiVersion: v1
kind: Service
metadata: {name: one, namespace: shop, labels: {a: b}}
spec: {port: 80, type: ClusterIP}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: between}
---
apiVersion: v1
kind: Service
metadata: {name: two, namespace: shop}
spec: {port: 80}
---
apiVersion: v1
kind: Service
metadata: {name: three, namespace: shop}
spec: {port: 81}
"""

ENGINES = ["embedded", pytest.param("opa", marks=pytest.mark.needs_opa)]


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "things" / "one_port"
    folder.mkdir(parents=True)
    (folder / "one_port.rego").write_text(RULE)
    (folder / "good.yaml").write_text(SERVICES.replace("{port: 80}", "{port: 82}"))
    (folder / "bad.yaml").write_text("# fires at: spec.port\n" + SERVICES)
    return tmp_path


@pytest.fixture(params=ENGINES)
def judge(request: pytest.FixtureRequest, rules: Path):
    if request.param == "opa" and not find_opa():
        pytest.skip("opa is not installed")
    with Judge(JudgeSpec(engine=request.param, base=rules, schemas=False)) as judge:
        yield judge


def test_a_finding_is_about_the_document_that_the_rule_names(judge: Judge):
    evaluated, verdicts = judge.judge_together("production", documents_of(SERVICES))
    assert evaluated == {"AUD-TEST-0001"}
    assert [(number, verdict.pointer, verdict.message) for number, verdict in verdicts] == [
        (0, "spec.port", "one has the port of two in production"),
        (2, "spec.port", "two has the port of one in production"),
    ]


def test_a_rule_over_an_environment_is_not_asked_about_one_document(judge: Judge):
    judgements = judge.judge(documents_of(SERVICES))
    assert len(judgements) == len(documents_of(SERVICES)) > 1
    for judgement in judgements:
        assert judgement.evaluated == ()
        assert judgement.verdicts == ()


def test_a_view_holds_what_is_read_and_whose_it_is(judge: Judge):
    service, other = judge.judge(documents_of(SERVICES))[:2]
    assert orjson.loads(service.view) == {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "one", "namespace": "shop"},
        "spec": {"port": 80},
    }
    assert other.view == b""


def test_an_environment_without_such_resources_is_not_asked_about(judge: Judge):
    assert judge.judge_together("production", documents_of(SERVICES)[1:2]) == (frozenset(), [])


def test_examples_are_one_environment_each(rules: Path):
    assert [result.reason for result in run_examples("embedded", base=rules)] == ["", ""]


@pytest.mark.parametrize(
    "number",
    [
        pytest.param("3", id="no-such-member"),
        pytest.param('"0"', id="no-number"),
        pytest.param("-1", id="negative"),
        pytest.param("true", id="boolean"),
    ],
)
def test_a_finding_about_no_member_is_an_error_and_never_a_pass(rules: Path, number: str):
    file = rules / "things" / "one_port" / "one_port.rego"
    file.write_text(file.read_text().replace('"resource": number,', f'"resource": {number},'))
    with Judge(JudgeSpec(engine="embedded", base=rules, schemas=False)) as judge:
        evaluated, verdicts = judge.judge_together("production", documents_of(SERVICES))
    assert evaluated == frozenset()
    assert [(member, verdict.outcome) for member, verdict in verdicts] == [(-1, Outcome.ERROR)]


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("#   reads: [spec.port]\n", "", "what it reads"),
        ("kinds: [Service]", 'kinds: ["*"]', "names its kinds"),
        ("scope: environment", "scope: everything", "custom.scope is 'everything'"),
    ],
)
def test_metadata_that_would_keep_everything_is_refused(rules: Path, before: str, after: str, complaint: str):
    file = rules / "things" / "one_port" / "one_port.rego"
    file.write_text(file.read_text().replace(before, after))
    with pytest.raises(PolicyError) as error:
        load_library(base=rules)
    assert complaint in f"{error.value.message} {error.value.hint}"


def _sets_of_shipped_rules() -> list[tuple[str, list[Document]]]:
    library = load_library()
    return [
        (f"{path.parent.name}/{path.name}", documents_of(path.read_text()))
        for rule in library.set_rules
        for prefix in ("good", "bad")
        for path in rule.examples(prefix)
    ]


def test_shipped_rules_say_the_same_of_whole_manifests():
    with (
        Judge(JudgeSpec(engine="embedded", schemas=False)) as cut,
        Judge(JudgeSpec(engine="embedded", schemas=False, whole=True)) as whole,
    ):
        fires = set()
        for name, documents in _sets_of_shipped_rules():
            found = cut.judge_together("e", documents)
            assert found == whole.judge_together("e", documents), name
            fires |= {verdict.rule_id for _, verdict in found[1]}
    assert fires >= {rule.id for rule in load_library().set_rules}
