"""A small hand-made audit database, whose every answer can be worked out on paper.

One repository, nine commits (eight landed), eight findings, eight observations of drift, two runs. Texts that a
repository's author controls are hostile: markup, formulas, terminal escapes, bidirectional overrides.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from auditor.store.database import open_database

REPO = "shop"
NOW = datetime(2026, 10, 6, 8, 0, tzinfo=UTC)

HOSTILE_SUBJECT = '=HYPERLINK("http://evil.example")<script>alert(1)</script>\x1b[31m'
HOSTILE_NAME = "Mallory | <img src=x onerror=alert(2)> ](http://evil.example)"
HOSTILE_MESSAGE = (
    "image `latest` \u202ereversed <b>bold</b>\n# not a heading\n| a | b |\n![x](http://evil.example/p.png)"
)


def sha(letter: str) -> str:
    return letter * 40


def at(month: int, day: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


ADA = ("Ada", "ada@example.com")
BEN = ("Ben", "ben@example.com")
MALLORY = (HOSTILE_NAME, "mallory@example.com")
BOT = ("renovate[bot]", "bot@example.com")
FLUX = ("fluxbot", "flux@example.com")
FORGE = ("GitHub", "noreply@example.com")

# sha, parents, landed, position, landed_in, author, committer, at, subject, body, actor, request, format, status
COMMITS = [
    ("a", "", True, 0, "a", ADA, ADA, at(5, 1), "Initial import", "", "person", "", "", "none"),
    ("1", "a", False, None, "b", BEN, BEN, at(6, 9), "Add api", "", "person", "", "", "none"),
    ("b", "a1", True, 1, "b", ADA, FORGE, at(6, 10), "Merge pull request #1 from ben/api", "Add api", "person", "1",
     "openpgp", "unchecked"),
    ("c", "b", True, 2, "c", BEN, BEN, at(7, 2), "Add credentials", "", "person", "", "", "none"),
    ("d", "c", True, 3, "d", BOT, FORGE, at(7, 15), "Update web to 1.2 (#2)", "", "bot", "2", "openpgp", "unchecked"),
    ("e", "d", True, 4, "e", MALLORY, MALLORY, at(8, 5), HOSTILE_SUBJECT, "", "person", "", "ssh", "unchecked"),
    ("f", "e", True, 5, "f", BEN, FORGE, at(8, 20), 'Revert "hotfix" (#3)', f"This reverts commit {sha('e')}.",
     "person", "3", "openpgp", "unchecked"),
    ("7", "f", True, 6, "7", FLUX, FLUX, at(9, 30, 23, 30), "Update images", "", "automation", "", "", "none"),
    ("8", "7", True, 7, "8", ADA, FORGE, at(10, 2), "Add worker (#4)", "", "person", "4", "openpgp", "unchecked"),
]  # fmt: skip

RULES = [
    ("AUD-K8S-0001", "Containers do not run as root", "high", "workload"),
    ("AUD-SEC-0001", "No plain Secret in git", "critical", "secrets"),
    ("AUD-K8S-0003", "Images are pinned", "medium", "images"),
    ("AUD-K8S-0004", "Containers have limits", "low", "workload"),
    ("AUD-K8S-0005", "No host network", "high", "workload"),
    ("AUD-K8S-0006", "Rule that cannot be evaluated", "medium", "workload"),
    ("AUD-K8S-0007", "Ingresses use TLS", "medium", "network"),
    ("AUD-K8S-0008", "Rule that never ran", "medium", "network"),
    ("AUD-K8S-0009", "Rule that skipped some", "low", "network"),
]

# id, occurrence, rule, severity, source, kind, namespace, name, path, pointer, message, opened, fixed
FINDINGS = [
    ("f1", 1, "AUD-K8S-0001", "high", "manifest", "Deployment", "shop", "web", "a", ""),
    ("f2", 1, "AUD-K8S-0001", "high", "manifest", "Deployment", "shop", "api", "b", "f"),
    ("f3", 1, "AUD-SEC-0001", "critical", "manifest", "Secret", "shop", "db", "c", "d"),
    ("f3", 2, "AUD-SEC-0001", "critical", "manifest", "Secret", "shop", "db", "e", ""),
    ("f5", 1, "AUD-K8S-0003", "medium", "manifest", "Deployment", "shop", "web", "7", ""),
    ("f6", 1, "AUD-K8S-0003", "medium", "rendered", "Deployment", "shop", "cache", "", ""),
    ("f7", 1, "AUD-K8S-0001", "high", "manifest", "Deployment", "shop", "worker", "8", ""),
    ("f8", 1, "AUD-K8S-0004", "low", "manifest", "Deployment", "shop", "web", "a", "b"),
]

CONTROLS = [
    (
        "soc2",
        "CC1.1",
        "Integrity and ethical values",
        "",
        "Show the code of conduct and who acknowledged it.",
    ),
    ("soc2", "CC6.1", "Logical access security", "AUD-K8S-0001", ""),
    ("soc2", "CC6.1", "Logical access security", "AUD-SEC-0001", ""),
    ("soc2", "CC6.2", "Registration of users", "AUD-K8S-0005", ""),
    ("soc2", "CC6.2", "Registration of users", "AUD-K8S-0007", ""),
    ("soc2", "CC6.8", "Unauthorised software", "AUD-K8S-0005", ""),
    ("soc2", "CC6.8", "Unauthorised software", "AUD-K8S-0008", ""),
    ("soc2", "CC7.1", "Detection of changes", "AUD-K8S-0005", ""),
    ("soc2", "CC7.1", "Detection of changes", "AUD-K8S-0006", ""),
    ("soc2", "CC7.2", "Monitoring of anomalies", "AUD-K8S-0008", ""),
    ("soc2", "CC8.1", "Change management", "AUD-K8S-0003", "Show that each change was requested and tested."),
    ("soc2", "CC8.1", "Change management", "AUD-K8S-0004", "Show that each change was requested and tested."),
    ("soc2", "CC8.10", "Ten comes after one", "AUD-K8S-0009", ""),
    ("soc2", "CC9.2", "Vendors", "AUD-K8S-0005", ""),
    ("iso27001", "A.8.32", "Change management", "AUD-K8S-0003", ""),
]

FRAMEWORKS = [
    {
        "framework": "soc2",
        "title": "SOC 2 (Trust Services Criteria)",
        "version": "2017",
        "url": "https://example.org/soc2",
        "source": "The criteria.",
        "scope": "Some of the criteria.",
        "titled_by_us": True,
    },
    {
        "framework": "iso27001",
        "title": "ISO/IEC 27001:2022, Annex A",
        "version": "2022",
        "url": "https://example.org/iso",
        "source": "Table A.1.",
        "scope": "Annex A.8.",
        "titled_by_us": False,
    },
]

# rule, evaluated, failed, skipped, errors; AUD-K8S-0008 has none: it never ran
RULE_RESULTS = [
    ("AUD-K8S-0001", 4, 2, 0, 0),
    ("AUD-SEC-0001", 1, 1, 0, 0),
    ("AUD-K8S-0003", 4, 2, 1, 0),
    ("AUD-K8S-0004", 4, 0, 0, 0),
    ("AUD-K8S-0005", 4, 0, 0, 0),
    ("AUD-K8S-0006", 3, 0, 0, 1),
    ("AUD-K8S-0007", 0, 0, 0, 0),
    ("AUD-K8S-0009", 9, 0, 90, 0),
]

# run, verdict, kind, name, pointer, declared, live, manager, changed_at, actor, confidence, seen_at
DRIFT = [
    ("r1", "unauthorised", "Deployment", "web", "spec.replicas", "2", "5", "kubectl-scale", at(8, 30), "eve", "high",
     at(9, 1)),
    ("r2", "unauthorised", "Deployment", "web", "spec.replicas", "2", "5", "kubectl-scale", at(8, 30), "eve", "high",
     at(10, 5)),
    ("r2", "stale", "Deployment", "api", "spec.template.spec.containers[name=api].image", '"api:2"', '"api:1"', "flux",
     None, "", "low", at(10, 5)),
    ("r2", "added", "Deployment", "web", "metadata.labels.x", "", '"<script>"', "kubectl-edit", at(9, 2), HOSTILE_NAME,
     "medium", at(10, 5)),
    ("r2", "unpruned", "ConfigMap", "old", "", "", "", "flux", None, "", "low", at(10, 5)),
    ("r2", "deleted", "Service", "web", "", "", "", "", None, "", "low", at(10, 5)),
    ("r2", "orphan", "Secret", "tmp", "", "", "", "kubectl-create", at(9, 3), "eve", "medium", at(10, 5)),
    ("r2", "unmanaged", "Pod", "debug", "", "", "", "kubectl-run", at(9, 4), "", "low", at(10, 5)),
]  # fmt: skip

# sha, kind, name, change
RESOURCE_CHANGES = [
    ("a", "Deployment", "web", "added"),
    ("1", "Deployment", "api", "added"),
    ("b", "Deployment", "api", "added"),
    ("c", "Secret", "db", "added"),
    ("d", "Deployment", "web", "modified"),
    ("d", "Secret", "db", "deleted"),
    ("e", "Secret", "db", "added"),
    ("f", "Deployment", "api", "modified"),
    ("7", "Deployment", "web", "modified"),
    ("8", "Deployment", "worker", "added"),
]

# sha, kind, name, pointer, old, new; all of modified resources
FIELD_CHANGES = [
    ("d", "Deployment", "web", "spec.template.spec.containers[name=web].image", '"web:1.1"', '"web:1.2"'),
    ("7", "Deployment", "web", "spec.template.spec.containers[name=web].image", '"web:1.2"', '"web:latest"'),
    ("7", "Deployment", "web", "spec.replicas", "1", "2"),
    ("f", "Deployment", "api", "spec.template.spec.securityContext.runAsNonRoot", None, "true"),
]

_API = {"Secret": "v1", "ConfigMap": "v1", "Service": "v1", "Pod": "v1", "Deployment": "apps/v1"}


_EMPTY = {"VARCHAR": "", "INTEGER": 0, "BIGINT": 0, "SMALLINT": 0, "BOOLEAN": False, "VARCHAR[]": []}


def insert(connection: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    """Inserts by column name; a column that must have a value and gets none is empty."""
    columns = connection.execute(
        "SELECT column_name, data_type, is_nullable FROM information_schema.columns"
        " WHERE table_schema = 'trail' AND table_name = ? ORDER BY ordinal_position",
        [table],
    ).fetchall()
    unknown = {name for row in rows for name in row} - {name for name, _, _ in columns}
    assert not unknown, f"trail.{table} has no column {unknown}"
    marks = ", ".join("?" for _ in columns)
    connection.executemany(
        f"INSERT INTO trail.{table} VALUES ({marks})",
        [
            [
                row.get(name, None if nullable == "YES" else _EMPTY.get(kind))
                for name, kind, nullable in columns
            ]
            for row in rows
        ],
    )


def versions(commit: str, name: str, change: str) -> dict[str, str]:
    """The digests of a resource's versions before and after a commit; every commit makes its own."""
    return {
        "old_digest": "" if change == "added" else f"{name} before {commit}",
        "new_digest": "" if change == "deleted" else f"{name} of {commit}",
    }


