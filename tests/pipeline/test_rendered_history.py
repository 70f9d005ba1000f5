"""What is rendered, landing by landing: findings on it open and are fixed where it changed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from histories.audits import Audit, share_judges
from histories.builder import ANN, BEA, CID, Content, History, Person
from histories.manifests import kustomization, pod, pod_object, text
from histories.rendered_oracle import Field, rendered_lives
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from auditor.pipeline.scan import ScanResult
from auditor.policy.judge import JudgeSpec
from auditor.settings import RenderingSetting, Settings

DAY = 86_400
RULE = "AUD-POD-0001"
LIVES = (
    "SELECT name, opened_sha, opened_by, fixed_sha, fixed_by FROM found"
    f" WHERE source = 'rendered' AND rule_id = '{RULE}' ORDER BY opened_at, name, occurrence"
)
BASE: dict[str | bytes, Content] = {
    "base/kustomization.yaml": kustomization(resources=("web.yaml",)),
    "base/web.yaml": pod(),
    "overlays/prod/kustomization.yaml": kustomization(resources=("../../base",)),
}
PATCH = text(
    {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"containers": [{"name": "web", "securityContext": {"privileged": True}}]},
    }
)
PATCHED: dict[str | bytes, Content] = {
    "overlays/prod/kustomization.yaml": kustomization(resources=("../../base",), patches=("patch.yaml",)),
    "overlays/prod/patch.yaml": PATCH,
}
UNPATCHED: dict[str | bytes, Content] = {
    "overlays/prod/kustomization.yaml": BASE["overlays/prod/kustomization.yaml"],
    "overlays/prod/patch.yaml": None,
}


def rendering(history: str) -> Settings:
    """Settings that render so far back."""
    return Settings(engine="embedded", rendering=RenderingSetting(history=history))


def applies(folder: str, *, namespace: str = "", suspend: bool = False, source: str = "GitRepository") -> str:
    """A Kustomization of Flux."""
    spec = {
        "interval": "5m", "path": folder, "prune": True, "suspend": suspend,
        "sourceRef": {"kind": source, "name": "fleet"},
    }  # fmt: skip
    return text(
        {
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
            "kind": "Kustomization",
            "metadata": {"name": "apps", "namespace": "flux-system"},
            "spec": spec | ({"targetNamespace": namespace} if namespace else {}),
        }
    )


def test_one_scan_tells_which_commits_brought_it_in_and_took_it_out(story: History, audit: Audit) -> None:
    story.commit("start", BASE)
    opened = story.commit("privileged", PATCHED, by=BEA)
    story.commit("elsewhere", {"README.md": "x"})
    fixed = story.commit("no more", UNPATCHED, by=CID)
    again = story.commit("again", PATCHED, by=ANN)
    audit.scan(render=True, settings=rendering("all"))
    assert audit.rows(LIVES) == [
        ("web", opened, str(BEA), fixed, str(CID)),
        ("web", again, str(ANN), "", ""),
    ]


def test_a_merge_is_the_landing(story: History, audit: Audit) -> None:
    root = story.commit("start", BASE)
    story.branch("side", root)
    story.commit("privileged", PATCHED, branch="side", by=BEA)
    story.commit("elsewhere", {"README.md": "x"})
    merge = story.merge("side", by=CID)
    audit.scan(render=True, settings=rendering("all"))
    [(name, opened, _, fixed, _)] = audit.rows(LIVES)
    assert (name, opened, fixed) == ("web", merge, "")


def test_the_first_scan_renders_the_tip_and_the_next_one_all_that_landed_since(
    story: History, audit: Audit
) -> None:
    story.commit("start", {**BASE, **PATCHED})
    story.commit("elsewhere", {"README.md": "x"})
    audit.scan(render=True)
    assert audit.rows(LIVES) == [("web", "", "", "", "")]
    fixed = story.commit("no more", UNPATCHED, by=CID)
    opened = story.commit("again", PATCHED, by=BEA)
    story.commit("elsewhere", {"README.md": "y"})
    audit.scan(render=True)
    assert sorted(audit.rows(LIVES)) == sorted(
        [("web", "", "", fixed, str(CID)), ("web", opened, str(BEA), "", "")]
    )


def test_of_days_before_the_tip_what_is_older_has_no_commit(story: History, audit: Audit) -> None:
    story.commit("start", {**BASE, **PATCHED}, at=100 * DAY)
    story.commit("old", {"base/web.yaml": text(pod_object("web"), pod_object("side"))}, at=101 * DAY)
    fixed = story.commit("no more", UNPATCHED, at=195 * DAY, by=CID)
    opened = story.commit("again", PATCHED, at=196 * DAY, by=BEA)
    audit.scan(render=True, settings=rendering("90d"))
    assert sorted(audit.rows(LIVES)) == sorted(
        [("web", "", "", fixed, str(CID)), ("web", opened, str(BEA), "", "")]
    )


def test_who_asks_for_more_later_gets_it(story: History, audit: Audit) -> None:
    """And what nobody could date before has its commits then."""
    root = story.commit("start", {**BASE, **PATCHED})
    story.commit("elsewhere", {"README.md": "x"})
    audit.scan(render=True)
    fixed = story.commit("no more", UNPATCHED, by=CID)
    audit.scan(render=True)
    assert audit.rows(LIVES) == [("web", "", "", fixed, str(CID))]
    told = audit.scan(render=True, settings=rendering("all"))
    assert not told.incremental
    assert [note for note in told.notes if "more of the history is rendered" in note]
    assert audit.rows(LIVES) == [("web", root, str(ANN), fixed, str(CID))]
    assert audit.scan(render=True, settings=rendering("all")).incremental


def test_what_cannot_be_rendered_any_more_is_not_fixed(story: History, audit: Audit) -> None:
    """Whether a remote base or a broken build: what was wrong may be wrong still."""
    opened = story.commit("start", {**BASE, **PATCHED})
    remote = kustomization(resources=("../../base", "https://example.org/x.yaml"), patches=("patch.yaml",))
    story.commit("remote", {"overlays/prod/kustomization.yaml": remote})
    broken = kustomization(resources=("gone.yaml",), patches=("patch.yaml",))
    story.commit("broken", {"overlays/prod/kustomization.yaml": broken})
    audit.scan(render=True, settings=rendering("all"))
    assert audit.rows(LIVES) == [("web", opened, str(ANN), "", "")]
    fixed = story.commit("whole, and mended", UNPATCHED, by=BEA)
    audit.scan(render=True, settings=rendering("all"))
    assert audit.rows(LIVES) == [("web", opened, str(ANN), fixed, str(BEA))]


def test_what_is_deployed_no_more_is_fixed(story: History, audit: Audit) -> None:
    flux = {"clusters/prod/apps.yaml": applies("./overlays/prod")}
    opened = story.commit("start", {**BASE, **PATCHED, **flux})
    fixed = story.commit("not deployed", {"clusters/prod/apps.yaml": applies("./base")}, by=BEA)
    audit.scan(render=True, settings=rendering("all"))
    assert audit.rows(LIVES) == [("web", opened, str(ANN), fixed, str(BEA))]


@pytest.mark.parametrize(
    ("path", "state"),
    [
        ("overlays/prod/patch.yaml", "waived"),
        ("overlays/prod", "waived"),
        ("overlays/prod/**", "waived"),
        ("base/web.yaml", "waived"),
        ("overlays/test", "open"),
    ],
)
def test_a_waiver_by_path_fits_where_it_comes_from_and_where_it_is_rendered(
    story: History, audit: Audit, path: str, state: str
) -> None:
    waiver = {
        "rule": RULE,
        "resource": {"path": path},
        "reason": "known",
        "owner": "ann",
        "expires": "2999-01-01",
    }
    waivers = text({"version": 1, "waivers": [waiver]})
    story.commit("start", {**BASE, **PATCHED, ".auditor/waivers.yaml": waivers})
    audit.scan(render=True)
    found = audit.rows(f"SELECT path, state FROM findings WHERE source = 'rendered' AND rule_id = '{RULE}'")
    assert found == [("overlays/prod/patch.yaml", state)]


def test_a_patch_is_never_judged_by_itself(story: History, audit: Audit) -> None:
    opened = story.commit("start", {**BASE, **PATCHED})
    audit.scan(render=True, settings=rendering("all"))
    found = audit.rows(f"SELECT source, path, opened_sha FROM found WHERE rule_id = '{RULE}'")
    assert [(source, sha) for source, _, sha in found] == [("rendered", opened)]
    assert audit.rows(
        "SELECT count(*) FROM found WHERE path LIKE '%patch.yaml' AND source <> 'rendered'"
    ) == [(0,)]


BASE_KUSTOMIZATIONS = {
    "web": kustomization(resources=("web.yaml",)),
    "both": kustomization(resources=("web.yaml", "more.yaml")),
    "gone": kustomization(resources=("gone.yaml",)),
}
OVERLAYS = {
    "nothing": None,
    "base": kustomization(resources=("../../base",)),
    "patched": kustomization(resources=("../../base",), patches=("patch.yaml",)),
    "remote": kustomization(resources=("../../base", "https://example.org/x.yaml")),
    "settings": text(
        {
            "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": ["../../base"],
            "configMapGenerator": [{"name": "settings", "files": ["settings.ini"]}],
        }
    ),
}  # fmt: skip
PODS = {
    "good": pod(),
    "bad": pod(privileged=True),
    "two": text(pod_object("web"), pod_object("till", privileged=True)),
    "other": pod("other"),
    "no namespace": pod().replace("  namespace: shop\n", ""),
}
CHOICES: Mapping[str, Mapping[str, Content]] = {
    "base/kustomization.yaml": BASE_KUSTOMIZATIONS,
    "base/web.yaml": PODS,
    "base/more.yaml": {**PODS, "nothing": None},
    "overlays/prod/kustomization.yaml": OVERLAYS,
    "overlays/prod/patch.yaml": {"patch": PATCH, "nothing": None},
    "overlays/prod/settings.ini": {"a": "a=1\n", "b": "b=1\n", "nothing": None},
    "overlays/dev/kustomization.yaml": OVERLAYS,
    "clusters/prod/apps.yaml": {
        "nothing": None,
        "prod": applies("./overlays/prod"),
        "elsewhere": applies("./overlays/prod", namespace="other"),
        "dev, suspended": applies("./overlays/dev", suspend=True),
        "of another repository": applies("./charts/x", source="OCIRepository"),
        "no such folder": applies("./gone"),
    },
    "README.md": {"a": "a", "b": "b"},
}
EDIT = st.sampled_from(sorted(CHOICES)).flatmap(
    lambda path: st.tuples(st.just(path), st.sampled_from(sorted(CHOICES[path])))
)
STEP = st.tuples(
    st.sampled_from(("commit", "commit", "commit", "side", "merge")),
    st.lists(EDIT, min_size=1, max_size=3).map(dict),
    st.sampled_from((ANN, BEA)),
)


def tell(story: History, number: int, step: tuple[str, dict[str, str], Person]) -> None:
    """One step of a random story."""
    what, chosen, who = step
    if what == "merge":
        story.merge("side", by=who)
        return
    edits: dict[str | bytes, Content] = {path: CHOICES[path][name] for path, name in chosen.items()}
    story.commit(f"step {number}", edits, branch="side" if what == "side" else "main", by=who)


def written_over_time(audit: Audit, story: History) -> Callable[[int, Field], bool]:
    """Tells which violations were open as written, as the trail has them, which other tests hold against the files."""
    line = story.git("rev-list", "--first-parent", "--reverse", "main").split()
    places = {sha: place for place, sha in enumerate(line)} | {"": len(line)}
    rows = audit.rows(
        "SELECT rule_id, kind, name, pointer, opened_sha, fixed_sha FROM findings"
        " WHERE source IN ('manifest', 'file', 'set')"
    )
    spans: dict[Field, list[tuple[int, int]]] = {}
    for *where, opened, fixed in rows:
        spans.setdefault(tuple(where), []).append((places[opened], places[fixed]))
    return lambda position, where: any(start <= position < end for start, end in spans.get(where, ()))


RENDERED = "SELECT id, occurrence, opened_sha, fixed_sha FROM findings WHERE source = 'rendered' ORDER BY ALL"
TOLD = "SELECT * EXCLUDE (repo, detected_at, engine) FROM findings WHERE source = 'rendered' ORDER BY ALL"
RESOURCES = "SELECT * EXCLUDE (repo) FROM resources ORDER BY ALL"


def test_what_is_written_after_it_was_rendered_has_a_life_of_its_own(story: History, audit: Audit) -> None:
    """A patch that no kustomization lists any more is a manifest, of the same resource."""
    opened = story.commit("start", {**BASE, **PATCHED})
    written = story.commit(
        "not listed", {"overlays/prod/kustomization.yaml": BASE["overlays/prod/kustomization.yaml"]}
    )
    audit.scan(render=True, settings=rendering("all"))
    fixed = story.commit("gone", UNPATCHED)
    audit.scan(render=True, settings=rendering("all"))
    told = f"SELECT source, opened_sha, fixed_sha FROM found WHERE rule_id = '{RULE}' ORDER BY opened_at"
    assert audit.rows(told) == [("rendered", opened, written), ("manifest", written, fixed)]


@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(steps=st.lists(STEP, min_size=2, max_size=7), stops=st.sets(st.integers(0, 6), max_size=3))
def test_any_history_at_once_in_steps_and_from_scratch_at_each_commit(
    steps: list[tuple[str, dict[str, str], Person]], stops: set[int]
) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        judge = share_judges(patch)(JudgeSpec(engine="embedded"))
        folder = Path(name)
        story = History(folder / "repo")
        story.branch("side", story.commit("start", BASE))
        steps_all = Audit(story.path, folder / "all" / "audit.duckdb", rendering("all"))
        steps_new = Audit(story.path, folder / "new" / "audit.duckdb", rendering("new"))
        last: list[ScanResult] = [audit.scan(render=True) for audit in (steps_all, steps_new)]
        for number, step in enumerate(steps):
            tell(story, number, step)
            if number in stops:
                last = [audit.scan(render=True) for audit in (steps_all, steps_new)]
        last = [audit.scan(render=True) for audit in (steps_all, steps_new)]
        assert all(result.incremental for result in last)
        at_once = Audit(story.path, folder / "once" / "audit.duckdb", rendering("all"))
        at_once.scan(render=True)
        expected = rendered_lives(story, story.tip("main"), judge, written_over_time(at_once, story))
        assert at_once.rows(RENDERED) == expected
        assert steps_all.rows(RENDERED) == expected
        for question in (TOLD, RESOURCES):
            assert steps_all.rows(question) == at_once.rows(question)
        # The first scan renders but the tip, which here is the first commit: all was seen to come.
        assert steps_new.rows(RENDERED) == expected
