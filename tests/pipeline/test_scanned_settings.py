"""A scan honours what auditor.yaml says of rules: parameters of one environment, disabled rules, severities, advice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from histories.audits import Audit
from histories.builder import History
from histories.manifests import BROKEN, kustomization, pod, text
from typer.testing import CliRunner

from auditor.cli.main import app
from auditor.settings import PolicySetting, SchemaSetting, Settings

REGISTRY = "AUD-IMG-0003"
ELSEWHERE = {REGISTRY: {"allowed": ["registry.example.net"]}}
OURS = {REGISTRY: {"allowed": ["registry.example.org"]}}


def settings(**policies: Any) -> Settings:
    return Settings(engine="embedded", policies=PolicySetting(**policies))


@pytest.fixture
def by_environment(story: History, tmp_path: Path) -> Audit:
    """Images are of the wrong registry in dev, of the right one in prod; nobody says anything of test."""
    given = settings(environments={"dev": ELSEWHERE, "prod": OURS, "stage": ELSEWHERE})
    return Audit(story.path, tmp_path / "audit" / "audit.duckdb", given)


def judgements(audit: Audit) -> list[tuple[Any, ...]]:
    return audit.rows(
        "SELECT count(*), count(DISTINCT digest), count(DISTINCT profile), count(*) FILTER (profile <> '')"
        " FROM trail.judgement WHERE digest IN (SELECT digest FROM trail.document WHERE kind = 'Pod')"
    )


def test_each_environment_is_judged_by_its_own_parameters(story: History, by_environment: Audit) -> None:
    places = {f"clusters/{name}/web.yaml": pod() for name in ("dev", "test", "stage", "prod")}
    first = story.commit("everywhere", places)
    by_environment.scan()
    found = by_environment.rows(
        "SELECT environment, opened_sha FROM findings WHERE rule_id = ? ORDER BY environment", REGISTRY
    )
    assert found == [("dev", first), ("stage", first)]
    assert judgements(by_environment) == [(3, 1, 3, 2)]  # dev and stage have one set of parameters


def test_without_the_setting_a_content_is_judged_once(story: History, audit: Audit) -> None:
    story.commit("everywhere", {f"clusters/{name}/web.yaml": pod() for name in ("dev", "prod")})
    audit.scan()
    assert judgements(audit) == [(1, 1, 1, 0)]


def test_a_resource_that_moves_is_judged_where_it_stands(story: History, by_environment: Audit) -> None:
    first = story.commit("test", {"clusters/test/web.yaml": pod()})
    by_environment.scan()
    into = story.commit("to dev", moves={"clusters/test/web.yaml": "clusters/dev/web.yaml"})
    by_environment.scan()
    assert by_environment.lives(REGISTRY) == [("web", "clusters/dev/web.yaml", into, "")]
    out = story.commit("to prod", moves={"clusters/dev/web.yaml": "clusters/prod/web.yaml"})
    back = story.commit("to dev again", moves={"clusters/prod/web.yaml": "clusters/dev/web.yaml"})
    result = by_environment.scan()
    assert result.incremental
    assert by_environment.lives(REGISTRY) == [
        ("web", "clusters/dev/web.yaml", into, out),
        ("web", "clusters/dev/web.yaml", back, ""),
    ]
    assert first not in {row[2] for row in by_environment.lives(REGISTRY)}


def test_what_is_broken_keeps_what_was_found_where_it_was_read(story: History, by_environment: Audit) -> None:
    first = story.commit("dev", {"clusters/dev/web.yaml": pod()})
    story.commit("broken", {"clusters/dev/web.yaml": BROKEN})
    by_environment.scan()
    assert by_environment.lives(REGISTRY) == [("web", "clusters/dev/web.yaml", first, "")]
    mended = story.commit("mended", {"clusters/dev/web.yaml": pod().replace("example.org", "example.net")})
    by_environment.scan()
    assert by_environment.lives(REGISTRY) == [("web", "clusters/dev/web.yaml", first, mended)]


def test_other_parameters_judge_the_history_again(story: History, by_environment: Audit) -> None:
    story.commit("prod", {"clusters/prod/web.yaml": pod()})
    by_environment.scan()
    assert by_environment.lives(REGISTRY) == []
    result = by_environment.scan(settings=settings(environments={"prod": ELSEWHERE}))
    assert not result.incremental
    assert [life[3] for life in by_environment.lives(REGISTRY)] == [""]
    assert judgements(by_environment) == [(1, 1, 1, 1)]


def rendered(audit: Audit) -> list[tuple[Any, ...]]:
    return audit.rows(
        "SELECT environment, state FROM findings WHERE rule_id = ? AND source = 'rendered' ORDER BY ALL",
        REGISTRY,
    )


def test_what_is_rendered_is_judged_where_it_is_rendered(story: History, by_environment: Audit) -> None:
    files = {"base/web.yaml": pod(), "base/kustomization.yaml": kustomization(resources=("web.yaml",))}
    story.commit("a base", files)
    by_environment.scan(render=True)
    for name in ("prod", "dev"):
        place = f"clusters/{name}/kustomization.yaml"
        story.commit(name, {place: kustomization(resources=("../../base",))})
        by_environment.scan(render=True)
    assert rendered(by_environment) == [("dev", "open")]
    story.commit("another file", {"README.md": "more"})
    assert by_environment.scan(render=True).incremental
    assert rendered(by_environment) == [("dev", "open")]


def test_rules_that_are_disabled_find_nothing_and_pass_nothing(story: History, tmp_path: Path) -> None:
    unknown = json.loads(pod("till"))
    unknown["spec"]["nonesuch"] = 1
    story.commit(
        "much is wrong",
        {
            "broken.yaml": BROKEN,
            "till.yaml": text(unknown),
            "twice.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {}\ndata: {}\n",
            "app/kustomization.yaml": kustomization(resources=("missing.yaml",)),
            "shop.yaml": "apiVersion: example.org/v1\nkind: Shop\nmetadata: {name: s, namespace: shop}\n",
        },
    )
    ids = (
        "AUD-YAML-0001", "AUD-YAML-0002", "AUD-SCHEMA-0001", "AUD-SCHEMA-0002", "AUD-KUSTOMIZE-0001", "AUD-CHG-0004",
    )  # fmt: skip
    asked = Settings(engine="embedded", schemas=SchemaSetting(fail_on_missing=True))
    audit = Audit(story.path, tmp_path / "audit" / "audit.duckdb", asked)
    audit.scan(render=True)
    question = f"SELECT DISTINCT rule_id FROM findings WHERE rule_id IN {ids} ORDER BY rule_id"
    assert [row[0] for row in audit.rows(question)] == sorted(ids)
    for disabled in (ids, ids[:1], ids[3:4]):
        audit.scan(
            render=True, settings=asked.model_copy(update={"policies": PolicySetting(disabled=disabled)})
        )
        assert [row[0] for row in audit.rows(question)] == sorted({*ids} - {*disabled}), disabled
        results = audit.rows("SELECT rule_id FROM trail.rule_result")
        assert not {row[0] for row in results} & {*disabled}, disabled
        statuses = audit.rows(f"SELECT DISTINCT status FROM controls WHERE rule_id IN {(*disabled, '')}")
        assert {row[0] for row in statuses} <= {"not evaluated", "manual"}, disabled


def test_severities_are_the_operators_for_every_family(story: History, tmp_path: Path) -> None:
    story.commit("broken", {"broken.yaml": BROKEN})
    chosen = {"AUD-YAML-0001": "critical", "AUD-CHG-0004": "critical"}
    audit = Audit(story.path, tmp_path / "audit" / "audit.duckdb", settings())
    for given, expected in (({}, set()), (chosen, {"critical"})):
        audit.scan(settings=settings(severity=given))
        found = audit.rows(f"SELECT rule_id, severity FROM findings WHERE rule_id IN {tuple(chosen)}")
        assert {rule for rule, _ in found} == {*chosen}
        assert {severity for _, severity in found if given} == expected


TEMPLATE = """\
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: needsteam}
spec:
  crd: {spec: {names: {kind: NeedsTeam}}}
  targets:
    - target: admission.k8s.gatekeeper.sh
      rego: |
        package needsteam
        violation[{"msg": msg}] {
          not input.review.object.metadata.labels.team
          msg := "nobody's"
        }
