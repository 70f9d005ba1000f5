"""Rules on how changes land and what they say of made-up commits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

CHANGE_RULES = (
    ("AUD-CHG-0001", "A change landed without a pull request", "low"),
    ("AUD-CHG-0002", "A commit claims to be a merge and is none", "high"),
    ("AUD-CHG-0003", "A merge names no pull request", "low"),
    ("AUD-CHG-0004", "A landed commit is not signed", "low"),
)


def change_findings(landed: Sequence[dict[str, Any]], *, forged: str) -> list[dict[str, object]]:
    """One finding a landed commit and rule that objects to it; `forged` is the commit that lies about a merge."""
    return [
        {
            "id": "F-" + hashlib.sha256((rule + commit["sha"]).encode()).hexdigest()[:16],
            "occurrence": 1,
            "repo": commit["repo"],
            "rule_id": rule,
            "severity": severity,
            "source": "change",
            "line": 0,
            "kind": "Commit",
            "name": commit["sha"][:12],
            "message": f"{commit['author_name']}: {title.lower()}",
            "opened_sha": commit["sha"],
            "opened_by": commit["author_name"],
            "opened_at": commit["committed_at"],
            "detected_at": landed[-1]["committed_at"],
            "detected_run": "R-2",
            "engine": "built-in",
        }
        for commit in landed
        for rule, title, severity in _objections(commit, forged)
    ]


def _objections(commit: dict[str, Any], forged: str) -> Iterator[tuple[str, str, str]]:
    direct, lying, _, unsigned = CHANGE_RULES
    if commit["parents"] and not commit["pull_request"] and commit["actor_kind"] == "person":
        yield direct
    if commit["sha"] == forged:
        yield lying
    if commit["signature_status"] == "none":
        yield unsigned
