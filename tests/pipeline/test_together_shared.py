"""A rule about one manifest and what others say (`custom.shared`): the same lifetimes as by asking whole sets."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.findings.lifetimes import Landing
from auditor.model import Document
from auditor.pipeline.mining.contents import DocumentRow
from auditor.pipeline.mining.sets import Member, Step
from auditor.pipeline.mining.together import SetLifetimes, judge_sets
from auditor.policy.judge import Judge, JudgeSpec

RULE = """\
# METADATA
# title: "A port is reserved"
# description: Somebody else has it, or nobody may have it who is not listed.
# custom:
#   id: AUD-TEST-0001
#   severity: low
#   kinds: [Service, ConfigMap]
#   about: [Service]
#   remediation: Choose another port.
#   scope: environment
#   reads: [spec.port, spec.reserves]
SHARED
#   since: 0.1.0
package auditor.things.reserved

findings contains {
	"message": sprintf("%d is reserved in %s", [mine.spec.port, input.context.environment]),
	"pointer": "spec.port",
	"details": {},
	"resource": number,
} if {
	some number, mine in input.set
	mine.kind == "Service"
	mine.spec.port in reserved
}

findings contains {
	"message": "it is called like a list",
	"pointer": "metadata.name",
	"details": {},
	"resource": number,
} if {
	some number, mine in input.set
	mine.kind == "Service"
	some other in input.set
	other.kind == "ConfigMap"
	other.metadata.name == mine.metadata.name
}

reserved contains port if {
	some other in input.set
	some port in other.spec.reserves
}
"""


@pytest.fixture(scope="module")
def judges(tmp_path_factory: pytest.TempPathFactory):
    """One that is asked about whole sets, and one that is asked about each subject."""
    found = []
    for shared in ("", "#   shared: [spec.reserves, metadata.name]"):
        base = tmp_path_factory.mktemp("rules")
        folder = base / "things" / "reserved"
        folder.mkdir(parents=True)
        (folder / "reserved.rego").write_text(RULE.replace("SHARED\n", shared + "\n" if shared else ""))
        found.append(Judge(JudgeSpec(engine="embedded", base=base, schemas=False)))
    yield found
    for judge in found:
        judge.close()


Content = tuple[str, str, int, tuple[int, ...], int]
"""Kind, name, port, reserved ports, and a note that no rule reads."""


def _member(judge: Judge, path: str, content: Content) -> Member:
    kind, name, port, reserves, note = content
    manifest = {
        "apiVersion": "v1",
        "kind": kind,
        "metadata": {"name": name, "annotations": {"note": str(note)}},
        "spec": {"port": port, **({"reserves": list(reserves)} if reserves else {})},
    }
    document = Document(
        index=0, item=None, line=1, api_version="v1", kind=kind, namespace="", name=name,
        manifest=manifest, digest=orjson.dumps(manifest).hex(),
    )  # fmt: skip
    row = DocumentRow(0, None, 1, "v1", kind, "", name, document.digest)
    return Member(path.split("/")[0], path, row, judge.sets.view_of(document))


def _steps(
    judge: Judge, edits: list[dict[str, Content | None]]
) -> tuple[list[Step], list[dict[str, Content]]]:
    tree: dict[str, Content] = {}
    steps, trees = [], []
    for number, edit in enumerate(edits):
        gone = [_member(judge, path, tree[path]) for path in edit if path in tree]
        tree = {path: content for path, content in {**tree, **edit}.items() if content is not None}
        come = [_member(judge, path, tree[path]) for path in edit if path in tree]
        landing = Landing(sha=f"{number:040x}", position=number)
        steps.append(Step(landing, tuple(gone), tuple(come)))
        trees.append(tree)
    return steps, trees


def _told(judge: Judge, steps: list[Step], start: list[Member], lifetimes: SetLifetimes):
    return judge_sets(
        judge.sets,
        lambda batches: map(judge.judge_sets, batches),
        start=start,
        steps=steps,
        lifetimes=lifetimes,
    )


def _rows(lifetimes: SetLifetimes) -> list[tuple[object, ...]]:
    return sorted(
        (
            item.sighting.id, item.occurrence, item.sighting.path, item.sighting.message, item.sighting.digest,
            item.opened.position, item.fixed.position if item.fixed else -1,
        )
        for item in (*lifetimes.open.values(), *lifetimes.closed)
    )  # fmt: skip


CONTENT = st.none() | st.tuples(
    st.sampled_from(["Service", "Service", "ConfigMap"]),
    st.sampled_from(["one", "two"]),
    st.sampled_from([80, 81]),
    st.sampled_from([(), (), (80,), (80, 81)]),
    st.integers(0, 1),
)
FILES = ["prod/a.yaml", "prod/b.yaml", "prod/c.yaml", "dev/a.yaml"]
EDITS = st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(FILES, CONTENT)), min_size=1, max_size=7)


@settings(max_examples=200)
@given(edits=EDITS, cut=st.integers(0, 7))
def test_the_same_is_told_by_subject_as_by_set(
    judges: list[Judge], edits: list[dict[str, Content | None]], cut: int
) -> None:
    whole, by_subject = judges
    expected = _told(whole, _steps(whole, edits)[0], [], SetLifetimes())
    steps, trees = _steps(by_subject, edits)
    at_once = _told(by_subject, steps, [], SetLifetimes())
    assert _rows(at_once.lifetimes) == _rows(expected.lifetimes)
    assert at_once.results == expected.results

    first = _told(by_subject, steps[:cut], [], SetLifetimes()).lifetimes
    start = [
        _member(by_subject, path, content) for tree in trees[:cut][-1:] for path, content in tree.items()
    ]
    second = _told(by_subject, steps[cut:], start, first)
    assert _rows(second.lifetimes) == _rows(expected.lifetimes)


def test_what_others_say_is_asked_about_once_a_subject(judges: list[Judge]) -> None:
    """A subject that changes is asked about alone; what changes in a list is asked of everybody."""
    by_subject = judges[1]
    asked: list[list[int]] = []

    def ask(batches):
        for questions in batches:
            asked.append([len(question.views) - question.shared for question in questions])
            yield by_subject.judge_sets(questions)

    services = [(f"prod/{n}.yaml", ("Service", f"s{n}", 80 + n, (), 0)) for n in range(5)]
    steps, _ = _steps(
        by_subject,
        [
            dict(services),
            {"prod/0.yaml": ("Service", "s0", 90, (), 0)},
            {"prod/list.yaml": ("ConfigMap", "list", 0, (90,), 0)},
        ],
    )
    told = judge_sets(by_subject.sets, ask, start=[], steps=steps, lifetimes=SetLifetimes())
    assert asked == [[5, 1, 5]]
    assert [item.sighting.name for item in told.lifetimes.open.values()] == ["s0"]
