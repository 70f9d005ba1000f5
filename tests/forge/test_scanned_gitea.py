"""From the forge to the findings: a whole scan of a repository that a real Gitea serves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from forge.gitea_server import GiteaRepository, GiteaServer, needs_gitea
from histories.audits import Audit

from auditor.pipeline.integrity.verify import VerifyRequest, verify
from auditor.settings import ForgeSetting, Settings

Make = Callable[..., GiteaRepository]

ON_LANDING = {
    "AUD-CHG-0001": "direct-push",
    "AUD-CHG-0002": "forged-merge-message",
    "AUD-CHG-0003": "merge-without-request",
    "AUD-CHG-0007": "unapproved-change",
    "AUD-CHG-0008": "self-approval",
    "AUD-CHG-0009": "stale-approval",
    "AUD-CHG-0010": "owner-missing",
}
"""The rules that a forge's word decides; the others are about signatures, times and contents."""


def landed(
    fleet: GiteaRepository, branch: str, author: str, approver: str, path: str, *, after: str = ""
) -> str:
    """A request by `author`, approved by `approver` ('' for nobody), changed by `after` since; the landed commit."""
    fleet.write(author, "main", {path: f"value: {branch}\n"}, new=branch)
    number = fleet.open(author, branch, body="Because.")
    if after == approver and after:
        fleet.settled(number, head=fleet.write(after, branch, {path: f"value: {branch} by {after}\n"}))
    if approver:
        fleet.review(approver, number)
    if after and after != approver:
        fleet.settled(number, head=fleet.write(after, branch, {path: f"value: {branch} and more\n"}))
    return fleet.merge("cem", number)


@needs_gitea
def test_each_is_found_where_it_is_and_nowhere_else(
    repository: Make, gitea: GiteaServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet = repository(
        {"CODEOWNERS": "apps/.* @dora\n", "apps/web.yaml": "value: 1\n", "infra/dns.yaml": "zone: a\n"}
    )
    shas = {
        "fair": landed(fleet, "fair", "ann", "dora", "apps/web.yaml"),
        "unapproved": landed(fleet, "unapproved", "dora", "", "infra/dns.yaml"),
        "own work": landed(fleet, "own-work", "dora", "bob", "infra/dns.yaml", after="bob"),
        "stale": landed(fleet, "stale", "ann", "bob", "infra/dns.yaml", after="ann"),
        "no owner": landed(fleet, "no-owner", "ann", "bob", "apps/web.yaml"),
    }
    shas["pushed"] = fleet.write("cem", "main", {"infra/dns.yaml": "zone: z\n"}, message="Quickly")
    monkeypatch.setenv("AUDITOR_FORGE_TOKEN", gitea.token("root-admin"))
    setting = ForgeSetting(kind="gitea", repository=f"{fleet.owner}/{fleet.name}", url=gitea.url)
    audit = Audit(Path(fleet.location), tmp_path / "audit.duckdb", Settings(engine="embedded", forge=setting))
    result = audit.scan()
    assert result.incomplete == ()
    names = {sha: name for name, sha in shas.items()}
    found: dict[str, set[str]] = defaultdict(set)
    for rule_id, sha in audit.rows("SELECT rule_id, opened_sha FROM findings WHERE source = 'change'"):
        found[names.get(sha, "before")].add(ON_LANDING.get(rule_id, "other"))
    expected = {
        "fair": set(),
        "unapproved": {"unapproved-change"},
        "own work": {"self-approval"},
        "stale": {"stale-approval"},
        "no owner": {"owner-missing"},
        "pushed": {"direct-push", "unapproved-change"},
    }
    assert {name: found[name] - {"other"} for name in expected} == expected
    landed_shas = [sha for (sha,) in audit.rows("SELECT sha FROM commits WHERE landed")]
    assert dict(audit.rows("SELECT sha, confirmed FROM change_units")) == {
        **dict.fromkeys(landed_shas, "not confirmed by a forge"),
        **dict.fromkeys(shas.values(), "confirmed"),
        shas["pushed"]: "contradicted",
    }
    before = audit.rows(
        "SELECT count(*) FROM trail.pull_request UNION ALL SELECT count(*) FROM trail.change_unit"
    )
    assert audit.scan().incomplete == ()
    assert (
        audit.rows("SELECT count(*) FROM trail.pull_request UNION ALL SELECT count(*) FROM trail.change_unit")
        == before
    )
    monkeypatch.setenv("AUDITOR_FORGE_TOKEN", "no-such-token")
    (why,) = audit.scan().incomplete
    assert "answered 401" in why
    assert audit.rows("SELECT count(*) FROM change_units WHERE confirmed = 'confirmed'") == [(5,)]
    assert (
        verify(VerifyRequest(database=audit.database, settings=audit.settings, git=False)).everything_wrong
        == []
    )
