"""What a rule declares to read is all that its verdicts depend on, and what it is shown is exactly that."""

import copy
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from policy.policy_support import ENGINES, document, write_rule

from auditor.errors import PolicyError
from auditor.model import Outcome, Verdict
from auditor.policy.groups import Grouping, KnownAnswers
from auditor.policy.interface import Answer, Item
from auditor.policy.judge import Judge, JudgeSpec
from auditor.policy.library import load_library
from auditor.policy.lint import lint_folder
from auditor.policy.reads import TEXTS, Projection, TextProjection, parse_path, paths_for, projection_for
from auditor.policy.router import kind_of
from auditor.policy.testing import documents_of, examples_of, parameters_of
from auditor.policy.workloads import KNOWN_WORKLOADS

LIBRARY = load_library()


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("spec", ("spec",)),
        ("spec.chart.spec", ("spec", "chart", "spec")),
        ("spec.rules[].host", ("spec", "rules", None, "host")),
        ("spec.args[]", ("spec", "args", None)),
        ("a[][].b", ("a", None, None, "b")),
        ('metadata.labels["example.org/app"]', ("metadata", "labels", "example.org/app")),
        ('metadata.labels["a.b"].c', ("metadata", "labels", "a.b", "c")),
        ("workload.containers[].image", ("workload", "containers", None, "image")),
        ("workload.pod.os.name", ("workload", "pod", "os", "name")),
    ],
)
def test_paths(text, steps):
    assert parse_path(text) == steps


@pytest.mark.parametrize(
    "text",
    ["", ".", "spec.", ".spec", "spec..a", "[]", "[].a", "spec[0]", "spec[*]", "spec.*", "spec a", "/spec/a",
     'spec[""]', "spec['a']", "spec.[]", "workload", "workload.image", "workload.containers.image", "**.a"],
)  # fmt: skip
def test_what_is_no_path(text):
    with pytest.raises(PolicyError, match=r"custom\.reads"):
        parse_path(text)


@pytest.mark.parametrize(
    ("kind", "pod"),
    [
        ("Pod", "spec"),
        ("Deployment", "spec.template.spec"),
        ("Job", "spec.template.spec"),
        ("CronJob", "spec.jobTemplate.spec.template.spec"),
    ],
)
def test_the_parts_of_a_workload_stand_where_its_kind_has_them(kind, pod):
    expected = {parse_path(f"{pod}.{field}[].image") for field in ("containers", "initContainers")}
    expected |= {parse_path(f"{pod}.ephemeralContainers[].image"), parse_path(f"{pod}.os"), ("kind",)}
    assert set(paths_for(["workload.containers[].image", "workload.pod.os"], kind)) == expected


MANIFEST = {
    "kind": "Deployment",
    "metadata": {"name": "web", "labels": {"a/b": "1", "c": "2"}},
    "spec": {"rules": [{"host": "a", "port": 1}, "odd", {"port": 2}], "mode": {"on": True}, "text": "x"},
}


@pytest.mark.parametrize(
    ("reads", "kept"),
    [
        (["kind"], {"kind": "Deployment"}),
        (["spec.rules[].host"], {"spec": {"rules": [{"host": "a"}, "odd", {}]}}),
        (["spec.mode.off"], {"spec": {"mode": {}}}),
        (["spec.text.deeper"], {"spec": {"text": "x"}}),
        (["spec.rules.host"], {"spec": {"rules": MANIFEST["spec"]["rules"]}}),
        (["spec.mode[].x"], {"spec": {"mode": {"on": True}}}),
        (['metadata.labels["a/b"]'], {"metadata": {"labels": {"a/b": "1"}}}),
        (["spec.mode", "spec.mode.on"], {"spec": {"mode": {"on": True}}}),
        (["data"], {}),
    ],
)
def test_what_is_left_of_a_manifest(reads, kept):
    assert projection_for(tuple(reads), "Deployment").of(MANIFEST) == kept


def test_none_declared_is_everything():
    assert projection_for((), "Deployment") is None


