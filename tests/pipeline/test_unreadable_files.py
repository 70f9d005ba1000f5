"""A file that cannot be read: what was known of it stays until it can be read again, or is gone."""

from __future__ import annotations

import pytest
from histories.audits import Audit
from histories.builder import ANN, BEA, CID, History, link
from histories.manifests import (
    BROKEN,
    PRIVILEGED,
    container,
    half_broken,
    kustomization,
    pod,
    pod_object,
    text,
    unanswered,
    unfit,
)

from auditor.pipeline.mining import starting

BAD, GOOD = pod(privileged=True), pod()
UNREADABLE, TWICE, OVER_LIMIT, SCHEMA = "AUD-YAML-0001", "AUD-YAML-0002", "AUD-YAML-0003", "AUD-SCHEMA-0001"
KEY_TWICE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {}\ndata: {}\n"
PEOPLE = "SELECT opened_by, fixed_by FROM found WHERE rule_id = ? ORDER BY opened_at, id, occurrence"
CHANGES = "SELECT sha, change, path, old_path FROM resource_changes ORDER BY position"

Lives = list[tuple[str, str, str, str]]


@pytest.fixture(params=["at once", "in steps"])
def in_steps(request: pytest.FixtureRequest) -> bool:
    """Whether every commit is scanned when it lands, or all of them together."""
    return request.param == "in steps"


class Told:
    """A history that is scanned as it is told, or at its end."""

    def __init__(self, story: History, audit: Audit, in_steps: bool) -> None:
        self.story, self.audit, self._in_steps = story, audit, in_steps

    def commit(self, *arguments, **named) -> str:
        sha = self.story.commit(*arguments, **named)
        if self._in_steps:
            self.audit.scan()
        return sha

    def lives(self, rule: str = PRIVILEGED) -> Lives:
        self.audit.scan()
        return self.audit.lives(rule)


@pytest.fixture
def told(story: History, audit: Audit, in_steps: bool) -> Told:
    return Told(story, audit, in_steps)


UNREADABLE_CONTENTS = {
    "a syntax error": (BROKEN, UNREADABLE),
    "a key that is null": ("apiVersion: v1\nkind: Pod\nmetadata: {~: web}\n", UNREADABLE),
    "a value that JSON has not": ("apiVersion: v1\nkind: Pod\nmetadata: {name: .inf}\n", UNREADABLE),
    "not UTF-8": (GOOD.encode() + b"# \xff\n", OVER_LIMIT),
    "too deep": ("apiVersion: v1\na: " + "[" * 300 + "]" * 300 + "\n", OVER_LIMIT),
    "marks of a conflict": (GOOD.replace('"kind": "Pod"', '<<<<<<< HEAD\n"kind": "Pod"'), UNREADABLE),
}


@pytest.mark.parametrize("how", UNREADABLE_CONTENTS)
@pytest.mark.parametrize("mended", [True, False], ids=["as it was", "and the violation is gone"])
def test_what_was_found_stays_until_the_file_is_mended(told: Told, how: str, mended: bool) -> None:
    content, rule = UNREADABLE_CONTENTS[how]
    one = told.commit("bad", {"web.yaml": BAD})
    two = told.commit("broken", {"web.yaml": content})
    told.commit("something else", {"README.md": "x"})
    three = told.commit("mended", {"web.yaml": "# mended\n" + (BAD if mended else GOOD)})
    assert told.lives(rule) == [("", "web.yaml", two, three)]
    assert told.lives() == [("web", "web.yaml", one, "" if mended else three)]


def test_what_the_mended_file_shows_for_the_first_time_begins_there(told: Told) -> None:
    told.commit("good", {"web.yaml": GOOD})
    told.commit("broken", {"web.yaml": BROKEN})
    three = told.commit("mended", {"web.yaml": BAD})
    assert told.lives() == [("web", "web.yaml", three, "")]


def test_a_file_that_could_never_be_read_shows_nothing_else(told: Told) -> None:
    one = told.commit("broken", {"web.yaml": BROKEN})
    assert told.lives(UNREADABLE) == [("", "web.yaml", one, "")]
    assert told.audit.rows("SELECT count(*) FROM found") == [(1,)]


def test_the_finding_is_as_it_was_last_evaluated(told: Told) -> None:
    told.commit("bad", {"web.yaml": "# one\n# two\n" + BAD})
    told.commit("broken", {"web.yaml": BROKEN})
    told.commit("otherwise broken", {"web.yaml": BROKEN + "# still\n"})
    told.lives()
    assert told.audit.rows(
        "SELECT rule_id, name, line, state, message <> '' FROM found ORDER BY rule_id"
    ) == [(PRIVILEGED, "web", 3, "open", True), (UNREADABLE, "", 5, "open", True)]


