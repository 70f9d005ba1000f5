"""What each page says, over a made-up database: figures, filters, deep links, hostile texts, empty states."""

from __future__ import annotations

import re
from typing import Any

import pytest
from dashboards.page_texts import marked_up, plain_texts, rows
from service.trail_seed import HOSTILE_BODY, HOSTILE_MESSAGE, HOSTILE_NAME, HOSTILE_SUBJECT, LOST, REPO, sha
from streamlit.testing.v1 import AppTest

from auditor.service.context import current
from auditor.store.pages import drift, findings, resources

RESOURCES = findings.Source.RESOURCES
PAGES = (
    "",
    "views/findings.py",
    "views/finding.py",
    "views/commits.py",
    "views/commit.py",
    "views/images.py",
    "views/drift.py",
    "views/difference.py",
    "views/compliance.py",
    "views/runs.py",
    "views/resource.py",
    "views/integrity.py",
)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("database", ["complete", "incomplete", "empty"])
def test_every_page_opens(open_page: Any, page: str, database: str) -> None:
    app = open_page(page, database=database)
    assert not app.exception
    assert app.title


@pytest.mark.parametrize(
    "page",
    [
        "",
        "views/commits.py",
        "views/images.py",
        "views/drift.py",
        "views/compliance.py",
        "views/runs.py",
        "views/integrity.py",
    ],
)
def test_an_empty_database_says_what_to_do(open_page: Any, page: str) -> None:
    app = open_page(page, database="empty")
    assert "auditor scan" in marked_up(app)
    assert not app.dataframe


def test_overview_counts_by_severity(open_page: Any) -> None:
    app = open_page()
    shown = {metric.label: metric.value for metric in app.metric}
    with current().cursor() as cursor:
        for word, label in (
            ("critical", "■ Critical"),
            ("high", "▲ High"),
            ("medium", "◆ Medium"),
            ("low", "● Low"),
        ):
            wanted = findings.FindingFilter(severities=(word,), states=("open",), source=RESOURCES)
            assert shown[label] == str(findings.count_findings(cursor, wanted))
    assert int(shown["All open"]) == sum(int(value) for label, value in shown.items() if label != "All open")
    assert "incomplete" not in marked_up(app)


def test_an_incomplete_run_says_so_and_names_its_gaps(open_page: Any) -> None:
    app = open_page(database="incomplete")
    assert any("This run is incomplete" in error.value for error in app.error)
    assert any("ingress-tls" in text and "<b>no such key</b>" in text for text in plain_texts(app))
    assert "<b>" not in marked_up(app)


def test_filters_come_from_the_address(open_page: Any) -> None:
    app = open_page("views/findings.py", severity="high", state="open")
    found = rows(app)
    assert found
    assert {row["severity"] for row in found} == {"▲ High"}
    assert {row["state"] for row in found} == {"○ Open"}
    with current().cursor() as cursor:
        wanted = findings.FindingFilter(severities=("high",), states=("open",), source=RESOURCES)
        total = findings.count_findings(cursor, wanted)
    assert f"of {total:,} (201 without filters)" in marked_up(app)


def test_a_filter_narrows_the_list(open_page: Any) -> None:
    app = open_page("views/findings.py")
    app.multiselect(key="kind").select("Service").run()
    assert rows(app)
    assert all(row["resource"].startswith("Service ") for row in rows(app))


def test_filters_that_keep_nothing_say_so(open_page: Any) -> None:
    app = open_page("views/findings.py", text="no such text anywhere")
    assert not app.dataframe
    assert "No finding matches" in marked_up(app)
    assert "201 findings" in marked_up(app)


def test_hostile_text_of_a_finding_is_never_markup(open_page: Any) -> None:
    with_hostile = finding_id(open_page, HOSTILE_NAME)
    app = open_page("views/finding.py", id=with_hostile)
    assert HOSTILE_MESSAGE in plain_texts(app)
    assert any(HOSTILE_NAME in text for text in plain_texts(app))
    assert "javascript:" not in marked_up(app)
    assert "HYPERLINK" not in marked_up(app)