NAMES = st.sampled_from(["a", "b", "c"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
)
PATHS = st.lists(
    st.lists(NAMES | st.none(), min_size=1, max_size=4).filter(lambda steps: steps[0] is not None), max_size=4
)


def slowly(value, paths, above=()):
    """The same projection, decided anew at every place by comparing whole paths."""

    def leads(path, place):
        return all(want is None or want == step for want, step in zip(path, place, strict=False))

    if any(len(path) <= len(above) and leads(path, above) for path in paths):
        return value
    longer = [path for path in paths if len(path) > len(above) and leads(path, above)]
    if isinstance(value, dict):
        return {
            name: slowly(entry, longer, (*above, name))
            for name, entry in value.items()
            if any(leads(path[: len(above) + 1], (*above, name)) for path in longer)
        }
    if isinstance(value, list) and all(path[len(above)] is None for path in longer):
        return [slowly(entry, longer, (*above, number)) for number, entry in enumerate(value)]
    return value


@given(manifest=st.dictionaries(NAMES, VALUES, max_size=3), paths=PATHS)
def test_projection_against_the_slow_one(manifest, paths):
    paths = [tuple(path) for path in paths]
    try:
        projection = Projection.onto(paths)
    except PolicyError:
        assume(False)
    assert projection.of(manifest) == slowly(manifest, paths)
    assert projection.of(projection.of(manifest)) == projection.of(manifest)


def test_fields_and_entries_of_one_place_are_an_error():
    with pytest.raises(PolicyError, match=r"both \[\] and name"):
        projection_for(("spec.rules[].host", "spec.rules.name"), "Ingress")


def test_texts_keep_their_places_and_the_names_on_the_way():
    manifest = {
        "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "mark:2", "other": ["x"]}, {"name": "C"}],
        "data": {"x": "no", "y": "a mark:3"},
        "mark:key": "no",
        "name": {"value": "mark:4"},
    }
    assert TextProjection("mark:").of(manifest) == {
        "env": [None, {"name": "B", "value": "mark:2"}, None],
        "data": {"y": "a mark:3"},
        "name": {"value": "mark:4"},
    }
    assert TextProjection("mark:").of({"data": ["x"]}) == {}


def test_texts_stand_alone_and_need_the_text():
    for reads, contains in ((("**",), ""), (("**", "kind"), "x")):
        with pytest.raises(PolicyError, match="stands alone"):
            projection_for(reads, "Pod", contains)


# --- the declarations of the shipped rules -------------------------------------------------------

REALISTIC = Path(__file__).with_name("realistic.yaml")
SEEDS = [
    one.manifest
    for path in [*(path for _, path in examples_of(LIBRARY)), REALISTIC]
    for one in documents_of(path.read_text(encoding="utf-8"))
]
CREDENTIAL = "auditor-redacted:credential:0123456789abcdef"


def _names(value):
    if isinstance(value, dict):
        return {*value, *(name for entry in value.values() for name in _names(entry))}
    return {name for entry in value for name in _names(entry)} if isinstance(value, list) else set()


FIELDS = sorted({name for seed in SEEDS for name in _names(seed)})
NEW = st.one_of(
    st.sampled_from(SEEDS).map(lambda seed: copy.deepcopy(seed.get("spec", seed))),
    st.sampled_from(
        ["", "latest", "default", "*", "Unconfined", "1.2.x", "http://a.example", "${X}", CREDENTIAL]
    ),
    st.sampled_from([None, True, False, 0, 1, 25]),
    st.just({}),
    st.just([]),
    st.dictionaries(st.sampled_from(FIELDS), st.sampled_from([True, "x", CREDENTIAL, {}, []]), max_size=2),
)


def _places(value):
    """Every object and list in the value, itself included."""
    if isinstance(value, dict | list):
        yield value
        for entry in value.values() if isinstance(value, dict) else value:
            yield from _places(entry)


@st.composite
def changed(draw):
    """An example of some rule, and the same with one to three fields added, changed or removed."""
    before = draw(st.sampled_from(SEEDS))
    after = copy.deepcopy(before)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(list(_places(after))))
        if isinstance(place, list):
            if place and draw(st.booleans()):
                place.pop(draw(st.integers(0, len(place) - 1)))
            else:
                place.append(copy.deepcopy(draw(NEW)))
        else:
            field = draw(
                st.sampled_from(sorted(place)) if place and draw(st.booleans()) else st.sampled_from(FIELDS)
            )
            # Which rules are asked at all is the router's business.
            if place is after and field in ("apiVersion", "kind"):
                continue
            if field in place and draw(st.booleans()):
                del place[field]
            else:
                place[field] = copy.deepcopy(draw(NEW))
    return before, after


