"""What the audited tip says is accepted is waived in the audit, while it holds on the day of asking."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import yaml
from histories.audits import Audit
from histories.builder import History

from auditor.model import Severity
from auditor.settings import PolicySetting, Settings

PRIVILEGED = "AUD-POD-0001"
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: {name}
  namespace: shop
spec:
  containers:
    - name: main
      image: nginx
      securityContext:
        privileged: true
"""


def waivers(*entries: dict[str, Any]) -> str:
    base = {
        "rule": PRIVILEGED,
        "resource": {"name": "web"},
        "reason": "known",
        "owner": "ann@example.com",
        "expires": "2999-01-01",
        "ticket": "OPS-1",
    }
    # Equal parts are written out: aliases are not taken.
    return yaml.safe_dump(
        json.loads(json.dumps({"version": 1, "waivers": [{**base, **one} for one in entries]}))
    )


def states(audit: Audit) -> dict[str, str]:
    """The state of each privileged pod's finding."""
    return dict(audit.rows(f"SELECT name, state FROM findings WHERE rule_id = '{PRIVILEGED}' ORDER BY name"))


def day(offset: int) -> str:
    """A date from today (UTC) on: views go by the real clock."""
    return (datetime.now(UTC).date() + timedelta(days=offset)).isoformat()


def test_a_waiver_at_the_tip_waives_and_its_removal_opens_again(story: History, audit: Audit) -> None:
    story.commit("bad", {"web.yaml": POD.format(name="web"), "db.yaml": POD.format(name="db")})
    audit.scan()
    assert states(audit) == {"web": "open", "db": "open"}
    story.commit("waive", {".auditor/waivers.yaml": waivers({})})
    audit.scan()
    assert states(audit) == {"web": "waived", "db": "open"}
    (row,) = audit.rows(
        "SELECT rule, resource, reason, owner, ticket, expires, state, path, len(findings) FROM waivers"
    )
    assert row == (
        PRIVILEGED, "name=web", "known", "ann@example.com", "OPS-1", date(2999, 1, 1), "holds",
        ".auditor/waivers.yaml", 1,
    )  # fmt: skip
    story.commit("no more", {".auditor/waivers.yaml": None})
    audit.scan()
    assert states(audit) == {"web": "open", "db": "open"}
    assert audit.rows("SELECT * FROM waivers") == []


@pytest.mark.parametrize(("offset", "state"), [(-1, "open"), (0, "open"), (1, "waived")])
def test_it_holds_until_the_day_before_the_one_it_names(
    story: History, audit: Audit, offset: int, state: str
) -> None:
    story.commit(
        "both",
        {"web.yaml": POD.format(name="web"), ".auditor/waivers.yaml": waivers({"expires": day(offset)})},
    )
    audit.scan()
    assert states(audit) == {"web": state}
    assert audit.rows("SELECT state FROM waivers") == [("holds" if state == "waived" else "expired",)]


def test_of_two_the_one_that_holds_decides(story: History, audit: Audit) -> None:
    text = waivers({"expires": day(-5)}, {"expires": day(5), "rule": "AUD-POD-*"})
    story.commit("both", {"web.yaml": POD.format(name="web"), ".auditor/waivers.yaml": text})
    audit.scan()
    assert states(audit) == {"web": "waived"}


@pytest.mark.parametrize(
    ("old", "new", "source"),
    [
        ("privileged: true", f"privileged: true # auditor:ignore {PRIVILEGED} reason: known", "comment"),
        (
            "  namespace: shop",
            f'  namespace: shop\n  annotations: {{auditor/ignore: "{PRIVILEGED}: known"}}',
            "annotation",
        ),
    ],
)
def test_what_a_manifest_says_of_itself_counts(
    story: History, audit: Audit, old: str, new: str, source: str
) -> None:
    text = POD.format(name="web").replace(old, new) + "---\n" + POD.format(name="db")
    story.commit("bad", {"pods.yaml": text})
    audit.scan()
    assert states(audit) == {"web": "waived", "db": "open"}
    assert audit.rows("SELECT source, rule, reason, state FROM waivers") == [
        (source, PRIVILEGED, "known", "holds")
    ]
    settings = Settings(engine="embedded", policies=PolicySetting(inline_suppressions=False))
    audit.scan(settings=settings)
    assert states(audit) == {"web": "open", "db": "open"}


