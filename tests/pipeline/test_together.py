"""Lifetimes of what rules over an environment say, against looking at every landing's set anew."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.findings.lifetimes import Landing
from auditor.model import Document, Outcome, Verdict
from auditor.pipeline.mining.contents import DocumentRow
from auditor.pipeline.mining.sets import Member, Step, members_of
from auditor.pipeline.mining.together import SOURCE, SetLifetimes, judge_sets
from auditor.policy.judge import Judge, JudgeSpec
from auditor.policy.sets import SetAnswer

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
	"message": sprintf("%s in %s has the port of another", [mine.metadata.name, input.context.environment]),
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


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory):
    base = tmp_path_factory.mktemp("rules")
    folder = base / "things" / "one_port"
    folder.mkdir(parents=True)
    (folder / "one_port.rego").write_text(RULE)
    with Judge(JudgeSpec(engine="embedded", base=base, schemas=False)) as judge:
        yield judge


def _member(judge: Judge, path: str, name: str, port: object, note: int = 0) -> Member:
    manifest = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "annotations": {"note": str(note)}},
        "spec": {"port": port},
    }
    document = Document(
        index=0, item=None, line=1, api_version="v1", kind="Service", namespace="", name=name,
        manifest=manifest, digest=orjson.dumps(manifest).hex(),
    )  # fmt: skip
    row = DocumentRow(0, None, 1, "v1", "Service", "", name, document.digest)
    return Member(path.split("/")[0], path, row, judge.sets.view_of(document))


def _landing(number: int) -> Landing:
    return Landing(sha=f"{number:040x}", position=number)


def _told(judge: Judge, steps: list[Step], *, start=(), lifetimes: SetLifetimes | None = None):
    return judge_sets(
        judge.sets,
        lambda batches: map(judge.judge_sets, batches),
        start=list(start),
        steps=steps,
        lifetimes=lifetimes or SetLifetimes(),
    )


def _rows(lifetimes: SetLifetimes) -> list[tuple[str, int, str, str, int, int]]:
    return sorted(
        (
            item.sighting.environment,
            item.occurrence,
            item.sighting.name,
            item.sighting.path,
            item.opened.position,
            item.fixed.position if item.fixed else -1,
        )
        for item in (*lifetimes.open.values(), *lifetimes.closed)
    )


def test_a_finding_lasts_as_long_as_its_set_shows_it(judge: Judge):
    one = _member(judge, "prod/one.yaml", "one", 80)
    two = _member(judge, "prod/two.yaml", "two", 80)
    other = _member(judge, "dev/two.yaml", "two", 80)
    told = _told(
        judge,
        [
            Step(_landing(0), (), (one, other)),
            Step(_landing(1), (), (two,)),
            Step(_landing(2), (two,), ()),
        ],
    )
    assert _rows(told.lifetimes) == [
        ("prod", 1, "one", "prod/one.yaml", 1, 2),
        ("prod", 1, "two", "prod/two.yaml", 1, 2),
    ]
    assert {item.sighting.source for item in told.lifetimes.closed} == {SOURCE}
    assert told.results == {"AUD-TEST-0001": (2, 0)}


def test_what_no_rule_reads_changes_no_verdict_and_no_lifetime(judge: Judge):
    one, two = _member(judge, "prod/one.yaml", "one", 80), _member(judge, "prod/two.yaml", "two", 80)
    edited, moved = (
        _member(judge, "prod/one.yaml", "one", 80, note=1),
        _member(judge, "prod/x.yaml", "two", 80),
    )
    asked = []

    def ask(batches):
        for questions in batches:
            asked.extend(questions)
            yield judge.judge_sets(questions)

    told = judge_sets(
        judge.sets,
        ask,
        start=[],
        steps=[
            Step(_landing(0), (), (one, two)),
            Step(_landing(1), (one,), (edited,)),
            Step(_landing(2), (two,), (moved,)),
        ],
        lifetimes=SetLifetimes(),
    )
    assert len(asked) == 1
    assert _rows(told.lifetimes) == [
        ("prod", 1, "one", "prod/one.yaml", 0, -1),
        ("prod", 1, "two", "prod/x.yaml", 0, -1),
    ]
    assert told.lifetimes.open.keys() == {seen[0] for seen in told.lifetimes.touched}
    assert told.results == {"AUD-TEST-0001": (2, 2)}


def test_what_gave_no_answer_fixes_nothing_and_is_told(judge: Judge):
    one, two = _member(judge, "prod/one.yaml", "one", 80), _member(judge, "prod/two.yaml", "two", 80)
    steps = [Step(_landing(0), (), (one, two)), Step(_landing(1), (two,), ())]

    def ask(batches):
        error = Verdict(rule_id="AUD-TEST-0001", outcome=Outcome.ERROR, pointer="", message="time is up")
        for questions in batches:
            yield [
                SetAnswer((), ((-1, error),)) if len(question.views) == 1 else answer
                for question, answer in zip(questions, judge.judge_sets(questions), strict=True)
            ]

    told = judge_sets(judge.sets, ask, start=[], steps=steps, lifetimes=SetLifetimes())
    assert [row[-1] for row in _rows(told.lifetimes)] == [-1, -1]
    assert told.unanswered == (("AUD-TEST-0001", "error", "time is up", "prod"),)
    assert told.results == {}


def test_a_member_is_what_a_rule_looks_at_or_what_leads_somewhere():
    row = DocumentRow(0, None, 1, "v1", "Service", "", "one", "d")
    assert len(members_of("prod", "prod/x.yaml", [row], lambda digest: b"{}")) == 1
    assert members_of("prod", "prod/x.yaml", [row], lambda digest: b"") == ()


FILES = ["prod/a.yaml", "prod/b.yaml", "dev/a.yaml", "dev/c.yaml"]
CONTENT = st.none() | st.tuples(st.sampled_from(["one", "two"]), st.sampled_from([80, 81]), st.integers(0, 1))
TREES = st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(FILES, CONTENT)), min_size=1, max_size=7)


@settings(max_examples=150, deadline=None)
@given(edits=TREES, cut=st.integers(0, 7))
def test_lifetimes_are_those_of_looking_at_every_landing(judge: Judge, edits: list[dict], cut: int):
    tree: dict[str, tuple[str, int, int]] = {}
    steps: list[Step] = []
    trees = []
    for number, edit in enumerate(edits):
        gone = [_member(judge, path, *tree[path]) for path in edit if path in tree]
        tree = {path: content for path, content in {**tree, **edit}.items() if content is not None}
        come = [_member(judge, path, *tree[path]) for path in edit if path in tree]
        steps.append(Step(_landing(number), tuple(gone), tuple(come)))
        trees.append(tree)
    expected = _slowly(trees)
    assert _rows(_told(judge, steps).lifetimes) == expected

    first = _told(judge, steps[:cut]).lifetimes
    before = trees[:cut][-1:]
    start = [_member(judge, path, *content) for tree in before for path, content in tree.items()]
    second = _told(
        judge,
        steps[cut:],
        start=start,
        lifetimes=SetLifetimes(open=dict(first.open), closed=first.closed, occurrences=first.occurrences),
    )
    assert _rows(second.lifetimes) == expected


def _slowly(trees: list[dict[str, tuple[str, int, int]]]) -> list[tuple[str, int, str, str, int, int]]:
    """Two services of one environment with one port: a finding of each name, at its first file by path."""
    rows = []
    open_since: dict[tuple[str, str], tuple[int, int, str]] = {}
    counts: dict[tuple[str, str], int] = {}
    for number, tree in enumerate([*trees]):
        now: dict[tuple[str, str], str] = {}
        for path, (name, port, _) in sorted(tree.items()):
            environment = path.split("/")[0]
            ports = [p for other, (_, p, _) in tree.items() if other.split("/")[0] == environment]
            if ports.count(port) > 1:
                now.setdefault((environment, name), path)
        for key in now:
            if key not in open_since:
                counts[key] = counts.get(key, 0) + 1
                open_since[key] = (counts[key], number, now[key])
            else:
                open_since[key] = (*open_since[key][:2], now[key])
        for key in [key for key in open_since if key not in now]:
            occurrence, opened, path = open_since.pop(key)
            rows.append((key[0], occurrence, key[1], path, opened, number))
    rows += [
        (e, occurrence, name, path, opened, -1)
        for (e, name), (occurrence, opened, path) in open_since.items()
    ]
    return sorted(rows)