@pytest.fixture(scope="module", params=ENGINES)
def judges(request):
    with (
        Judge(JudgeSpec(engine=request.param, schemas=False)) as projecting,
        Judge(JudgeSpec(engine=request.param, schemas=False, whole=True)) as whole,
    ):
        yield projecting, whole


def test_examples_are_judged_alike_whole_and_projected(judges):
    projecting, whole = judges
    documents = [document(seed) for seed in SEEDS]
    assert _said(projecting.judge(documents)) == _said(whole.judge(documents))


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(pairs=st.lists(changed(), min_size=1, max_size=4))
def test_only_what_a_rule_reads_decides_its_verdicts(judges, pairs):
    projecting, whole = judges
    documents = [document(one) for pair in pairs for one in pair]
    judged = whole.judge(documents)
    # Judging the projection is judging the whole.
    assert _said(projecting.judge(documents)) == _said(judged)
    # A change of nothing that a rule reads is a change of none of its verdicts.
    for number, (before, after) in enumerate(pairs):
        kind = kind_of(documents[2 * number].api_version, documents[2 * number].kind)
        for rule in (LIBRARY.rules[position] for position in LIBRARY.router.rules_for(kind)):
            meta = rule.metadata
            place = KNOWN_WORKLOADS.get(kind)
            projection = projection_for(meta.reads, kind.rpartition("/")[2], meta.contains, place)
            if projection is not None and projection.of(before) == projection.of(after):
                old, new = judged[2 * number], judged[2 * number + 1]
                assert _of(old, rule.id) == _of(new, rule.id)


def _said(judgements):
    """Without the views for rules over sets, which are cut in one of the two judges only."""
    return [(one.digest, one.evaluated, one.verdicts) for one in judgements]


def _of(judgement, rule_id):
    return [verdict for verdict in judgement.verdicts if verdict.rule_id == rule_id]


def test_every_shipped_rule_declares_what_it_reads():
    assert [rule.id for rule in LIBRARY.rules if not rule.metadata.reads] == []


def _together():
    """The shipped rules by what they read: rules that read the same are judged together."""
    together = {}
    for rule in LIBRARY.rules:
        # What a rule over a set reads of one manifest says nothing alone.
        if rule.metadata.reads != (TEXTS,) and not rule.over_set:
            together.setdefault(tuple(sorted(rule.metadata.reads)), []).append(rule)
    return together


@pytest.mark.parametrize("reads", _together(), ids=lambda reads: reads[0][:40])
def test_every_declared_path_decides_something(judges, reads):
    """Without any one of them, some rule of the group says something else of an example: no path is for show.

    It also says that the examples reach every path, so that the properties above can fail.
    """
    _, whole = judges
    rules = _together()[reads]
    # As it is shipped, and as an example sets it: what does nothing until it is configured does something there.
    settings = {whole._parameters.general.get(rule.id, b"{}") for rule in rules} | {
        _configured(rule) for rule in rules
    }

    def findings(shown, parameters):
        items = []
        for seed in SEEDS:
            kind = kind_of(seed["apiVersion"], seed["kind"])
            asked = tuple(rule.path for rule in rules if kind in rule.kinds)
            if asked:
                resource = orjson.dumps(projection_for(shown, seed["kind"]).of(seed))
                items.append(Item(asked, resource, parameters))
        return [answer.findings for answer in whole._engine.evaluate(items)]

    undecided = set(reads)
    for parameters in sorted(settings - {b""}, key=len, reverse=True):
        said = findings(reads, parameters)
        undecided -= {
            path
            for path in undecided
            if findings(tuple(one for one in reads if one != path) or ("nothing",), parameters) != said
        }
        if not undecided:
            return
    assert not undecided