def test_hostile_text_of_a_commit_is_never_markup(open_page: Any) -> None:
    app = open_page("views/commit.py", sha=sha("commit 148"))
    (message,) = [text for text in plain_texts(app) if text.startswith("<script>")]
    assert message.startswith(HOSTILE_SUBJECT)
    assert "\u202e" not in message
    assert "\x1b" not in message
    assert "\\u202egnp.exe\\u001b[31m" in message
    assert "<img src=x onerror=alert(1)>" in HOSTILE_BODY
    assert "script" not in marked_up(app)
    assert "javascript:" not in marked_up(app)


def test_finding_page_tells_the_whole_lifetime(open_page: Any) -> None:
    open_page("views/findings.py")
    with current().cursor() as cursor:
        wanted = findings.FindingFilter(states=("fixed",), severities=("critical",), source=RESOURCES)
        finding = findings.list_findings(cursor, wanted, limit=1).to_pylist()[0]
    app = open_page("views/finding.py", id=finding["id"])
    texts = plain_texts(app)
    assert finding["opened_at"].strftime("%Y-%m-%d %H:%M UTC") in texts
    assert finding["fixed_at"].strftime("%Y-%m-%d %H:%M UTC") in texts
    assert finding["opened_by"] in texts
    assert finding["fixed_by"] in texts
    assert any(f"→ {finding['line']:>2} │ line {finding['line']} of" in text for text in texts)
    assert any(text.endswith(finding["opened_sha"]) for text in texts), "the diff that opened it"
    assert any(text.endswith(finding["fixed_sha"]) for text in texts), "the diff that fixed it"


def test_a_finding_that_came_back_lists_its_occurrences(open_page: Any) -> None:
    open_page("views/findings.py")
    with current().cursor() as cursor:
        everything = findings.list_findings(cursor, findings.FindingFilter(), limit=1000).to_pylist()
    (twice,) = [row for row in everything if row["occurrence"] == 2]
    app = open_page("views/finding.py", id=twice["id"])
    assert [row["occurrence"] for row in rows(app)] == [2, 1]
    assert [row["state"] for row in rows(app)] == ["○ Open", "✓ Fixed"]


def test_a_rendered_finding_marks_the_line_of_the_file_that_it_comes_from(open_page: Any) -> None:
    open_page("views/findings.py")
    with current().cursor() as cursor:
        everything = findings.list_findings(cursor, findings.FindingFilter(), limit=1000).to_pylist()
    (rendered,) = [row for row in everything if row["source"] == "rendered"]
    app = open_page("views/finding.py", id=rendered["id"])
    assert "rendered to" in marked_up(app)
    assert "(→)" in marked_up(app)
    assert any(rendered["path"] in text for text in (*plain_texts(app), marked_up(app)))


def test_overview_tells_how_changes_landed_and_keeps_it_apart(open_page: Any) -> None:
    app = open_page()
    headings = [heading.value for heading in app.subheader]
    assert "How changes landed" in headings
    assert 'stands under "How changes landed"' in marked_up(app)
    tables = [rows(app, at) for at in range(len(app.dataframe))]
    frequent = next(found for found in tables if "ever" in found[0])
    assert not any("landed" in row["title"] for row in frequent)
    landed = {row["title"]: row for row in next(found for found in tables if "low" in found[0])}
    with current().cursor() as cursor:
        unsigned = findings.FindingFilter(rules=("AUD-CHG-0004",))
        assert landed["A landed commit is not signed"]["low"] == findings.count_findings(cursor, unsigned) > 0
    assert landed["A commit claims to be a merge and is none"]["high"] == 1
    assert landed["A merge names no pull request"]["low"] == 0
    assert set(landed["A merge names no pull request"]) == {"title", "high", "low"}, "severities that occur"