def test_a_deleted_file_has_nothing_left(told: Told) -> None:
    one = told.commit("bad", {"web.yaml": BAD})
    two = told.commit("broken", {"web.yaml": BROKEN})
    three = told.commit("deleted", {"web.yaml": None})
    told.commit("another file of that name", {"web.yaml": BROKEN})
    assert told.lives() == [("web", "web.yaml", one, three)]
    assert told.lives(UNREADABLE)[0][2:] == (two, three)


def test_a_link_in_its_place_is_no_manifest(told: Told) -> None:
    one = told.commit("bad", {"web.yaml": BAD, "other": "x"})
    told.commit("broken", {"web.yaml": BROKEN})
    three = told.commit("a link", {"web.yaml": link("other")})
    told.commit("broken again", {"web.yaml": BROKEN})
    assert told.lives() == [("web", "web.yaml", one, three)]


def test_a_template_is_no_manifest(told: Told) -> None:
    one = told.commit("bad", {"web.yaml": BAD})
    told.commit("broken", {"web.yaml": BROKEN})
    three = told.commit("a template", {"web.yaml": "apiVersion: v1\nkind: {{ kind }}\n{{ end }}\n"})
    assert told.lives() == [("web", "web.yaml", one, three)]


def test_moved_while_it_cannot_be_read(told: Told) -> None:
    one = told.commit("bad", {"apps/web.yaml": BAD})
    told.commit("broken", {"apps/web.yaml": BROKEN})
    told.commit("moved", moves={"apps/web.yaml": "apps/site.yaml"})
    four = told.commit("mended", {"apps/site.yaml": GOOD})
    assert told.lives() == [("web", "apps/site.yaml", one, four)]


def test_moved_and_broken_in_one_commit(told: Told) -> None:
    """git finds the move by what the two have in common."""
    one = told.commit("bad", {"apps/web.yaml": BAD})
    told.commit("moved", {"apps/site.yaml": BAD + "  {\n"}, moves={"apps/web.yaml": "apps/site.yaml"})
    assert told.lives(UNREADABLE)[0][1] == "apps/site.yaml"
    assert told.lives() == [("web", "apps/site.yaml", one, "")]


def test_moved_into_another_environment_while_it_cannot_be_read(told: Told) -> None:
    one = told.commit("bad", {"clusters/dev/web.yaml": BAD})
    told.commit("broken", {"clusters/dev/web.yaml": BROKEN})
    three = told.commit("moved", moves={"clusters/dev/web.yaml": "clusters/prod/web.yaml"})
    assert told.lives() == [
        ("web", "clusters/dev/web.yaml", one, three),
        ("web", "clusters/prod/web.yaml", three, ""),
    ]


def test_a_piece_of_a_kustomization_is_no_manifest_whether_it_can_be_read_or_not(told: Told) -> None:
    one = told.commit("bad", {"apps/web.yaml": BAD})
    told.commit("broken", {"apps/web.yaml": BROKEN})
    three = told.commit("listed", {"apps/kustomization.yaml": kustomization(patches=("web.yaml",))})
    four = told.commit("listed no more", {"apps/kustomization.yaml": None})
    assert told.lives() == [("web", "apps/web.yaml", one, three), ("web", "apps/web.yaml", four, "")]


def test_the_documents_that_can_be_read_speak_for_themselves(told: Told) -> None:
    web, till = pod_object("web", privileged=True), pod_object("till", privileged=True)
    one = told.commit("two", {"shop.yaml": text(web, till)})
    two = told.commit("till is broken, web is mended", {"shop.yaml": half_broken(pod_object("web"))})
    assert sorted(told.lives()) == [("till", "shop.yaml", one, ""), ("web", "shop.yaml", one, two)]


def test_broken_one_after_the_other(told: Told) -> None:
    web, till = pod_object("web", privileged=True), pod_object("till", privileged=True)
    one = told.commit("two", {"shop.yaml": text(web, till)})
    told.commit("till is broken", {"shop.yaml": half_broken(web)})
    told.commit("both are broken", {"shop.yaml": BROKEN})
    four = told.commit("till is mended", {"shop.yaml": half_broken(pod_object("till"))})
    five = told.commit("web is gone", {"shop.yaml": text(pod_object("till"))})
    assert sorted(told.lives()) == [("till", "shop.yaml", one, four), ("web", "shop.yaml", one, five)]


def test_a_key_given_twice_hides_nothing_and_is_not_mended_by_breaking_the_file(told: Told) -> None:
    bad = pod_object("web", privileged=True)
    one = told.commit("bad", {"web.yaml": text(bad) + "---\n" + KEY_TWICE})
    two = told.commit("web is mended", {"web.yaml": GOOD + "---\n" + KEY_TWICE})
    told.commit("broken", {"web.yaml": BROKEN})
    four = told.commit("mended", {"web.yaml": GOOD})
    assert told.lives() == [("web", "web.yaml", one, two)]
    assert told.lives(TWICE) == [("", "web.yaml", one, four)]