def _configured(rule):
    """The parameters that one of the rule's examples sets, b"" where none does."""
    texts = [path.read_text(encoding="utf-8") for path in rule.examples("bad")]
    given = next(filter(None, (parameters_of(text, rule.id) for text in texts)), None)
    return orjson.dumps(given) if given else b""


def test_a_wrong_declaration_is_found_by_judging_the_whole(tmp_path):
    write_rule(tmp_path, extra="")
    path = tmp_path / "shop" / "rule" / "rule.rego"
    path.write_text(path.read_text().replace("#   since:", "#   reads: [good]\n#   since:"))
    bad = document({"apiVersion": "v1", "kind": "ConfigMap", "bad": True})
    spec = {"engine": "embedded", "base": tmp_path, "schemas": False}
    with Judge(JudgeSpec(**spec)) as projecting, Judge(JudgeSpec(**spec, whole=True)) as whole:
        assert projecting.judge([bad]) != whole.judge([bad])
    assert [problem.check for problem in lint_folder(tmp_path)] == ["reads"]


# --- asking once ---------------------------------------------------------------------------------


def _release(version, name="app"):
    chart = {"spec": {"chart": "app", "version": version, "sourceRef": {"kind": "HelmRepository"}}}
    values = {"image": {"tag": version}}
    return document(
        {
            "apiVersion": "helm.toolkit.fluxcd.io/v2",
            "kind": "HelmRelease",
            "metadata": {"name": name},
            "spec": {"chart": chart, "values": values},
        },
        digest=version,
    )


@pytest.fixture
def counted():
    """A judge, and the items that its engine was asked."""
    with Judge(JudgeSpec(engine="embedded", schemas=False)) as judge:
        asked = []
        evaluate = judge._engine.evaluate

        def counting(items):
            asked.append(list(items))
            return evaluate(items)

        judge._engine.evaluate = counting
        yield judge, asked


def test_equal_content_is_asked_once(counted):
    judge, asked = counted
    first = judge.judge([_release("1.0.0"), _release("1.0.0"), _release("1.0.1")])
    groups = Grouping(LIBRARY, {}, whole=False).of("helm.toolkit.fluxcd.io/HelmRelease")
    always = [group for group in groups if not group.contains]
    # Everything once for the first, and the chart's version once more.
    assert len(asked[0]) == len(always) + 1
    assert first[0].verdicts == first[1].verdicts == first[2].verdicts
    later = judge.judge([_release("1.0.1"), _release("1.x")])
    assert [item.rules for item in asked[1]] == [(("helm", "chart_version_floating"),)]
    assert later[0].verdicts == first[0].verdicts
    assert "AUD-HELM-0001" in {verdict.rule_id for verdict in later[1].verdicts}


def test_what_is_sent_is_the_projection(counted):
    judge, asked = counted
    judge.judge([_release("1.0.0")])
    sent = {item.rules[0][1]: item.resource for item in asked[0]}
    assert sent["suspended"] == b'{"spec":{}}'
    assert all(b"values" not in resource for resource in sent.values())


def test_an_error_is_asked_again(counted):
    judge, _ = counted
    working = judge._engine.evaluate
    judge._engine.evaluate = lambda items: [
        Answer(errors={"/".join(rule): "down" for rule in item.rules}) for item in items
    ]
    [down] = judge.judge([_release("1.0.0")])
    assert {verdict.outcome for verdict in down.verdicts} == {Outcome.ERROR}
    judge._engine.evaluate = working
    [up] = judge.judge([_release("1.0.0")])
    assert Outcome.ERROR not in {verdict.outcome for verdict in up.verdicts}
    assert len(up.evaluated) > len(down.evaluated)


