"""What a file of waivers may say, what of it holds, and what it is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from auditor.findings.waivers import Waivers, WaiverTerms, read_waivers

TODAY = date(2026, 12, 30)
RULES = frozenset({"AUD-POD-0001", "AUD-POD-0003", "AUD-SEC-0001", "AUD-WAIVER-0001", "AUD-IMG-0002"})
TERMS = WaiverTerms(rules=RULES, never=("AUD-SEC-*",))

ENTRY = {
    "rule": "AUD-POD-0003",
    "resource": {"namespace": "monitoring", "kind": "DaemonSet", "name": "node-*"},
    "reason": "reads the node's metrics",
    "owner": "platform@example.com",
    "expires": "2026-12-31",
}


@dataclass(frozen=True)
class Found:
    rule_id: str = "AUD-POD-0003"
    environment: str = "production"
    group: str = "apps"
    kind: str = "DaemonSet"
    namespace: str = "monitoring"
    name: str = "node-exporter"
    places: tuple[str, ...] = ("clusters/production/monitoring/node.yaml",)
    pointer: str = "spec.template.spec.volumes[name=root].hostPath"


class Plain(yaml.SafeDumper):
    """Writes everything out: aliases are not taken."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def read(*entries: object, terms: WaiverTerms = TERMS) -> Waivers:
    document = {"version": 1, "waivers": list(entries)}
    text = yaml.dump(document, Dumper=Plain, sort_keys=False)
    return read_waivers(text.encode(), terms, TODAY)


def test_a_waiver_that_is_in_order_waives_and_tells_why() -> None:
    waivers = read({**ENTRY, "ticket": "OPS-12"})
    waiver = waivers.waive(Found(), TODAY)
    assert waivers.mistakes == ()
    assert waiver is not None
    assert (waiver.reason, waiver.owner, waiver.ticket) == (
        "reads the node's metrics",
        "platform@example.com",
        "OPS-12",
    )


@pytest.mark.parametrize(
    ("glob", "fits"),
    [
        ("overlays/prod/patch.yaml", True),
        ("base/web.yaml", True),
        ("overlays/prod", True),
        ("overlays/prod/**", True),
        ("overlays/test", False),
        ("overlays", True),
        ("web.yaml", False),
    ],
)
def test_a_path_fits_any_of_the_places_of_what_is_rendered(glob: str, fits: bool) -> None:
    found = Found(places=("overlays/prod/patch.yaml", "base/web.yaml", "overlays/prod/kustomization.yaml"))
    waivers = read({**ENTRY, "resource": {"path": glob}})
    assert (waivers.waive(found, TODAY) is not None) is fits


def test_on_the_day_that_it_names_it_no_longer_works() -> None:
    waivers = read(ENTRY)
    assert waivers.waive(Found(), date(2026, 12, 30)) is not None
    assert waivers.expired(date(2026, 12, 30)) == []
    assert waivers.waive(Found(), date(2026, 12, 31)) is None
    assert [entry.label for entry in waivers.expired(date(2026, 12, 31))] == [
        "AUD-POD-0003 namespace=monitoring kind=DaemonSet name=node-*"
    ]


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ({"environment": "production"}, True),
        ({"environment": "prod*"}, True),
        ({"environment": "staging"}, False),
        ({"namespace": "monitoring"}, True),
        ({"namespace": "monitor"}, False),
        ({"kind": "DaemonSet"}, True),
        ({"kind": "apps/DaemonSet"}, True),
        ({"kind": "batch/*"}, False),
        ({"kind": "daemonset"}, False),
        ({"name": "node-?xporter"}, True),
        ({"name": "node.exporter"}, False),
        ({"path": "clusters/production"}, True),
        ({"path": "clusters/*/node.yaml"}, False),
        ({"path": "clusters/**/node.yaml"}, True),
        ({"path": "**/node.yaml"}, True),
        ({"path": "node.yaml"}, False),
        ({"pointer": "spec.template.spec.volumes[*].hostPath"}, True),
        ({"pointer": "spec.template.spec.volumes[name=root].hostPath"}, True),
        ({"pointer": "**.hostPath"}, True),
        ({"pointer": "spec.template.spec.volumes"}, False),
        ({"namespace": "monitoring", "name": "other"}, False),
    ],
)
def test_every_glob_that_is_given_has_to_fit(pattern: dict[str, str], fits: bool) -> None:
    waivers = read({**ENTRY, "resource": pattern})
    assert waivers.mistakes == ()
    assert (waivers.waive(Found(), TODAY) is not None) is fits
    assert len(waivers.unused(TODAY)) == (0 if fits else 1)