def test_the_same_resource_in_a_file_that_can_be_read_and_in_one_that_cannot(told: Told) -> None:
    one = told.commit("twice", {"a.yaml": BAD, "b.yaml": BAD})
    told.commit("b is broken", {"b.yaml": BROKEN})
    told.commit("a is mended", {"a.yaml": GOOD})
    four = told.commit("b is mended", {"b.yaml": GOOD})
    assert told.lives() == [("web", "b.yaml", one, four)]


def test_a_rule_without_an_answer_closes_nothing(told: Told) -> None:
    """No schema is known of the version, and so nobody knows whether the field still is wrong."""
    one = told.commit("unfit", {"web.yaml": text(unfit(pod_object("web", privileged=True)))})
    two = told.commit("unknown", {"web.yaml": text(unanswered(pod_object("web")))})
    told.commit("unknown and broken", {"web.yaml": BROKEN})
    told.commit("unknown again", {"web.yaml": "# again\n" + text(unanswered(pod_object("web")))})
    five = told.commit("fits", {"web.yaml": GOOD})
    assert told.lives(SCHEMA) == [("web", "web.yaml", one, five)]
    assert told.lives() == [("web", "web.yaml", one, two)]


def test_a_resource_that_is_gone_needs_no_answer(told: Told) -> None:
    one = told.commit("unfit", {"web.yaml": text(unfit(pod_object("web")), pod_object("till"))})
    told.commit("unknown", {"web.yaml": text(unanswered(pod_object("web")), pod_object("till"))})
    three = told.commit("gone", {"web.yaml": text(pod_object("till"))})
    assert told.lives(SCHEMA) == [("web", "web.yaml", one, three)]


def test_a_resource_is_not_deleted_by_breaking_its_file(told: Told) -> None:
    one = told.commit("start", {"web.yaml": pod()})
    told.commit("broken", {"web.yaml": BROKEN})
    three = told.commit("mended", {"web.yaml": text(pod_object("web", container("site")))})
    told.commit("broken again", {"web.yaml": BROKEN})
    five = told.commit("moved", moves={"web.yaml": "site.yaml"})
    told.lives()
    assert told.audit.rows("SELECT path, name FROM resources") == [("site.yaml", "web")]
    six = told.commit("deleted", {"site.yaml": None})
    told.lives()
    assert told.audit.rows(CHANGES) == [
        (one, "added", "web.yaml", ""),
        (three, "modified", "web.yaml", ""),
        (five, "moved", "site.yaml", "web.yaml"),
        (six, "deleted", "site.yaml", ""),
    ]
    assert ("spec.containers[name=web].name", '"web"', None) in told.audit.rows(
        "SELECT pointer, old_value, new_value FROM field_changes WHERE sha = ?", three
    )


def test_a_side_commit_that_breaks_a_file_fixes_nothing(story: History, audit: Audit) -> None:
    one = story.commit("bad", {"web.yaml": BAD}, by=ANN)
    story.branch("side", one)
    story.commit("broken", {"web.yaml": BROKEN}, branch="side", by=BEA)
    story.commit("mended", {"web.yaml": GOOD}, branch="side", by=CID)
    merge = story.merge("side", by=ANN)
    audit.scan()
    assert audit.lives(PRIVILEGED) == [("web", "web.yaml", one, merge)]
    assert audit.rows(PEOPLE, PRIVILEGED) == [(str(ANN), str(CID))]
    assert audit.rows("SELECT change, landed, count(*) FROM resource_changes GROUP BY ALL ORDER BY ALL") == [
        ("added", True, 1),
        ("modified", False, 1),
        ("modified", True, 1),
    ]


def test_a_side_commit_that_mends_a_file_brings_nothing_old_in(story: History, audit: Audit) -> None:
    """The branch is older than the scan that saw the file break."""
    story.commit("bad", {"web.yaml": BAD}, by=ANN)
    broken = story.commit("broken", {"web.yaml": BROKEN}, by=ANN)
    story.branch("side", broken)
    story.commit("go on", {"README.md": "x"})
    audit.scan()
    worse = text(pod_object("web", container(privileged=True), container("two", privileged=True)))
    story.commit("mended", {"web.yaml": worse}, branch="side", by=BEA)
    story.commit("remark", {"web.yaml": "# worse\n" + worse}, branch="side", by=CID)
    merge = story.merge("side", by=ANN)
    assert audit.scan().incremental
    assert audit.lives(PRIVILEGED)[-1][2:] == (merge, "")
    assert audit.rows(PEOPLE, PRIVILEGED) == [(str(ANN), ""), (str(BEA), "")]
    assert audit.rows("SELECT change, landed, count(*) FROM resource_changes GROUP BY ALL ORDER BY ALL") == [
        ("added", True, 1),
        ("modified", False, 1),
        ("modified", True, 1),
    ]


def test_an_audit_by_the_older_rule_is_done_anew(
    story: History, audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(starting, "PARSER_VERSION", 2)
        patch.setattr("auditor.pipeline.records.recording.PARSER_VERSION", 2)
        story.commit("bad", {"web.yaml": BAD})
        audit.scan()
    assert not audit.scan().incremental