def test_known_answers_are_bounded_and_the_oldest_go():
    known = KnownAnswers(limit=2)
    verdict = Verdict(rule_id="A-0001", outcome=Outcome.FAIL, pointer="", message="m")
    for key in (b"1", b"2", b"3"):
        known.keep(key, (verdict,))
    assert [known.get(key) is not None for key in (b"1", b"2", b"3")] == [False, True, True]


# --- the lint ------------------------------------------------------------------------------------

FINDING = 'findings contains {"message": "m", "pointer": "p", "details": {}} if '


@pytest.mark.parametrize(
    ("reads", "condition", "clean"),
    [
        ("spec.url", "input.resource.spec.url == 1", True),
        ("spec.url", "input.resource.spec.url.host == 1", True),
        ("spec.url", "is_object(input.resource.spec)", True),
        ("spec.url", "input.resource.spec[field] == 1", True),
        ("spec.url", "input.resource.spec.port == 1", False),
        ("spec.url", "input.resource.kind == 1", False),
        ("spec.url", 'object.get(input.resource.spec, "url", "") == ""', True),
        ("spec.url", 'object.get(input.resource.spec, "port", 1) == 1', False),
        ("spec.url", 'object.get(input.resource, ["spec", "url"], "") == ""', True),
        ("spec.url", 'object.get(input.resource, ["spec", "port"], 1) == 1', False),
        ("spec.url", "walk(input.resource)", False),
        ("spec.url", "some x in input.resource", False),
        ("'spec.rules[].host'", "some x in input.resource.spec.rules", True),
        ("'spec.rules[].host'", "input.resource.spec.rules[0].port == 1", False),
        ("'metadata.labels[\"a/b\"]'", 'input.resource.metadata.labels["a/b"] == 1', True),
        ("'metadata.labels[\"a/b\"]'", 'input.resource.metadata.labels["a/c"] == 1', False),
        ("workload.pod.os", 'workload.pod.os.name == "x"', True),
        ("workload.pod.os", "workload.pod.hostPID == true", False),
        ("workload.pod.os", "some x in workload.containers", False),
        ("'workload.containers[].image'", "some x in workload.containers", True),
        ("spec.url", "true # input.resource.spec.port", True),
    ],
)
def test_reads_outside_the_declaration(tmp_path, reads, condition, clean):
    path = write_rule(tmp_path, body=f"import data.auditor.lib.workload\n\n{FINDING} {{\n\t{condition}\n}}")
    path.write_text(path.read_text().replace("#   since:", f"#   reads: [{reads}]\n#   since:"))
    assert [problem.check for problem in lint_folder(tmp_path)] == ([] if clean else ["reads"])


def test_a_path_that_is_none_is_named(tmp_path):
    path = write_rule(tmp_path)
    path.write_text(path.read_text().replace("#   since:", "#   reads: ['spec[0].url']\n#   since:"))
    [problem] = lint_folder(tmp_path)
    assert problem.check == "metadata"
    assert "'spec[0].url' is no path" in problem.message
    with pytest.raises(PolicyError, match="is no path"):
        load_library(base=tmp_path)


# --- memory --------------------------------------------------------------------------------------

GROWTH = """
import ryml  # loads the C++ library before rego-cpp comes
import orjson
from auditor.policy.embedded import EmbeddedEngine
from auditor.policy.interface import Item
from auditor.policy.library import load_library

library = load_library()
engine = EmbeddedEngine(library)
rules = tuple(rule.path for rule in library.rules if rule.category == "images")

def ask(first, count):
    for number in range(first, first + count):
        containers = [{"name": f"c{number}", "image": f"a:{number}"}] * 3
        pod = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": containers}}
        engine.evaluate([Item(rules, orjson.dumps(pod), b'{"allowed": []}')])

def resident():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

ask(0, 200)
before = resident()
ask(1000, 1000)
print(resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_embedded_engines_memory_does_not_grow_with_questions():
    done = subprocess.run([sys.executable, "-c", GROWTH], capture_output=True, text=True, check=True)
    # In kB. Some 13,000 to 40,000 where what one library allocates another is to free.
    assert int(done.stdout) < 4_000
