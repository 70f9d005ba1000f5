"""What a scan renders: only what has changed since the run before, and the same as a scan that begins anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from histories.audits import Audit
from histories.builder import BEA, Content, History
from histories.manifests import PRIVILEGED, kustomization, pod, pod_object, text

from auditor.errors import MissingPartError
from auditor.manifests.rendering.interface import RendererStoppedError
from auditor.manifests.rendering.kustomize import KustomizeRenderer
from auditor.policy.engines import EngineSession
from auditor.settings import RenderingSetting, Settings

ROOTS = ("apps/overlays/dev", "apps/overlays/prod", "infra/prod")
PATCH = text(
    {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"containers": [{"name": "web", "securityContext": {"privileged": True}}]},
    }
)
START: dict[str | bytes, Content] = {
    "apps/base/kustomization.yaml": kustomization(resources=("web.yaml",)),
    "apps/base/web.yaml": pod(),
    "apps/overlays/dev/kustomization.yaml": kustomization(resources=("../../base",)),
    "apps/overlays/prod/kustomization.yaml": kustomization(resources=("../../base",)),
    "infra/prod/kustomization.yaml": kustomization(resources=("db.yaml",)),
    "infra/prod/db.yaml": pod("db", privileged=True),
}
PATCHED = kustomization(resources=("../../base",), patches=("patch.yaml",))
RENDERED = (
    "SELECT name, opened_sha, opened_by, fixed_sha FROM found"
    " WHERE source = 'rendered' AND rule_id = 'AUD-POD-0001' ORDER BY ALL"
)


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which folders Kustomize was started on."""
    folders: list[str] = []
    render = KustomizeRenderer.render

    def counted(self: KustomizeRenderer, root: Path, folder: str, **limits: Any) -> bytes:
        around = (root / folder / "kustomization.yaml").read_text(encoding="utf-8")
        folders.append(next(name for name in ROOTS if f"tree/{name}" in around))
        return render(self, root, folder, **limits)

    monkeypatch.setattr(KustomizeRenderer, "render", counted)
    return folders


def test_only_what_has_changed_is_rendered(
    story: History, audit: Audit, built: list[str], tmp_path: Path
) -> None:
    """After each step the trail says what a first scan of the same history says."""
    steps: list[tuple[dict[str | bytes, Content], list[str]]] = [
        (START, list(ROOTS)),
        ({"README.md": "nobody reads it"}, []),
        ({"infra/prod/db.yaml": pod("db")}, ["infra/prod"]),
        ({"apps/base/web.yaml": text(pod_object("web"), pod_object("side"))}, list(ROOTS[:2])),
        (
            {"apps/overlays/prod/kustomization.yaml": PATCHED, "apps/overlays/prod/patch.yaml": PATCH},
            ["apps/overlays/prod"],
        ),
        ({"infra/prod/db.yaml": None}, ["infra/prod"]),
        ({"infra/prod/db.yaml": pod("db", privileged=True)}, ["infra/prod"]),
    ]
    results = "SELECT * EXCLUDE (repo) FROM trail.rule_result WHERE rule_id NOT LIKE 'AUD-CHG-%' ORDER BY ALL"
    resources = "SELECT * EXCLUDE (repo, sha) FROM resources ORDER BY ALL"
    open_now = "SELECT id, rule_id, name, path, message FROM found WHERE state = 'open' ORDER BY ALL"
    for number, (files, rendered) in enumerate(steps):
        story.commit(f"step {number}", files)
        built.clear()
        audit.scan(render=True)
        assert sorted(set(built)) == sorted(rendered), number
        whole = Audit(audit.repository, tmp_path / str(number) / "whole.duckdb")
        whole.scan(render=True)
        for question in (results, resources, open_now):
            assert audit.rows(question) == whole.rows(question), number
    [(kept,)] = audit.rows("SELECT count(*) FROM trail.rendering")
    assert kept == len(ROOTS)


def test_judgements_of_rendered_resources_are_recorded_once(story: History, audit: Audit) -> None:
    story.commit("start", START)
    audit.scan(render=True)
    story.commit("more", {"infra/prod/db.yaml": pod("db")})
    audit.scan(render=True)
    story.commit("back", {"infra/prod/db.yaml": pod("db", privileged=True)})
    audit.scan(render=True)
    twice = "SELECT digest FROM trail.judgement GROUP BY digest HAVING count(*) > 1"
    assert audit.rows(twice) == []
    unjudged = "SELECT name FROM trail.resource WHERE digest NOT IN (SELECT digest FROM trail.judgement)"
    assert audit.rows(unjudged) == []