def test_what_the_operator_forbids_is_not_waived(story: History, audit: Audit) -> None:
    story.commit(
        "both", {"web.yaml": POD.format(name="web"), ".auditor/waivers.yaml": waivers({"rule": "*"})}
    )
    audit.scan(settings=Settings(engine="embedded", policies=PolicySetting(never_waived=("AUD-POD-*",))))
    assert states(audit) == {"web": "open"}


def test_a_control_does_not_fail_by_what_is_waived_and_says_so(story: History, audit: Audit) -> None:
    question = (
        f"SELECT status, open_findings, waived_findings FROM controls WHERE rule_id = '{PRIVILEGED}' LIMIT 1"
    )
    story.commit("bad", {"web.yaml": POD.format(name="web")})
    audit.scan()
    assert audit.rows(question) == [("fail", 1, 0)]
    story.commit("waive", {".auditor/waivers.yaml": waivers({})})
    audit.scan()
    assert audit.rows(question) == [("pass", 0, 1)]


def test_secrets_in_a_waiver_s_words_are_not_kept(story: History, audit: Audit) -> None:
    token = "ghp_" + "a1B2" * 9
    story.commit(
        "both",
        {"web.yaml": POD.format(name="web"), ".auditor/waivers.yaml": waivers({"reason": f"see {token}"})},
    )
    audit.scan()
    ((reason,),) = audit.rows("SELECT reason FROM waivers")
    assert token not in reason


def test_a_link_in_the_file_s_place_waives_nothing(story: History, audit: Audit) -> None:
    story.commit("bad", {"web.yaml": POD.format(name="web"), "elsewhere.yaml": waivers({})})
    folder = story.path / ".auditor"
    story.check_out()
    folder.mkdir(exist_ok=True)
    (folder / "waivers.yaml").symlink_to("../elsewhere.yaml")
    story.git("add", "-f", ".auditor/waivers.yaml")
    story.git("commit", "-qm", "a link")
    audit.scan()
    assert states(audit) == {"web": "open"}


def test_disabled_rules_and_severities_hold_for_the_history_too(story: History, audit: Audit) -> None:
    question = f"SELECT severity FROM findings WHERE rule_id = '{PRIVILEGED}'"
    story.commit("bad", {"web.yaml": POD.format(name="web")})
    audit.scan()
    assert audit.rows(question) == [("critical",)]
    audit.scan(
        settings=Settings(engine="embedded", policies=PolicySetting(severity={PRIVILEGED: Severity.LOW}))
    )
    assert audit.rows(question) == [("low",)]
    audit.scan(settings=Settings(engine="embedded", policies=PolicySetting(disabled=(PRIVILEGED,))))
    assert audit.rows(question) == []
    assert audit.rows(f"SELECT DISTINCT status FROM controls WHERE rule_id = '{PRIVILEGED}'") == [
        ("not evaluated",)
    ]


def wrong(audit: Audit) -> list[tuple[Any, ...]]:
    """What the audit says of the waivers themselves."""
    return audit.rows(
        "SELECT rule_id, state, occurrence, name, (opened_at::VARCHAR)[:10] FROM findings WHERE source = 'waiver'"
        " ORDER BY rule_id, name, occurrence"
    )


LABEL = f"{PRIVILEGED} name=web"