"""
CONSTRAINT = """\
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: NeedsTeam
metadata: {{name: needs-team}}
spec:
  enforcementAction: {action}
  match: {{kinds: [{{apiGroups: [""], kinds: [ConfigMap]}}]}}
"""
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\ndata: {a: b}\n"


def foreign(tmp_path: Path, action: str) -> Settings:
    folder = tmp_path / "rules" / action
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "template.yaml").write_text(TEMPLATE)
    (folder / "constraint.yaml").write_text(CONSTRAINT.format(action=action))
    (folder / "frameworks").mkdir(exist_ok=True)
    return settings(folders=(folder,), foreign_on_embedded=True)


def test_what_is_advisory_is_recorded_as_such_and_fails_nothing(
    story: History, audit: Audit, tmp_path: Path
) -> None:
    story.commit("a map", {"a.yaml": CONFIG})
    audit.scan(settings=foreign(tmp_path, "dryrun"))
    [(rule, advisory, state)] = audit.rows(
        "SELECT rule_id, advisory, state FROM findings WHERE message LIKE 'nobody%'"
    )
    assert (advisory, state) == (True, "open")
    assert audit.rows("SELECT rule_id FROM rules WHERE advisory") == [(rule,)]
    assert audit.rows("SELECT count(*) > 0 FROM remarks WHERE run = (SELECT id FROM runs)") == [(True,)]
    shown = CliRunner().invoke(app, ["findings", "list", "--db", str(audit.database), "--rule", rule])
    assert "(advisory)" in shown.output
    listed = CliRunner().invoke(
        app, ["findings", "list", "--db", str(audit.database), "--rule", rule, "--format", "json"]
    )
    assert [one["advisory"] for one in json.loads(listed.stdout)["findings"]] == [True]
    audit.scan(settings=foreign(tmp_path, "deny"))
    assert audit.rows("SELECT advisory FROM findings WHERE message LIKE 'nobody%'") == [(False,)]
    assert audit.rows("SELECT count(*) FROM rules WHERE advisory") == [(0,)]


@pytest.mark.parametrize(("action", "code"), [("dryrun", 0), ("warn", 0), ("deny", 1)])
def test_the_exit_code_passes_over_what_is_advisory(
    story: History, tmp_path: Path, action: str, code: int
) -> None:
    story.commit("a map", {"a.yaml": CONFIG})
    given = foreign(tmp_path, action)
    config = {
        "engine": "embedded",
        "policies": {
            "folders": [str(folder) for folder in given.policies.folders],
            "foreign_on_embedded": True,
            "severity": {"gatekeeper/needsteam/needs-team": "critical"},
        },
    }
    file = tmp_path / "auditor.yaml"
    file.write_text(json.dumps(config))
    command = ["scan", str(story.path), "--db", str(tmp_path / "a" / "audit.duckdb"), "--config", str(file)]
    result = CliRunner().invoke(app, [*command, "--fail-on", "critical", "--format", "json"])
    assert result.exit_code == code, result.output
    summary = json.loads(result.stdout)
    assert summary["open_findings"]["critical"] == 1
    assert summary["advisory_findings"]["critical"] == 1 - code


def control_of(audit: Audit) -> list[tuple[Any, ...]]:
    return audit.rows(
        "SELECT status, open_findings, advisory_findings FROM controls WHERE framework = 'house'"
    )


@pytest.mark.parametrize(("action", "expected"), [("dryrun", ("pass", 0, 1)), ("deny", ("fail", 1, 0))])
def test_no_control_fails_by_what_is_advisory(
    story: History, audit: Audit, tmp_path: Path, action: str, expected: tuple[str, int, int]
) -> None:
    story.commit("a map", {"a.yaml": CONFIG})
    given = foreign(tmp_path, action)
    (given.policies.folders[0] / "frameworks" / "house.yaml").write_text(HOUSE)
    audit.scan(settings=given)
    assert control_of(audit) == [expected]


HOUSE = """\
name: house
title: House rules
version: "1"
url: https://example.org/house
source: written here
scope: all of them
controls:
  - id: H1
    title: Everything has a team
    rules: [gatekeeper/needsteam/needs-team]