@pytest.mark.parametrize(
    ("source", "kinds"), [("", {"state"}), ("changes", {"event"}), ("all", {"state", "event"})]
)
def test_the_source_filter_comes_from_the_address(open_page: Any, source: str, kinds: set[str]) -> None:
    app = open_page("views/findings.py", text="e", severity="high", **({"source": source} if source else {}))
    with current().cursor() as cursor:
        wanted = findings.FindingFilter(
            source=findings.Source(source or "resources"), severities=("high",), text="e"
        )
        found = findings.list_findings(cursor, wanted, limit=1000).to_pylist()
    assert {"event" if row["source"] == "change" else "state" for row in found} == kinds
    assert {row["id"] for row in rows(app)} == {row["id"] for row in found[:25]}


def test_an_address_to_a_change_rule_without_its_source_says_where_they_are(open_page: Any) -> None:
    app = open_page("views/findings.py", rule="AUD-CHG-0002")
    assert not app.dataframe
    assert "1 finding about something else would match" in marked_up(app)


def test_the_finding_of_a_change_shows_its_commit_and_no_manifest(open_page: Any) -> None:
    with_hostile = finding_id(open_page, "AUD-CHG-0002")
    app = open_page("views/finding.py", id=with_hostile)
    texts = plain_texts(app)
    assert any(text.startswith(HOSTILE_SUBJECT) for text in texts)
    assert sha("commit 148") in texts
    assert "#448" in texts
    assert "ssh unchecked" in texts
    assert any("@" in text and "<" in text for text in texts), "author and committer"
    headings = [heading.value for heading in app.subheader]
    assert "Files (1)" in headings
    assert "Manifest" not in headings
    assert "Lifetime" not in headings
    assert not any("│" in text for text in texts)
    assert "javascript:" not in marked_up(app)


def test_a_commit_page_tells_how_it_landed_apart(open_page: Any) -> None:
    app = open_page("views/commit.py", sha=sha("commit 148"))
    assert "How it landed" in [heading.value for heading in app.subheader]
    objections = next(found for at in range(len(app.dataframe)) if "message" in (found := rows(app, at))[0])
    assert objections[0]["title"] == "A commit claims to be a merge and is none"
    assert "How it landed" not in marked_up(open_page("views/commit.py", sha=sha("commit 4")))


def test_titles_show_no_code_marks(open_page: Any) -> None:
    open_page("views/findings.py")
    with current().cursor() as cursor:
        wanted = findings.FindingFilter(rules=("workload-latest-tag",))
        finding = findings.list_findings(cursor, wanted, limit=1).to_pylist()[0]
    assert "`" in finding["title"]
    app = open_page("views/finding.py", id=finding["id"])
    assert app.title[0].value == "Images are not tagged latest"
    listed = open_page("views/findings.py", rule="workload-latest-tag")
    assert {row["title"] for row in rows(listed)} == {"Images are not tagged latest"}


def test_evidence_that_cannot_be_read_is_said_and_not_hidden(open_page: Any, unreadable: Any) -> None:
    wanted = finding_id(open_page, HOSTILE_NAME)
    app = open_page("views/finding.py", id=wanted, evidence=unreadable)
    assert not app.exception
    assert "The manifest is not available" in marked_up(app)
    assert "the mirror of payments-platform is gone" in plain_texts(app)


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("views/finding.py", {"id": "F-none"}),
        ("views/commit.py", {"sha": "abc"}),
        ("views/difference.py", {"key": "0"}),
    ],
)
def test_an_address_of_nothing_says_so(open_page: Any, page: str, address: dict[str, str]) -> None:
    app = open_page(page, **address)
    assert not app.exception
    assert re.search(r"[Nn]o finding|No commit|no such difference", marked_up(app))


def test_audit_trail_is_newest_first_and_filtered(open_page: Any) -> None:
    app = open_page("views/commits.py", actor="bot", landed="true")
    found = rows(app)
    assert found
    assert {row["actor_kind"] for row in found} == {"Bot"}
    assert {row["landed"] for row in found} == {"landed"}
    times = [row["committed_at"] for row in found]
    assert times == sorted(times, reverse=True)


def test_a_side_branch_commit_links_to_where_it_landed(open_page: Any) -> None:
    app = open_page("views/commit.py", sha=sha("commit 3"))
    assert "side branch" in plain_texts(app)
    landing = open_page("views/commit.py", sha=sha("commit 4"))
    assert "Commits it brought in (1)" in marked_up(landing)