def test_a_rendered_violation_opens_with_the_commit_that_was_seen_to_bring_it(
    story: History, audit: Audit
) -> None:
    story.commit("start", START)
    audit.scan(render=True)
    opened = story.commit(
        "privileged in prod",
        {"apps/overlays/prod/kustomization.yaml": PATCHED, "apps/overlays/prod/patch.yaml": PATCH},
        by=BEA,
    )
    audit.scan(render=True)
    assert audit.rows(RENDERED) == [("web", opened, str(BEA), "")]
    story.commit("elsewhere", {"README.md": "x"})
    audit.scan(render=True)
    assert audit.rows(RENDERED) == [("web", opened, str(BEA), "")]
    files: dict[str | bytes, Content] = {
        "apps/overlays/prod/kustomization.yaml": kustomization(resources=("../../base",)),
        "apps/overlays/prod/patch.yaml": None,
    }
    fixed = story.commit("no more", files)
    audit.scan(render=True)
    assert audit.rows(RENDERED) == [("web", opened, str(BEA), fixed)]


@pytest.mark.parametrize("why", ["two commits", "not rendered before"])
def test_nobody_is_blamed_where_it_was_not_seen(why: str, story: History, audit: Audit) -> None:
    audit.settings = Settings(engine="embedded", rendering=RenderingSetting(history="tips"))
    story.commit("start", START)
    audit.scan(render=why != "not rendered before")
    story.commit(
        "privileged in prod",
        {"apps/overlays/prod/kustomization.yaml": PATCHED, "apps/overlays/prod/patch.yaml": PATCH},
    )
    if why == "two commits":
        story.commit("one more", {"README.md": "x"})
    audit.scan(render=True)
    privileged = [row for row in audit.rows(RENDERED) if row[0] == "web"]
    assert privileged == [("web", "", "", "")]


def test_what_was_stopped_is_rendered_again_before_anybody_is_blamed(
    story: History, audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.commit("start", {**START, "infra/prod/kustomization.yaml": kustomization(resources=("db.yaml",), patches=("p.yaml",)),
                           "infra/prod/p.yaml": PATCH.replace("name: web", "name: db")})  # fmt: skip
    with monkeypatch.context() as patch:
        patch.setattr(KustomizeRenderer, "render", _stopped)
        audit.scan(render=True)
    opened = story.commit(
        "privileged in prod",
        {"apps/overlays/prod/kustomization.yaml": PATCHED, "apps/overlays/prod/patch.yaml": PATCH},
        by=BEA,
    )
    audit.scan(render=True)
    assert audit.rows(RENDERED) == [("web", opened, str(BEA), "")]


def _stopped(*_: Any, **__: Any) -> bytes:
    raise RendererStoppedError("it ran longer than 30 s")


def test_a_missing_program_is_no_result_that_is_kept(
    story: History, audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: Any, **__: Any) -> bytes:
        raise MissingPartError("rendering needs `kustomize`")

    story.commit("start", START)
    with monkeypatch.context() as patch:
        patch.setattr(KustomizeRenderer, "render", missing)
        audit.scan(render=True)
    assert audit.rows("SELECT count(*) FROM resources WHERE rendered_from <> ''") == [(0,)]
    assert audit.rows("SELECT subject FROM gaps WHERE reason LIKE 'rendering needs%'") == [("kustomize",)]
    story.commit("more", {"README.md": "x"})
    audit.scan(render=True)
    assert audit.rows(
        "SELECT DISTINCT rendered_from FROM resources WHERE rendered_from <> '' ORDER BY 1"
    ) == [(root,) for root in ROOTS]


def test_a_broken_build_stays_a_finding_while_others_change(
    story: History, audit: Audit, built: list[str]
) -> None:
    story.commit("start", {**START, "infra/prod/kustomization.yaml": kustomization(resources=("gone.yaml",))})
    audit.scan(render=True)
    broken = "SELECT path, message FROM found WHERE kind = '' AND source = 'rendered' AND state = 'open'"
    first = audit.rows(broken)
    assert [path for path, _ in first] == ["infra/prod/kustomization.yaml"]
    story.commit("elsewhere", {"apps/base/web.yaml": pod(privileged=True)})
    built.clear()
    audit.scan(render=True)
    assert "infra/prod" not in built
    assert audit.rows(broken) == first
    assert audit.lives(PRIVILEGED) != []


def test_secret_values_are_not_kept(story: History, audit: Audit) -> None:
    secret = {
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "shop"},
        "stringData": {"password": "correct-horse-battery"},
    }  # fmt: skip
    story.commit("start", {**START, "infra/prod/db.yaml": text(secret)})
    audit.scan(render=True)
    assert "correct-horse" not in str(audit.rows("FROM trail.rendering"))
    assert b"correct-horse" not in audit.database.read_bytes()


def test_a_scan_that_finds_nothing_to_judge_opens_no_engine(
    story: History, audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.commit("start", START)
    audit.scan(render=True)

    def opened(*_: Any) -> None:
        raise AssertionError("an engine was opened")

    monkeypatch.setattr(EngineSession, "start", opened)
    monkeypatch.setattr(EngineSession, "opa", property(opened))
    assert audit.scan(render=True).counts == {"new_commits": 0}
    story.commit("words", {"README.md": "nothing to judge"})
    assert audit.scan(render=True).counts["new_documents_judged"] == 0