"""


def listing(tree: dict[str, str]) -> dict[str, str]:
    return {"app/web.yaml": pod(), "app/patch.yaml": pod("web", privileged=True), **tree}


PATCHING = kustomization(resources=("web.yaml",), patches=("patch.yaml",))
PRIVILEGED = "AUD-POD-0001"


def test_a_broken_kustomization_lists_what_it_listed_last(story: History, audit: Audit) -> None:
    story.commit("patched", listing({"app/kustomization.yaml": PATCHING}))
    audit.scan()
    assert audit.lives(PRIVILEGED) == []
    story.commit("broken", {"app/kustomization.yaml": PATCHING[:-20]})
    story.commit("a patch is changed meanwhile", {"app/patch.yaml": "# x\n" + pod("web", privileged=True)})
    audit.scan()
    assert audit.lives(PRIVILEGED) == []
    unlisted = story.commit("mended, without the patch", {
        "app/kustomization.yaml": kustomization(resources=("web.yaml",)),
    })  # fmt: skip
    audit.scan()
    assert audit.lives(PRIVILEGED) == [("web", "app/patch.yaml", unlisted, "")]


def test_a_kustomization_that_was_never_read_lists_nothing(story: History, audit: Audit) -> None:
    first = story.commit("broken", listing({"app/kustomization.yaml": PATCHING[:-20]}))
    audit.scan()
    assert audit.lives(PRIVILEGED) == [("web", "app/patch.yaml", first, "")]
    mended = story.commit("mended", {"app/kustomization.yaml": PATCHING})
    audit.scan()
    assert audit.lives(PRIVILEGED) == [("web", "app/patch.yaml", first, mended)]


def test_a_broken_kustomization_that_goes_takes_its_list_along(story: History, audit: Audit) -> None:
    story.commit("patched", listing({"app/kustomization.yaml": PATCHING}))
    story.commit("broken", {"app/kustomization.yaml": PATCHING[:-20]})
    gone = story.commit("gone", {"app/kustomization.yaml": None})
    audit.scan()
    assert audit.lives(PRIVILEGED) == [("web", "app/patch.yaml", gone, "")]