@pytest.mark.parametrize(
    ("rule", "fits"), [("AUD-POD-0003", True), ("AUD-POD-*", True), ("*", True), ("AUD-IMG-*", False)]
)
def test_a_rule_may_be_a_glob(rule: str, fits: bool) -> None:
    assert (read({**ENTRY, "rule": rule}).waive(Found(), TODAY) is not None) is fits


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        ({"rule": "AUD-POD-0033"}, 3, "did you mean AUD-POD-0003?"),
        ({"rule": "AUD-NOT-*"}, 3, "no rule fits"),
        ({"rule": "AUD-SEC-0001"}, 3, "may not be waived"),
        ({"rule": "AUD-WAIVER-0001"}, 3, "may not be waived"),
        ({"reason": ""}, 3, "without reason"),
        ({"reason": "  "}, 8, "`reason` is not a text"),
        ({"owner": None}, 3, "without owner"),
        ({"reason": ["a"]}, 8, "`reason` is not a text"),
        ({"expires": "tomorrow"}, 10, "not a date"),
        ({"expires": "2026-12-31T00:00:00"}, 10, "not a date"),
        ({"expires": "20261231"}, 10, "not a date"),
        ({"expires": "2027-W10-1"}, 10, "not a date"),
        ({"resource": {}}, 4, "names nothing"),
        ({"resource": "all"}, 4, "not a mapping"),
        ({"resource": {"namespaces": "a"}}, 5, "did you mean 'namespace'?"),
        ({"resource": {"name": ["a"]}}, 5, "`resource.name` is not a text"),
        ({"expire": "2026-12-31"}, 11, "did you mean 'expires'?"),
    ],
)
def test_an_entry_that_is_not_in_order_waives_nothing_and_is_told(
    change: dict[str, object], line: int, words: str
) -> None:
    waivers = read({**ENTRY, **change})
    assert waivers.waive(Found(), TODAY) is None
    assert waivers.entries == ()
    assert any(words in mistake.message for mistake in waivers.mistakes), waivers.mistakes
    assert waivers.mistakes[0].line == line


def test_one_wrong_entry_does_not_take_the_others_with_it() -> None:
    waivers = read({**ENTRY, "rule": "AUD-NO"}, ENTRY)
    assert waivers.waive(Found(), TODAY) is not None
    assert len(waivers.mistakes) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"version: 1\nwaivers:\n  - rule: [\n", "not readable"),
        (b"\xff", "not UTF-8"),
        (b"- a\n", "does not hold"),
        (b"waivers: []\n", "`version: 1` is missing"),
        (b"version: 2\nwaivers: []\n", "`version: 1` is missing"),
        (b"version: 1\nwaivers: {a: b}\n", "not a list"),
        (b"version: 1\nwaivers: [a]\n", "not a mapping"),
        (b"version: 1\nversion: 1\n", "given twice"),
        (b"version: 1\nwaiver: []\n", "did you mean 'waivers'?"),
        (b"version: &a 1\nwaivers: [*a]\n", "aliases"),
        (b"version: 1\nwaivers: " + b"[" * 5000, "not readable"),
        (b"version: 1\nwaivers: " + b"[" * 50 + b"]" * 50, "nested deeper"),
        (b"# " + b"x" * 1024 * 1024, "larger than"),
    ],
)
def test_a_file_that_is_not_in_order_waives_nothing(text: bytes, words: str) -> None:
    waivers = read_waivers(text, TERMS, TODAY)
    assert waivers.entries == ()
    assert words in waivers.mistakes[0].message


@pytest.mark.parametrize("text", [b"", b"# nothing yet\n", b"version: 1\n", b"version: 1\nwaivers: []\n"])
def test_an_empty_file_is_in_order(text: bytes) -> None:
    assert read_waivers(text, TERMS, TODAY).mistakes == ()


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        ({"expires": "2027-01-10"}, "`granted` is missing"),
        ({"granted": "2026-12-20", "expires": "2027-01-20"}, "31 days"),
        ({"granted": "2026-12-31", "expires": "2027-01-10"}, "in the future"),
        ({"granted": "2026-12-30", "expires": "2027-01-29"}, ""),
    ],
)
def test_the_operator_bounds_how_long_a_waiver_is_for(dates: dict[str, str], words: str) -> None:
    terms = WaiverTerms(rules=RULES, days_at_most=30)
    waivers = read({**ENTRY, **dates}, terms=terms)
    assert (waivers.waive(Found(), TODAY) is None) is bool(words)
    assert [words in mistake.message for mistake in waivers.mistakes] == ([True] if words else [])


def test_what_may_not_be_waived_is_not_waived_by_a_glob_either() -> None:
    waivers = read({**ENTRY, "rule": "*"})
    assert waivers.waive(Found(rule_id="AUD-SEC-0001"), TODAY) is None
    assert waivers.waive(Found(rule_id="AUD-WAIVER-0001"), TODAY) is None


def test_of_several_the_one_that_holds_longest_is_named() -> None:
    waivers = read(
        ENTRY, {**ENTRY, "expires": "2027-06-01", "reason": "later"}, {**ENTRY, "expires": "2020-01-01"}
    )
    waiver = waivers.waive(Found(), TODAY)
    assert waiver is not None
    assert waiver.reason == "later"
    assert waivers.unused(TODAY) == []


@given(days=st.integers(-1000, 1000))
def test_it_holds_exactly_before_its_day(days: int) -> None:
    day = TODAY + timedelta(days=days)
    held = read({**ENTRY, "expires": TODAY.isoformat()}).waive(Found(), day)
    assert (held is not None) == (days < 0)


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(content: bytes) -> None:
    read_waivers(content, TERMS, TODAY)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.dates(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from([*ENTRY, "version", "waivers", "granted", "name"]), inner, max_size=5
            )
        ),
        max_leaves=12,
    )
)
def test_no_value_makes_it_raise(value: object) -> None:
    waivers = read(value)
    assert waivers.entries or waivers.mistakes
