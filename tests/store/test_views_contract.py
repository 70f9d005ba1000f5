"""The views that users may query have at least the columns that are promised."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.store.database import open_database
from auditor.store.snapshot import CONTRACT_VIEWS

PROMISED = {
    "commits": "repo sha parents is_merge landed position author_name author_email authored_at committer_name"
    " committer_email committed_at subject body actor_kind pull_request signature_format signature_status signer"
    " lost landed_in",
    "file_changes": "repo sha path old_path change old_blob new_blob old_mode new_mode landed",
    "resource_changes": "repo sha landed position path old_path environment api_version kind namespace name change"
    " old_digest new_digest",
    "field_changes": "repo sha landed position path environment api_version kind namespace name pointer"
    " old_value new_value",
    "resources": "repo environment api_version kind namespace name path sha rendered_from",
    "findings": "id repo rule_id severity state source environment api_version kind namespace name path pointer message"
    " opened_at opened_sha opened_by fixed_at fixed_sha fixed_by days_open engine lost advisory",
    "drift": "cluster api_version kind namespace name pointer declared live verdict manager changed_at actor evidence"
    " seen_at",
    "controls": "framework control title rule_id status open_findings repo position advisory_findings",
    "frameworks": "framework title version url source scope titled_by_us",
    "runs": "id started_at finished_at repo tip status engine engine_version bundle_digest counts generation",
    "pull_requests": "repo forge number url title author state base_branch head_sha merge_sha created_at merged_at"
    " merged_by approvals fetched_at",
    "reviews": "repo forge number id reviewer state commit_sha submitted_at stale official fetched_at",
    "checks": "repo forge number sha name state completed_at url fetched_at",
    "change_units": "repo sha landed_at number url claimed confirmed author approvers merged_by side_commits",
    "ref_observations": "repo ref old_sha new_sha move seen_at run",
    "cross_checks": "repo run cluster environment tip taken_at seen_at compared unknown incomplete",
    "images": "repo environment path api_version kind namespace name pointer field image registry repository tag digest"
    " pinned since_sha since rendered rendered_from policy",
    "registry_facts": "registry repository reference digest signed evidence failure observed_at",
    "traces": "repo finding position path line column what exact sha",
    "landings": "repo sha position landed_at",
    "gaps": "run repo outcome subject reason occurrences example",
    "rules": "rule_id title description severity category remediation advisory",
    "remarks": "run repo position remark",
    "checkpoints": "size root signed_at key_id",
    "waivers": "repo source rule resource reason owner granted expires ticket path line state findings",
}


def test_every_view_is_promised_and_can_be_queried(tmp_path: Path) -> None:
    with open_database(tmp_path / "a.duckdb", create=True) as database:
        views = {
            name
            for (name,) in database.cursor()
            .execute("SELECT view_name FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal")
            .fetchall()
        }
    assert views == set(PROMISED) == set(CONTRACT_VIEWS)


@pytest.mark.parametrize("view", PROMISED)
def test_promised_columns_are_there(view: str, tmp_path: Path) -> None:
    with open_database(tmp_path / "a.duckdb", create=True) as database:
        columns = {column[0] for column in database.cursor().execute(f"FROM {view} LIMIT 0").description}
    assert set(PROMISED[view].split()) <= columns
