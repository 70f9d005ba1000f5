"""What an auditor asks first: since when, by whom, until when. Each history is told in a few commits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from histories.audits import DETECTED, Audit
from histories.builder import ANN, BEA, CID, History, link, program, submodule
from histories.manifests import PRIVILEGED, container, kustomization, pod, pod_object, text

from auditor.settings import EnvironmentSetting, PolicySetting, Settings

BAD, GOOD = pod(privileged=True), pod()
WHO = "SELECT opened_by, fixed_by FROM found WHERE rule_id = ? ORDER BY opened_at, id, occurrence"


def lives(audit: Audit, rule: str = PRIVILEGED) -> list[tuple[str, str, str, str]]:
    assert audit.scan().incomplete == ()
    return audit.lives(rule)


def test_the_good_pod_breaks_no_rule_and_the_bad_one_exactly_one(story: History, audit: Audit) -> None:
    story.commit("both", {"good.yaml": GOOD, "bad.yaml": pod("bad", privileged=True)})
    audit.scan()
    assert audit.rows("SELECT rule_id, name FROM found") == [(PRIVILEGED, "bad")]


def test_introduced_and_fixed_on_the_line(story: History, audit: Audit) -> None:
    story.commit("start", {"README.md": "hello"})
    opened = story.commit("bad", {"apps/web.yaml": BAD}, by=BEA)
    fixed = story.commit("good", {"apps/web.yaml": GOOD}, by=CID)
    assert lives(audit) == [("web", "apps/web.yaml", opened, fixed)]
    assert audit.rows(WHO, PRIVILEGED) == [(str(BEA), str(CID))]
    [(opened_at, fixed_at, detected)] = audit.rows(
        "SELECT epoch(opened_at), epoch(fixed_at), epoch(detected_at) FROM found"
    )
    assert (fixed_at - opened_at, detected) == (3600, DETECTED.timestamp())


@pytest.mark.parametrize("new", ["apps/site.yaml", "other/deep/web.yaml"], ids=["renamed", "another folder"])
def test_a_move_is_no_fix(story: History, audit: Audit, new: str) -> None:
    opened = story.commit("bad", {"apps/web.yaml": BAD}, by=BEA)
    story.commit("move", moves={"apps/web.yaml": new})
    assert lives(audit) == [("web", new, opened, "")]
    assert audit.rows("SELECT change FROM resource_changes ORDER BY sha = ? DESC", opened) == [
        ("added",),
        ("moved",),
    ]


def test_a_finding_tells_the_files_of_its_commits_and_where_it_is_now(story: History, audit: Audit) -> None:
    story.commit("bad", {"apps/web.yaml": BAD})
    audit.scan()
    story.commit("move", moves={"apps/web.yaml": "new/web.yaml"})
    audit.scan()
    story.commit("mend", {"new/web.yaml": GOOD})
    audit.scan()
    assert audit.rows("SELECT opened_path, fixed_path, path FROM found") == [
        ("apps/web.yaml", "new/web.yaml", "new/web.yaml")
    ]


def test_a_move_into_another_environment_is_another_resource(story: History, audit: Audit) -> None:
    opened = story.commit("bad", {"clusters/dev/web.yaml": BAD})
    moved = story.commit("move", moves={"clusters/dev/web.yaml": "clusters/prod/web.yaml"})
    assert lives(audit) == [
        ("web", "clusters/dev/web.yaml", opened, moved),
        ("web", "clusters/prod/web.yaml", moved, ""),
    ]


def test_deleted_and_brought_back_is_a_second_occurrence(story: History, audit: Audit) -> None:
    one = story.commit("bad", {"web.yaml": BAD})
    two = story.commit("delete", {"web.yaml": None}, by=BEA)
    three = story.commit("again", {"web.yaml": BAD}, by=CID)
    assert lives(audit) == [("web", "web.yaml", one, two), ("web", "web.yaml", three, "")]
    assert audit.rows("SELECT count(DISTINCT id), list(occurrence ORDER BY occurrence) FROM found") == [
        (1, [1, 2])
    ]
    assert audit.rows(WHO, PRIVILEGED) == [(str(ANN), str(BEA)), (str(CID), "")]


def test_a_revert_and_its_revert(story: History, audit: Audit) -> None:
    story.commit("good", {"web.yaml": GOOD})
    bad = story.commit("bad", {"web.yaml": BAD})
    revert = story.revert(bad)
    again = story.revert(revert)
    assert lives(audit) == [("web", "web.yaml", bad, revert), ("web", "web.yaml", again, "")]


def test_two_resources_in_one_file_of_which_one_is_mended(story: History, audit: Audit) -> None:
    bad_one, bad_two = (pod_object(name, privileged=True) for name in ("one", "two"))
    opened = story.commit("bad", {"all.yaml": text(bad_one, bad_two)})
    fixed = story.commit("mend one", {"all.yaml": text(pod_object("one"), bad_two)})
    assert sorted(lives(audit)) == [("one", "all.yaml", opened, fixed), ("two", "all.yaml", opened, "")]


def test_a_resource_moved_between_two_files_in_one_commit(story: History, audit: Audit) -> None:
    bad = pod_object("web", privileged=True)
    opened = story.commit("bad", {"a.yaml": text(bad, pod_object("a")), "b.yaml": text(pod_object("b"))})
    story.commit("move", {"a.yaml": text(pod_object("a")), "b.yaml": text(pod_object("b"), bad)})
    assert lives(audit) == [("web", "b.yaml", opened, "")]


def test_a_resource_held_twice_is_open_until_both_are_mended(story: History, audit: Audit) -> None:
    opened = story.commit("twice", {"a.yaml": BAD, "b.yaml": BAD})
    story.commit("one", {"a.yaml": GOOD})
    fixed = story.commit("both", {"b.yaml": GOOD})
    assert lives(audit) == [("web", "b.yaml", opened, fixed)]


def test_a_side_branch_opens_where_it_lands_by_whoever_wrote_it(story: History, audit: Audit) -> None:
    base = story.commit("good", {"web.yaml": GOOD})
    story.branch("side", base)
    story.commit("bad", {"web.yaml": BAD}, branch="side", by=BEA)
    story.commit("meanwhile", {"README.md": "x"})
    landed = story.merge("side", by=CID)
    assert lives(audit) == [("web", "web.yaml", landed, "")]
    assert audit.rows(WHO, PRIVILEGED) == [(str(BEA), "")]


def test_bad_and_good_again_on_a_side_branch_never_landed(story: History, audit: Audit) -> None:
    base = story.commit("good", {"web.yaml": GOOD})
    story.branch("side", base)
    story.commit("bad", {"web.yaml": BAD}, branch="side", by=BEA)
    story.commit("good", {"web.yaml": GOOD, "more.yaml": pod("more")}, branch="side", by=BEA)
    story.merge("side")
    assert lives(audit) == []


def test_the_side_commit_that_brought_it_in_not_the_last_that_touched_the_file(
    story: History, audit: Audit
) -> None:
    base = story.commit("good", {"web.yaml": GOOD})
    story.branch("side", base)
    story.commit("bad", {"web.yaml": BAD}, branch="side", by=BEA)
    story.commit("comment", {"web.yaml": "# harmless\n" + BAD}, branch="side", by=CID)
    story.merge("side")
    audit.scan()
    assert audit.rows(WHO, PRIVILEGED) == [(str(BEA), "")]


def test_a_fix_on_a_side_branch_is_its_authors(story: History, audit: Audit) -> None:
    base = story.commit("bad", {"web.yaml": BAD})
    story.branch("side", base)
    story.commit("fix", {"web.yaml": GOOD}, branch="side", by=BEA)
    story.commit("comment", {"web.yaml": "# mended\n" + GOOD}, branch="side", by=CID)
    landed = story.merge("side", by=ANN)
    assert lives(audit) == [("web", "web.yaml", base, landed)]
    assert audit.rows(WHO, PRIVILEGED) == [(str(ANN), str(BEA))]


@pytest.mark.parametrize("touched_by_side", [False, True])
def test_an_evil_merge_is_the_mergers(story: History, audit: Audit, touched_by_side: bool) -> None:
    base = story.commit("good", {"web.yaml": GOOD})
    story.branch("side", base)
    name = "web.yaml" if touched_by_side else "other.yaml"
    story.commit("harmless", {name: "# a remark\n" + pod()}, branch="side", by=BEA)
    landed = story.merge("side", files={"web.yaml": BAD}, by=CID)
    assert lives(audit) == [("web", "web.yaml", landed, "")]
    assert audit.rows(WHO, PRIVILEGED) == [(str(CID), "")]


@pytest.mark.parametrize("touched_by_side", [False, True])
def test_a_merge_that_mends_by_itself_is_the_mergers_fix(
    story: History, audit: Audit, touched_by_side: bool
) -> None:
    base = story.commit("bad", {"web.yaml": BAD})
    story.branch("side", base)
    name = "web.yaml" if touched_by_side else "other.yaml"
    story.commit("harmless", {name: "# a remark\n" + BAD}, branch="side", by=BEA)
    landed = story.merge("side", files={"web.yaml": GOOD, "other.yaml": None}, by=CID)
    assert lives(audit) == [("web", "web.yaml", base, landed)]
    assert audit.rows(WHO, PRIVILEGED) == [(str(ANN), str(CID))]


def test_a_conflict_resolved_to_our_side_lands_nothing(story: History, audit: Audit) -> None:
    base = story.commit("good", {"web.yaml": GOOD})
    story.branch("side", base)
    story.commit("bad", {"web.yaml": BAD}, branch="side", by=BEA)
    story.commit("ours", {"web.yaml": "# ours\n" + GOOD})
    story.merge("side", files={"web.yaml": "# ours\n" + GOOD})
    assert lives(audit) == []


def test_the_same_violation_in_two_environments(story: History, audit: Audit) -> None:
    one = story.commit("dev", {"clusters/dev/web.yaml": BAD})
    two = story.commit("prod", {"clusters/prod/web.yaml": BAD})
    fixed = story.commit("mend dev", {"clusters/dev/web.yaml": GOOD})
    assert lives(audit) == [
        ("web", "clusters/dev/web.yaml", one, fixed),
        ("web", "clusters/prod/web.yaml", two, ""),
    ]
    assert audit.rows("SELECT list(environment ORDER BY environment) FROM found") == [(["dev", "prod"],)]


RULE = """\
# METADATA
# title: "A pod is called web"
# description: >-
#   A rule for a test: no pod may be called web, which is what the history has.
# related_resources:
#   - ref: https://example.org/why
# custom:
#   id: ACME-NAME-0001
#   severity: low
#   kinds:
#     - Pod
#   remediation: >-
#     Call it otherwise.
#   since: 0.1.0
package auditor.acme.no_web