def test_an_expired_waiver_is_a_finding_from_its_day_on_until_it_is_renewed(
    story: History, audit: Audit
) -> None:
    """The audit's clock begins on 2026-01-01, a day a run."""
    text = waivers({"expires": "2026-01-03"})
    story.commit("both", {"web.yaml": POD.format(name="web"), ".auditor/waivers.yaml": text})
    audit.scan()
    audit.scan()
    assert wrong(audit) == []
    audit.scan()  # nothing landed; the day came
    assert wrong(audit) == [("AUD-WAIVER-0001", "open", 1, LABEL, "2026-01-03")]
    first = audit.rows("SELECT id, detected_at FROM findings WHERE source = 'waiver'")
    audit.scan()
    assert audit.rows("SELECT id, detected_at FROM findings WHERE source = 'waiver'") == first
    story.commit("renewed", {".auditor/waivers.yaml": waivers({"expires": "2026-01-07"})})
    audit.scan()
    assert wrong(audit) == [("AUD-WAIVER-0001", "fixed", 1, LABEL, "2026-01-03")]
    audit.scan()
    audit.scan()
    assert [row[1:3] for row in wrong(audit)] == [("fixed", 1), ("open", 2)]


def test_a_waiver_about_nothing_and_one_that_is_not_in_order_are_findings(
    story: History, audit: Audit
) -> None:
    text = waivers({"resource": {"name": "gone"}}, {"rule": "AUD-POD-9999"})
    story.commit("both", {"web.yaml": POD.format(name="web"), ".auditor/waivers.yaml": text})
    audit.scan()
    assert [row[:2] for row in wrong(audit)] == [("AUD-WAIVER-0002", "open"), ("AUD-WAIVER-0003", "open")]
    story.commit("gone", {".auditor/waivers.yaml": waivers({})})
    audit.scan()
    assert {row[1] for row in wrong(audit)} == {"fixed"}
    story.commit(
        "a comment without a reason",
        {"web.yaml": POD.format(name="web") + f"# auditor:ignore {PRIVILEGED}\n"},
    )
    audit.scan()
    assert [row[:2] for row in wrong(audit) if row[1] == "open"] == [("AUD-WAIVER-0003", "open")]


def test_reading_all_anew_keeps_when_it_was_first_said(story: History, audit: Audit) -> None:
    text = waivers({"expires": "2025-06-01"})
    story.commit("both", {"web.yaml": POD.format(name="web"), ".auditor/waivers.yaml": text})
    audit.scan()
    before = audit.rows("SELECT id, detected_at, opened_at FROM findings WHERE source = 'waiver'")
    assert len(before) == 1
    audit.scan(settings=Settings(engine="embedded", exclude=("nothing/**",)))
    assert audit.rows("SELECT id, detected_at, opened_at FROM findings WHERE source = 'waiver'") == before


def test_check_and_scan_call_a_finding_by_the_same_name(
    story: History, audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pathlib import Path

    from auditor.pipeline.check.run import CheckRequest, run_check
    from auditor.policy.judge import JudgeSpec

    story.commit(
        "all",
        {
            "clusters/production/web.yaml": POD.format(name="web"),
            "clusters/production/kustomization.yaml": "resources: [https://example.com/x]\n",
            "twice.yaml": POD.format(name="twice").replace("kind: Pod", "kind: Pod\nkind: Pod"),
            "set.yaml": "apiVersion: v1\nkind: Service\nmetadata: {generateName: a, namespace: b}\nspec: {type: NodePort}\n",
            ".auditor/waivers.yaml": waivers({"resource": {"name": "gone"}}, {"expires": "2020-01-01"}),
        },
    )
    audit.scan()
    story.check_out()
    monkeypatch.chdir(story.path)
    report = run_check(CheckRequest(paths=(Path(),), judge=JudgeSpec(engine="embedded")))
    recorded = audit.rows("SELECT DISTINCT id FROM findings WHERE state = 'open' AND source <> 'change'")
    assert {one.id for one in report.findings} == {identity for (identity,) in recorded}
    assert len(recorded) > 10