def seed(path: Path) -> Path:
    """Makes the database at `path` and gives the path back."""
    when = {row[0]: row[7] for row in COMMITS}
    who = {row[0]: f"{row[5][0]} <{row[5][1]}>" for row in COMMITS}
    place = {row[0]: row[3] for row in COMMITS}
    common = {"repo": REPO, "environment": "production", "namespace": "shop"}
    engine = {
        "engine": "opa",
        "engine_version": "1.22.2",
        "kubernetes_version": "1.35",
        "auditor_version": "0.1.0",
    }
    with open_database(path, create=True) as database:
        run = database.connection
        insert(
            run,
            "repository",
            [
                {
                    "repo": REPO,
                    "location": "https://git.example/shop",
                    "revision": "main",
                    "first_seen_at": at(9, 1),
                }
            ],
        )
        insert(
            run,
            "run",
            [
                {
                    "id": identity,
                    "repo": REPO,
                    "started_at": started,
                    "finished_at": started.replace(minute=1),
                    "tip": sha(tip),
                    "status": status,
                    "bundle_digest": digest * 64,
                    "counts": {"commits": 9},
                    **engine,
                }
                for identity, started, tip, status, digest in (
                    ("r1", at(9, 1), "f", "complete", "0"),
                    ("r2", at(10, 5), "8", "incomplete", "9"),
                )
            ],
        )
        insert(
            run,
            "gap",
            [
                {
                    "run": identity,
                    "repo": REPO,
                    "outcome": outcome,
                    "subject": subject,
                    "reason": reason,
                    "occurrences": occurrences,
                    "example": example,
                }
                for identity, outcome, subject, reason, occurrences, example in (
                    ("r2", "error", "AUD-K8S-0006", "the rule divides by zero", 1, "apps/<web>.yaml"),
                    ("r2", "skipped", "render", "the chart is not in the repository", 2, "apps/cache.yaml"),
                    ("r1", "skipped", "render", "an older gap", 7, "apps/old.yaml"),
                )
            ],
        )
        insert(
            run,
            "commit_record",
            [
                {
                    "repo": REPO,
                    "sha": sha(commit),
                    "tree": sha("0"),
                    "parents": [sha(parent) for parent in parents],
                    "author_name": author[0],
                    "author_email": author[1],
                    "authored_at": time,
                    "committer_name": committer[0],
                    "committer_email": committer[1],
                    "committed_at": time,
                    "subject": subject,
                    "body": body,
                    "signature_format": form,
                }
                for commit, parents, _, _, _, author, committer, time, subject, body, _, _, form, _ in COMMITS
            ],
        )
        insert(run, "generation", [{"repo": REPO, "generation": 1, "run": "r1", "reason": "first"}])
        insert(
            run,
            "landing",
            [
                {
                    "repo": REPO,
                    "generation": 1,
                    "sha": sha(commit),
                    "landed": landed,
                    "position": position,
                    "landed_in": sha(landed_in),
                    "actor_kind": actor,
                    "pull_request": request,
                }
                for commit, _, landed, position, landed_in, *_, actor, request, _, _ in COMMITS
            ],
        )
        insert(
            run,
            "rule",
            [
                {
                    "rule_id": rule,
                    "title": title,
                    "description": f"{title}: what it is for.",
                    "severity": severity,
                    "category": category,
                    "remediation": "Change the manifest.",
                }
                for rule, title, severity, category in RULES
            ],
        )
        insert(
            run,
            "control",
            [
                dict(zip(("framework", "control", "title", "rule_id", "manual"), row, strict=True))
                for row in CONTROLS
            ],
        )
        insert(run, "framework", FRAMEWORKS)
        insert(
            run,
            "rule_result",
            [
                {
                    "repo": REPO,
                    **dict(zip(("rule_id", "evaluated", "failed", "skipped", "errors"), row, strict=True)),
                }
                for row in RULE_RESULTS
            ],
        )
        insert(
            run,
            "finding",
            [
                {
                    **common,
                    "id": identity,
                    "occurrence": occurrence,
                    "rule_id": rule,
                    "severity": severity,
                    "source": source,
                    "api_version": _API[kind],
                    "kind": kind,
                    "namespace": namespace,
                    "name": name,
                    "path": f"apps/{name}.yaml",
                    "line": 3,
                    "message": HOSTILE_MESSAGE if identity == "f5" else f"{kind} {name} is wrong",
                    "opened_sha": sha(opened) if opened else "",
                    "opened_by": who.get(opened, ""),
                    "opened_at": when.get(opened),
                    "fixed_sha": sha(fixed) if fixed else "",
                    "fixed_by": who.get(fixed, ""),
                    "fixed_at": when.get(fixed),
                    "detected_at": at(10, 5),
                    "detected_run": "r2",
                    "engine": "opa",
                }
                for identity, occurrence, rule, severity, source, kind, namespace, name, opened, fixed in FINDINGS
            ],
        )
        insert(
            run,
            "resource_change",
            [
                {
                    **common,
                    "generation": 1,
                    "sha": sha(commit),
                    "position": place[commit],
                    "landed": place[commit] is not None,
                    "path": f"apps/{name}.yaml",
                    "api_version": _API[kind],
                    "kind": kind,
                    "name": name,
                    "change": change,
                    **versions(commit, name, change),
                }
                for commit, kind, name, change in RESOURCE_CHANGES
            ],
        )
        insert(
            run,
            "field_diff",
            [
                {"repo": REPO, "pointer": pointer, "old_value": old, "new_value": new}
                | versions(commit, name, "modified")
                for commit, _, name, pointer, old, new in FIELD_CHANGES
            ],
        )
        insert(
            run,
            "drift",
            [
                {
                    **common,
                    "run": identity,
                    "cluster": "prod-1",
                    "api_version": _API[kind],
                    "kind": kind,
                    "name": name,
                    "pointer": pointer,
                    "declared": declared,
                    "live": live,
                    "verdict": verdict,
                    "severity": "high",
                    "manager": manager,
                    "changed_at": changed,
                    "actor": actor,
                    "evidence": "managedFields",
                    "confidence": confidence,
                    "declared_sha": sha("a"),
                    "declared_by": who["a"],
                    "declared_at": when["a"],
                    "seen_at": seen,
                }
                for identity, verdict, kind, name, pointer, declared, live, manager, changed, actor, confidence, seen
                in DRIFT
            ],
        )  # fmt: skip
    return path
