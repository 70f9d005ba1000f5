"""The same history gives the same findings: in one scan, commit by commit, or judged again from the trail."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from changecontrol.change_audit import ChangeAudit
from changecontrol.test_landed_changes import FLUX, RENOVATE, STAGES, deployment, role
from histories.builder import ANN, BEA, History

from auditor.settings import Settings

_WITHOUT_SIGHT = (
    "SELECT id, occurrence, rule_id, opened_sha, environment, path, pointer, message, opened_by FROM findings"
)


def advance(story: History, draw: random.Random) -> None:
    """One more landed change of a random sort."""
    stage = draw.choice(("staging", "production"))
    tag = draw.choice(("1.0", "1.1", "1.2"))
    files = {
        f"{stage}/web.yaml": deployment(f"ghcr.io/shop/web:{tag}", replicas=draw.choice((1, 2))),
        **({"role.yaml": role(*draw.sample(("get", "list", "delete"), 2))} if draw.random() < 0.3 else {}),
        **({"tool": draw.choice((b"\0a", b"\0b"))} if draw.random() < 0.2 else {}),
        **({"CODEOWNERS": draw.choice(("* @a\n", "* @a @b\n"))} if draw.random() < 0.3 else {}),
    }
    message = draw.choice(
        ("x", "x (#3)", "SHOP-1: x", "x\n\nwhy", "hotfix: x", "Merge pull request #1 from a/b")
    )
    by = draw.choice((ANN, BEA, RENOVATE, FLUX))
    if draw.random() < 0.35 and story.tip("main"):
        name = f"side{story.clock}"
        story.branch(name, story.tip("main"))
        story.commit(message, files, branch=name, by=by)
        if draw.random() < 0.5:
            story.commit("meanwhile", {"other.txt": str(story.clock)})
        extra = {"evil.yaml": str(story.clock)} if draw.random() < 0.3 else {}
        story.merge(name, message=message, by=draw.choice((ANN, BEA)), files=extra)
    else:
        story.commit(message, files, by=by)


@pytest.mark.parametrize("seed", [1, 2])
def test_in_one_run_or_many(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    settings = Settings(engine="embedded", change_control=STAGES)
    story = History(tmp_path / "repo")
    many = ChangeAudit(story, tmp_path / "many" / "audit.duckdb", settings)
    for _ in range(5):
        for _ in range(draw.randrange(1, 6)):
            advance(story, draw)
        many.scan()
    once = ChangeAudit(story, tmp_path / "once" / "audit.duckdb", settings)
    once.scan()
    expected = sorted(once.rows(_WITHOUT_SIGHT))
    assert sorted(many.rows(_WITHOUT_SIGHT)) == expected
    results = "SELECT rule_id, evaluated, failed, skipped, errors FROM trail.rule_result WHERE rule_id LIKE 'AUD-CHG%'"
    results += (
        " AND rule_id NOT IN ('AUD-CHG-0014', 'AUD-CHG-0015', 'AUD-CHG-0016')"  # more looks see more moves
    )
    assert sorted(many.rows(results)) == sorted(once.rows(results))
    again = many.judged_again()
    said = sorted(
        (one.sighting.id, one.sighting.rule_id, one.opened.sha, one.sighting.message)
        for one in again.lifetimes
    )
    assert said == sorted((row[0], row[2], row[3], row[7]) for row in expected)
    assert {row[2] for row in expected} >= {
        "AUD-CHG-0001",
        "AUD-CHG-0017",
        "AUD-CHG-0020",
        "AUD-CHG-0021",
        "AUD-CHG-0025",
    }


def test_what_an_earlier_run_read_is_known_to_a_later_one(tmp_path: Path) -> None:
    """Taking a revert back is no rollback, also where the revert came in with another run."""
    story = History(tmp_path / "repo")
    audit = ChangeAudit(story, tmp_path / "state" / "audit.duckdb")
    change = story.commit("change", {"notes": "a"})
    taken_back = story.commit(f"not now\n\nThis reverts commit {change}.", {"notes": "b"})
    audit.scan()
    story.commit(f"now\n\nThis reverts commit {taken_back}.", {"notes": "a"})
    audit.scan()
    assert audit.shas(21) == {taken_back}