def test_a_difference_shows_both_sides_and_how_sure_the_actor_is(open_page: Any) -> None:
    open_page("views/drift.py")
    with current().cursor() as cursor:
        wanted = drift.DriftFilter(verdicts=("stale",), text="jane")
        row = drift.list_drift(cursor, wanted, limit=1).to_pylist()[0]
    app = open_page("views/difference.py", key=row["key"])
    assert row["declared"] in plain_texts(app)
    assert row["live"] in plain_texts(app)
    assert "jane@example.org" in plain_texts(app)
    assert row["confidence"] in plain_texts(app)
    assert row["matches_commit"][:10] in marked_up(app)


def test_drift_tells_compared_clusters_from_those_that_differ(open_page: Any) -> None:
    app = open_page("views/drift.py")
    headings = [heading.value for heading in app.subheader]
    assert any("lab" in heading and "0 differences" in heading for heading in headings)
    assert "Nothing differs in what was compared." in marked_up(app)
    assert {"71", "40", "12"} <= set(plain_texts(app)), "the last comparison of each cluster"
    assert "60" not in plain_texts(app)
    (compared,) = [text for text in plain_texts(app) if text.startswith("Compared 71 resources of cluster")]
    with current().cursor() as cursor:
        checks = {check["cluster"]: check for check in drift.latest_cross_checks(cursor)}
    assert f"at tip {checks['production-eu']['tip'][:10]} of payments-platform" in compared
    assert f"recorded at {checks['production-eu']['taken_at']:%Y-%m-%d %H:%M} UTC" in compared
    assert {row["pointer"] for row in rows(app) if row["verdict"] == "deleted"} == {"the whole object"}
    assert "secrets" in plain_texts(app)


def test_without_a_comparison_nothing_is_said_of_drift(open_page: Any) -> None:
    app = open_page("views/drift.py", database="empty")
    assert "No cluster was compared." in marked_up(app)
    assert "Nothing differs" not in marked_up(app)


def test_compliance_names_what_is_left_to_people(open_page: Any) -> None:
    app = open_page("views/compliance.py", framework="soc2")
    status = {row["control"]: row["status"] for row in rows(app)}
    assert status["CC1.4"] == "☐ Manual"
    assert status["CC6.1"] == "✕ Fail"
    assert {row["control"]: row["manual"] for row in rows(app)}["CC1.4"] == "Show training records."
    assert sum(int(metric.value) for metric in app.metric) == len(status) == 5


def test_compliance_counts_rules_on_changes(open_page: Any) -> None:
    app = open_page("views/compliance.py", framework="slsa-source")
    (control,) = rows(app)
    with current().cursor() as cursor:
        pushed = findings.count_findings(cursor, findings.FindingFilter(rules=("AUD-CHG-0001",)))
    assert (control["status"], control["open_findings"]) == ("✕ Fail", pushed)


def test_runs_page_lists_gaps_errors_first(open_page: Any) -> None:
    app = open_page("views/runs.py", database="incomplete")
    assert [row["status"] for row in rows(app)] == ["! Incomplete", "✓ Complete"]
    assert [row["outcome"] for row in rows(app, 1)] == ["! Error", "– Skipped"]


def test_a_database_that_cannot_answer_says_what_to_do(open_page: Any) -> None:
    app = open_page("views/drift.py", database="damaged")
    assert not app.exception
    assert any("scan again" in text for text in plain_texts(app))


def test_pages_without_a_service_say_how_to_start_it() -> None:
    from auditor.assets import asset_folder

    app = AppTest.from_file(str(asset_folder("dashboards") / "app.py"), default_timeout=30).run()
    assert not app.exception
    assert any("auditor serve" in text for text in plain_texts(app))


def finding_id(open_page: Any, name: str) -> str:
    open_page("views/findings.py")
    with current().cursor() as cursor:
        found = findings.list_findings(cursor, findings.FindingFilter(text=name), limit=1).to_pylist()
    return str(found[0]["id"])