findings contains {
	"message": "the pod is called web",
	"pointer": "metadata.name",
	"details": {},
} if {
	input.resource.metadata.name == "web"
}
"""


def test_a_rule_added_later_finds_what_landed_long_ago(story: History, audit: Audit, tmp_path: Path) -> None:
    rule = tmp_path / "rules" / "acme" / "no_web"
    rule.mkdir(parents=True)
    (rule / "no_web.rego").write_text(RULE)
    opened = story.commit("bad", {"web.yaml": BAD}, by=BEA)
    story.commit("more", {"more.yaml": pod("more")})
    audit.scan()
    before = audit.rows("SELECT id, opened_at, detected_at FROM found")
    later = Settings(engine="embedded", policies=PolicySetting(folders=(tmp_path / "rules",)))
    audit.scan(settings=later)
    assert audit.lives("ACME-NAME-0001") == [("web", "web.yaml", opened, "")]
    [(opened_at, opened_by, detected_days)] = audit.rows(
        "SELECT epoch(opened_at), opened_by, (epoch(detected_at) - ?) / 86400 FROM found WHERE rule_id = 'ACME-NAME-0001'",
        DETECTED.timestamp(),
    )
    assert (opened_by, detected_days) == (str(BEA), 1)
    assert opened_at == 1_700_003_600
    # The findings of the first run keep the moment at which it said so.
    assert audit.rows("SELECT id, opened_at, detected_at FROM found WHERE rule_id = ?", PRIVILEGED) == before


def test_a_file_that_becomes_a_patch_and_a_manifest_again(story: History, audit: Audit) -> None:
    one = story.commit(
        "manifest", {"app/web.yaml": BAD, "app/kustomization.yaml": kustomization(resources=("web.yaml",))}
    )
    two = story.commit("patch", {"app/kustomization.yaml": kustomization(patches=("web.yaml",))}, by=BEA)
    three = story.commit(
        "manifest", {"app/kustomization.yaml": kustomization(resources=("web.yaml",))}, by=CID
    )
    assert lives(audit) == [("web", "app/web.yaml", one, two), ("web", "app/web.yaml", three, "")]
    assert audit.rows(WHO, PRIVILEGED) == [(str(ANN), str(BEA)), (str(CID), "")]


def test_what_a_side_branchs_kustomization_does_is_its_authors(story: History, audit: Audit) -> None:
    base = story.commit(
        "patch", {"app/web.yaml": BAD, "app/kustomization.yaml": kustomization(patches=("web.yaml",))}
    )
    story.branch("side", base)
    story.commit(
        "list", {"app/kustomization.yaml": kustomization(resources=("web.yaml",))}, branch="side", by=BEA
    )
    landed = story.merge("side", by=CID)
    assert lives(audit) == [("web", "app/web.yaml", landed, "")]
    assert audit.rows(WHO, PRIVILEGED) == [(str(BEA), "")]


def test_a_chart_that_appears_claims_its_templates(story: History, audit: Audit) -> None:
    one = story.commit(
        "plain", {"chart/templates/web.yaml": BAD, "elsewhere/web.yaml": pod("other", privileged=True)}
    )
    two = story.commit("chart", {"chart/Chart.yaml": "apiVersion: v2\nname: chart\nversion: 1.0.0\n"})
    assert sorted(lives(audit)) == [
        ("other", "elsewhere/web.yaml", one, ""),
        ("web", "chart/templates/web.yaml", one, two),
    ]


def test_a_duplicate_key(story: History, audit: Audit) -> None:
    one = story.commit(
        "twice", {"a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {}\ndata: {}\n"}
    )
    two = story.commit("once", {"a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {}\n"})
    assert lives(audit, "AUD-YAML-0002") == [("", "a.yaml", one, two)]


def test_a_new_api_version_is_the_same_resource(story: History, audit: Audit) -> None:
    def workload(version: str) -> str:
        spec = {"template": {"spec": pod_object("x", privileged=True)["spec"]}}
        return text(
            {
                "apiVersion": version,
                "kind": "Deployment",
                "metadata": {"name": "web", "namespace": "shop"},
                "spec": spec,
            }
        )

    one = story.commit("old", {"web.yaml": workload("apps/v1beta1")})
    story.commit("new", {"web.yaml": workload("apps/v1")})
    assert lives(audit) == [("web", "web.yaml", one, "")]
    assert audit.rows("SELECT api_version FROM found WHERE rule_id = ?", PRIVILEGED) == [("apps/v1",)]


def test_reformatting_changes_no_resource(story: History, audit: Audit) -> None:
    opened = story.commit("bad", {"web.yaml": BAD})
    story.commit("blank lines and remarks", {"web.yaml": "# a remark\n\n" + BAD})
    assert lives(audit) == [("web", "web.yaml", opened, "")]
    assert audit.rows("SELECT sha, change FROM resource_changes") == [(opened, "added")]
    assert audit.rows("SELECT count(*) FROM file_changes WHERE change = 'modified'") == [(1,)]
    assert audit.rows("SELECT line FROM found") == [(3,)], "the line is where the tip has it"


def test_a_mode_alone_changes_nothing(story: History, audit: Audit) -> None:
    opened = story.commit("bad", {"web.yaml": BAD})
    chmod = story.commit("chmod", {"web.yaml": program(BAD)})
    assert lives(audit) == [("web", "web.yaml", opened, "")]
    assert audit.rows("SELECT old_mode, new_mode FROM file_changes WHERE sha = ?", chmod) == [
        ("100644", "100755")
    ]


def test_a_symlink_in_a_files_place_takes_the_manifest_away(story: History, audit: Audit) -> None:
    one = story.commit("bad", {"web.yaml": BAD})
    two = story.commit("link", {"web.yaml": link("elsewhere.yaml")})
    three = story.commit("file", {"web.yaml": BAD})
    assert lives(audit) == [("web", "web.yaml", one, two), ("web", "web.yaml", three, "")]


def test_a_submodule_is_no_manifest(story: History, audit: Audit) -> None:
    story.commit("good", {"web.yaml": GOOD, "vendored.yaml": submodule()})
    story.commit("newer", {"vendored.yaml": submodule("2" * 40)})
    assert lives(audit) == []
    assert audit.rows("SELECT DISTINCT new_mode FROM file_changes WHERE path = 'vendored.yaml'") == [
        ("160000",)
    ]


def test_a_renamed_container_is_another_violation(story: History, audit: Audit) -> None:
    one = story.commit("a", {"web.yaml": text(pod_object("web", container("a", privileged=True)))})
    two = story.commit("b", {"web.yaml": text(pod_object("web", container("b", privileged=True)))})
    assert lives(audit) == [("web", "web.yaml", one, two), ("web", "web.yaml", two, "")]


def test_the_order_of_containers_is_nothing(story: History, audit: Audit) -> None:
    a, b = container("a"), container("b", privileged=True)
    opened = story.commit("a b", {"web.yaml": text(pod_object("web", a, b))})
    story.commit("b a", {"web.yaml": text(pod_object("web", b, a))})
    assert lives(audit) == [("web", "web.yaml", opened, "")]
    assert audit.rows("SELECT change FROM resource_changes WHERE sha <> ?", opened) == [("modified",)]


def test_another_namespace_is_another_resource(story: History, audit: Audit) -> None:
    one = story.commit("shop", {"web.yaml": pod(privileged=True)})
    two = story.commit("till", {"web.yaml": pod(namespace="till", privileged=True)})
    assert lives(audit) == [("web", "web.yaml", one, two), ("web", "web.yaml", two, "")]


def test_an_octopus_gives_each_author_their_own(story: History, audit: Audit) -> None:
    base = story.commit("good", {"README.md": "x"})
    for name, who in (("one", ANN), ("two", BEA), ("three", CID)):
        story.branch(name, base)
        story.commit(name, {f"{name}.yaml": pod(name, privileged=True)}, branch=name, by=who)
    landed = story.merge("one", "two", "three")
    audit.scan()
    assert {life[2] for life in audit.lives(PRIVILEGED)} == {landed}
    assert dict(audit.rows("SELECT name, opened_by FROM found")) == {
        "one": str(ANN),
        "two": str(BEA),
        "three": str(CID),
    }


def test_criss_cross_merges(story: History, audit: Audit) -> None:
    base = story.commit("base", {"a.yaml": pod("a"), "b.yaml": pod("b")})
    story.branch("side", base)
    ours = story.commit("bad a", {"a.yaml": pod("a", privileged=True)})
    theirs = story.commit("bad b", {"b.yaml": pod("b", privileged=True)}, branch="side", by=BEA)
    one = story.merge(theirs, by=CID)
    story.merge(ours, branch="side")
    last = story.merge("side", files={"a.yaml": pod("a"), "b.yaml": pod("b")}, by=CID)
    assert lives(audit) == [("a", "a.yaml", ours, last), ("b", "b.yaml", one, last)]
    assert audit.rows(WHO, PRIVILEGED) == [(str(ANN), str(CID)), (str(BEA), str(CID))]


def test_an_unrelated_history_merged_in(story: History, audit: Audit) -> None:
    story.commit("ours", {"ours.yaml": pod("ours")})
    orphan = story.commit("theirs", {"theirs.yaml": pod("theirs", privileged=True)}, branch="orphan", by=BEA)
    assert story.parents[orphan] == ()
    landed = story.merge("orphan", by=CID)
    assert lives(audit) == [("theirs", "theirs.yaml", landed, "")]
    assert audit.rows(WHO, PRIVILEGED) == [(str(BEA), "")]
    assert audit.rows("SELECT count(*) FROM commits WHERE len(parents) = 0") == [(2,)]


def test_empty_commits_are_commits(story: History, audit: Audit) -> None:
    opened = story.commit("bad", {"web.yaml": BAD})
    story.commit("nothing")
    story.commit("nothing again", by=BEA)
    assert lives(audit) == [("web", "web.yaml", opened, "")]
    assert audit.rows("SELECT list(position ORDER BY position) FROM commits") == [([0, 1, 2],)]


def test_a_repository_without_a_single_file(story: History, audit: Audit) -> None:
    story.commit("nothing")
    assert audit.scan().incomplete == ()
    assert audit.rows("SELECT count(*) FROM commits") == [(1,)]
    assert audit.rows("SELECT count(*) FROM resources") == [(0,)]


@pytest.mark.parametrize("size", [8 * 1024 * 1024 + 1, 20 * 1024 * 1024])
def test_a_file_over_the_limit_is_said_and_not_judged(story: History, audit: Audit, size: int) -> None:
    one = story.commit("large", {"web.yaml": BAD + "#" + "x" * (size - len(BAD) - 1)})
    two = story.commit("small", {"web.yaml": BAD})
    audit.scan()
    assert audit.lives("AUD-YAML-0003") == [("", "web.yaml", one, two)]
    assert audit.lives(PRIVILEGED) == [("web", "web.yaml", two, "")]


def test_excluded_paths_are_in_the_trail_and_not_judged(story: History, audit: Audit) -> None:
    story.commit("bad", {"docs/web.yaml": BAD, "apps/web.yaml": pod("other", privileged=True)})
    audit.settings = Settings(engine="embedded", exclude=("docs/**",))
    assert [life[0] for life in lives(audit)] == ["other"]
    assert audit.rows("SELECT count(*) FROM file_changes") == [(2,)]


def test_another_reading_of_paths_replays_the_history(story: History, audit: Audit) -> None:
    story.commit("bad", {"fleet/eu/web.yaml": BAD})
    audit.scan()
    assert audit.rows("SELECT environment FROM found") == [("default",)]
    audit.settings = Settings(
        engine="embedded", environments=(EnvironmentSetting(path="fleet/eu/**", name="production"),)
    )
    result = audit.scan()
    assert not result.incremental
    assert any("environments" in note for note in result.notes)
    assert audit.rows("SELECT environment FROM found") == [("production",)]


def test_history_rewritten_is_said_and_read_again(story: History, audit: Audit) -> None:
    base = story.commit("good", {"web.yaml": GOOD})
    story.commit("bad", {"web.yaml": BAD})
    audit.scan()
    story.branch("main", base)
    opened = story.commit("bad, other words", {"web.yaml": "# other\n" + BAD})
    result = audit.scan()
    assert any("rewritten" in note for note in result.notes)
    assert audit.lives(PRIVILEGED) == [("web", "web.yaml", opened, "")]
    assert audit.rows("SELECT count(*) FROM commits") == [(3,)]  # what was rewritten away stays in the trail
    assert audit.rows("SELECT count(*) FROM commits WHERE landed") == [(2,)]


def test_a_fast_forward_over_a_foreign_merge_changes_the_line_and_is_said(
    story: History, audit: Audit
) -> None:
    """`git pull` makes a merge whose first parent is the local side: pushed, it becomes the line."""
    base = story.commit("base", {"web.yaml": GOOD})
    story.branch("local", base)
    story.commit("on main", {"b.yaml": pod("b", privileged=True)}, by=BEA)
    audit.scan()
    local = story.commit("local", {"web.yaml": BAD}, branch="local", by=CID)
    pulled = story.merge("main", branch="local", by=CID)
    story.branch("main", pulled)
    result = audit.scan()
    assert any("line has changed" in note for note in result.notes)
    assert sorted(audit.lives(PRIVILEGED)) == [("b", "b.yaml", pulled, ""), ("web", "web.yaml", local, "")]


def test_the_next_scan_reads_only_what_is_new(story: History, audit: Audit) -> None:
    one = story.commit("bad", {"web.yaml": BAD}, by=BEA)
    audit.scan()
    two = story.commit("good", {"web.yaml": GOOD, "more.yaml": pod("more", privileged=True)}, by=CID)
    result = audit.scan()
    assert (result.incremental, result.counts["new_commits"], result.notes) == (True, 1, ())
    assert sorted(audit.lives(PRIVILEGED)) == [("more", "more.yaml", two, ""), ("web", "web.yaml", one, two)]
    assert audit.rows(WHO, PRIVILEGED) == [(str(BEA), str(CID)), (str(CID), "")]
    days = audit.rows(
        "SELECT name, (epoch(detected_at) - ?) / 86400 FROM found ORDER BY name DESC", DETECTED.timestamp()
    )
    assert days == [("web", 0), ("more", 1)]


def test_nothing_new_is_recorded_as_a_run(story: History, audit: Audit) -> None:
    story.commit("bad", {"web.yaml": BAD})
    audit.scan()
    before = audit.tables()
    result = audit.scan()
    assert result.incremental
    assert result.counts["new_commits"] == 0
    assert audit.rows("SELECT count(*) FROM runs") == [(2,)]
    after = audit.tables()
    assert after == before


def test_two_repositories_of_one_name_in_one_database(story: History, audit: Audit, tmp_path: Path) -> None:
    story.commit("bad", {"web.yaml": BAD})
    other = History(tmp_path / "elsewhere" / "repo")
    other.commit("bad", {"other.yaml": pod("other", privileged=True)})
    first = audit.scan().repo
    second = replace(audit, repository=other.path).scan().repo
    assert first == "repo"
    assert second != first
    assert audit.rows("SELECT repo, name FROM found ORDER BY name DESC") == [
        (first, "web"),
        (second, "other"),
    ]
    assert audit.scan().incremental


@pytest.mark.parametrize(
    "path", [b'"web.yaml', b'clusters/prod/"web".yaml', b"caf\xe9.yaml", b'"clusters/prod/web.yaml']
)
def test_a_name_that_git_quotes_hides_no_manifest(story: History, audit: Audit, path: bytes) -> None:
    opened = story.commit("bad", {path: BAD})
    assert [life[2:] for life in lives(audit)] == [(opened, "")]


def test_a_clock_that_was_set_back_does_not_confuse_the_order_of_runs(story: History, audit: Audit) -> None:
    story.commit("bad", {"web.yaml": BAD})
    audit.runs = 10
    audit.scan()
    story.commit("good", {"web.yaml": GOOD})
    audit.runs = 5
    audit.scan()
    before = audit.tables()
    audit.runs = 0
    assert audit.scan().counts == {"new_commits": 0}
    assert audit.tables()["commit_record"] == before["commit_record"]
    assert audit.tables()["finding"] == before["finding"]