WEB = {"kind": "Deployment", "namespace": "payments", "name": "web", "environment": "production"}
IMAGE = "spec.template.spec.containers[name=web].image"


def test_a_resource_page_says_who_set_each_field(open_page: Any) -> None:
    app = open_page("views/resource.py", **WEB)
    (field,) = rows(app)
    assert field["pointer"] == IMAGE
    with current().cursor() as cursor:
        (newest, *_) = resources.resource_commits(cursor, resources.ResourcePlace(repo=REPO, **WEB))
    assert field["author_name"] == newest["author_name"]
    assert field["short"] == newest["sha"][:10]
    assert rows(app, 1)[0]["short"] == newest["sha"][:10]
    assert rows(app, 1)[-1]["change"] == "added"
    assert "Values of a field" not in marked_up(app)


@pytest.mark.parametrize(
    "pointer",
    [IMAGE, "/spec/template/spec/containers[name=web]/image", "spec.template.spec.containers[name=web]"],
)
def test_an_address_of_a_field_shows_its_values(open_page: Any, pointer: str) -> None:
    app = open_page("views/resource.py", **WEB, pointer=pointer)
    values = rows(app, 1)
    assert len(values) == len(rows(app, 2)), "every change set the image"
    assert [value["until"] for value in values[1:]] == [value["since"] for value in values[:-1]]
    assert rows(app)[0]["value"] == values[0]["value"]


def test_a_field_that_was_never_set_is_said_to_be_so(open_page: Any) -> None:
    app = open_page("views/resource.py", **WEB, pointer="spec.template.spec.hostNetwork")
    assert "never declared this field" in marked_up(app)


def test_resources_of_one_name_are_listed(open_page: Any) -> None:
    app = open_page("views/resource.py", kind="Deployment", name="web")
    assert {row["environment"] for row in rows(app)} == {"production", "staging"}


def test_an_address_of_no_resource_says_so(open_page: Any) -> None:
    for address in ({}, {"kind": "Deployment", "name": HOSTILE_NAME}):
        assert "never declared such a resource" in marked_up(open_page("views/resource.py", **address))


def test_integrity_tells_the_log_its_checkpoints_and_rewritten_refs(open_page: Any) -> None:
    app = open_page("views/integrity.py")
    assert {"5,000", "800"} <= set(plain_texts(app)), "records, and those since the checkpoint"
    assert [row["size"] for row in rows(app)] == [4200]
    assert "it verifies nothing" in marked_up(app)
    assert [row["move"] for row in rows(app, 1)] == ["created", "! rewritten", "! moved"]
    assert any("1 ref rewritten · 1 ref moved · 1 commit lost" in error.value for error in app.error)
    assert [row["short"] for row in rows(app, 2)] == [sha(f"commit {LOST}")[:10]]
    assert "javascript:" not in marked_up(app)


def test_a_lost_commit_is_marked(open_page: Any) -> None:
    app = open_page("views/commit.py", sha=sha(f"commit {LOST}"))
    assert any("This commit is lost" in error.value for error in app.error)
    assert "lost" in plain_texts(app)
    assert not any(
        "lost" in error.value for error in open_page("views/commit.py", sha=sha("commit 148")).error
    )


def test_a_commit_page_shows_its_request_and_reviews(open_page: Any) -> None:
    app = open_page("views/commit.py", sha=sha("commit 148"))
    texts = plain_texts(app)
    assert {"gitea 448", "confirmed", "mei", "ana", "jonas"} <= set(texts)
    tables = [rows(app, at) for at in range(len(app.dataframe))]
    reviews = next(found for found in tables if "reviewer" in found[0])
    assert [(review["reviewer"], review["state"]) for review in reviews] == [
        ("mei", "approved"),
        (HOSTILE_NAME, "commented"),
    ]
    assert "javascript:" not in marked_up(app)
    other = plain_texts(open_page("views/commit.py", sha=sha("commit 144")))
    assert {"none known", "not known", "not confirmed by a forge"} <= set(other)
