"""A made-up audit database, the same on every call: 18 months of an imaginary repository.

Rows go into the base tables through Arrow, so the pages' queries meet the real views. Some texts are
hostile on purpose: markup, markdown links, formulas, control and bidirectional characters.
"""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
from service.change_seed import CHANGE_RULES, change_findings

from auditor.store.database import Database, open_database

REPO = "payments-platform"
START = datetime(2025, 3, 3, 8, tzinfo=UTC)
HOSTILE_SUBJECT = (
    "<script>alert(1)</script> [click](javascript:alert(1)) $\\int x$ :red[gone] ![x](http://a.example/x.png)"
)
HOSTILE_BODY = (
    "# not a heading\n\n| a | b |\n|---|---|\n<img src=x onerror=alert(1)>\n:streamlit: \u202egnp.exe\x1b[31m"
)
HOSTILE_NAME = "web](javascript:alert(1))`"
HOSTILE_MESSAGE = '=HYPERLINK("http://a.example","x") **bold** :material/home: container [x](javascript:alert(1)) runs as root'

_PEOPLE = (
    ("Ana Souza", "ana@example.org", "person"),
    ("Jonas Weber", "jonas@example.org", "person"),
    ("Mei Lin", "mei@example.org", "person"),
    ("Samuel Okafor", "samuel@example.org", "person"),
    ("Priya Raman", "priya@example.org", "person"),
    ("renovate[bot]", "29139614+renovate[bot]@users.noreply.github.com", "bot"),
    ("fluxcdbot", "flux@example.org", "automation"),
)
_RULES = (
    ("workload-run-as-non-root", "Containers run as a non-root user", "high"),
    ("workload-privileged", "No privileged containers", "critical"),
    ("workload-resource-limits", "Containers set memory limits", "medium"),
    ("workload-latest-tag", "Images are not tagged `latest`", "medium"),
    ("workload-host-path", "No hostPath volumes", "high"),
    ("workload-probes", "Containers have readiness probes", "low"),
    ("rbac-wildcard", "Roles name their verbs and resources", "critical"),
    ("network-policy-missing", "Every namespace has a network policy", "low"),
    ("secret-plain", "No secrets in plain text", "critical"),
    ("service-node-port", "No NodePort services", "low"),
    ("workload-service-account-token", "Service account tokens are mounted only where needed", "medium"),
    ("ingress-tls", "Ingresses use TLS", "high"),
)
_KINDS = (
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("batch/v1", "CronJob"),
    ("v1", "Service"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
)
_NAMES = ("api", "web", "ledger", "worker", "gateway", "reports", "auth", "cache", "mailer", "scheduler")
_OF_LANDING = ("landed", "position", "landed_in", "actor_kind", "pull_request")
_VERDICTS = ("stale", "unauthorised", "added", "unpruned", "deleted", "orphan", "unmanaged")


def seed_empty(path: Path) -> Path:
    """A database with a schema and nothing in it."""
    open_database(path, create=True).close()
    return path


def seed(path: Path, *, incomplete: bool = False, commits: int = 150, findings: int = 200) -> Path:
    """Writes the made-up database to `path`; with `incomplete`, the last run could not evaluate everything."""
    chance = random.Random(20250303)
    with open_database(path, create=True) as database:
        landed = _commits(database, chance, commits)
        _rules(database, chance, incomplete=incomplete)
        _findings(database, chance, landed, findings)
        _changes(database, landed)
        _drift(database, chance, landed)
        _runs(database, landed, incomplete=incomplete)
        _integrity(database, landed)
        _request(database, landed)
    return path


def sha(text: str) -> str:
    """A commit id made of a text."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def insert(database: Database, name: str, rows: list[dict[str, object]]) -> None:
    """Appends rows to `trail.<name>`; columns not given are '' / false / NULL by type."""
    columns = database.connection.execute(
        "SELECT column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = 'trail' AND table_name = ?",
        [name],
    ).fetchall()
    unknown = {key for row in rows for key in row} - {column for column, _ in columns}
    assert not unknown, f"trail.{name} has no column {unknown}"
    empty = {"VARCHAR": "", "BOOLEAN": False, "BIGINT": 0, "SMALLINT": 0, "VARCHAR[]": []}
    counts = pa.map_(pa.string(), pa.int64())
    batch = pa.table(
        {
            column: pa.array(
                [row.get(column, empty.get(kind)) for row in rows], counts if "MAP" in kind else None
            )
            for column, kind in columns
        }
    )
    cursor = database.connection
    cursor.register("batch", batch)
    cursor.execute(f"INSERT INTO trail.{name} BY NAME SELECT * FROM batch")
    cursor.unregister("batch")


def _commits(database: Database, chance: random.Random, count: int) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    files: list[dict[str, object]] = []
    changes: list[dict[str, object]] = []
    fields: list[dict[str, object]] = []
    landed: list[dict[str, object]] = []
    declared: set[tuple[str, str]] = set()
    at = START
    step = timedelta(days=548) / count
    for number in range(count):
        at += step * chance.uniform(0.2, 1.8)
        name, email, kind = chance.choices(_PEOPLE, weights=(6, 5, 5, 3, 3, 8, 4))[0]
        on_branch = number % 7 == 3 and number > 0
        place = _NAMES[number % len(_NAMES)]
        subject = f"{chance.choice(('Raise', 'Add', 'Change', 'Remove'))} {place} {chance.choice(('memory limit', 'image', 'replicas', 'probe', 'policy'))}"
        if kind == "bot":
            subject = f"chore(deps): update image {place} to v1.{number}.0 (#{300 + number})"
        row: dict[str, object] = {
            "repo": REPO,
            "sha": sha(f"commit {number}"),
            "tree": sha(f"tree {number}"),
            "parents": [landed[-1]["sha"]] if landed else [],
            "landed": not on_branch,
            "position": None if on_branch else len(landed),
            "author_name": name,
            "author_email": email,
            "authored_at": at - timedelta(hours=3),
            "committer_name": name,
            "committer_email": email,
            "committed_at": at,
            "subject": HOSTILE_SUBJECT if number == count - 2 else subject,
            "body": HOSTILE_BODY if number == count - 2 else "Requested in OPS-1432.\n\nReviewed-by: Mei Lin",
            "actor_kind": kind,
            "pull_request": f"#{300 + number}" if number % 3 else "",
            "signature_format": "ssh" if number % 4 == 0 else "",
            "signature_status": "unchecked" if number % 4 == 0 else "none",
        }
        row["landed_in"] = sha(f"commit {number + 1}") if on_branch else row["sha"]  # merged by the next
        rows.append(row)
        if not on_branch:
            landed.append(row)
        path = f"apps/{place}/{chance.choice(('production', 'staging'))}/deployment.yaml"
        of_commit = {"repo": REPO, "sha": row["sha"]}
        files.append(
            {**of_commit, "path": path, "change": "modified", "old_mode": "100644", "new_mode": "100644"}
        )
        here = (place, path.split("/")[2])
        first = bool(row["landed"]) and here not in declared
        if first:
            declared.add(here)
        old = "" if first else f"{place} before {number}"
        versions = {"old_digest": old, "new_digest": f"{place} of {number}"}
        resource: dict[str, object] = {
            **of_commit,
            **versions,
            "generation": 1,
            "landed": row["landed"],
            "environment": path.split("/")[2],
            "api_version": "apps/v1",
            "kind": "Deployment",
            "namespace": "payments",
            "name": place,
        }
        change = {"position": row["position"], "path": path, "change": "added" if first else "modified"}
        changes.append({**resource, **change})
        fields.append(
            {
                **versions,
                "repo": REPO,
                "pointer": f"spec.template.spec.containers[name={place}].image",
                "old_value": None if first else f'"registry.example.org/{place}:v1.{number - 1}.0"',
                "new_value": f'"registry.example.org/{place}:v1.{number}.0"',
            }
        )
    insert(
        database, "repository", [{"repo": REPO, "location": "", "revision": "main", "first_seen_at": START}]
    )
    insert(
        database,
        "commit_record",
        [{key: row[key] for key in row if key not in (*_OF_LANDING, "signature_status")} for row in rows],
    )
    insert(database, "generation", [{"repo": REPO, "generation": 1, "run": "R-1", "reason": "first"}])
    insert(
        database,
        "landing",
        [
            {"repo": REPO, "generation": 1, "sha": row["sha"], **{key: row[key] for key in _OF_LANDING}}
            for row in rows
        ],
    )
    insert(database, "file_change", files)
    insert(database, "resource_change", changes)
    insert(database, "field_diff", fields)
    return landed


def _rules(database: Database, chance: random.Random, *, incomplete: bool) -> None:
    insert(
        database,
        "rule",
        [
            {
                "rule_id": rule,
                "title": title,
                "severity": severity,
                "category": "workload",
                "description": f"{title}. A container that breaks this gives an attacker more than it needs.",
                "remediation": "Set the field in the workload's pod template, for example:\n\n"
                "spec:\n  template:\n    spec:\n      securityContext:\n        runAsNonRoot: true\n",
            }
            for rule, title, severity in _RULES
        ],
    )
    insert(
        database,
        "rule_result",
        [
            {
                "repo": REPO,
                "rule_id": rule,
                "evaluated": chance.randint(20, 240),
                "failed": chance.randint(0, 12),
                "skipped": chance.randint(0, 6),
                "errors": 2 if incomplete and rule == "ingress-tls" else 0,
            }
            for rule, _, _ in _RULES[:-1] + ((_RULES[-1],) if incomplete else ())
        ],
    )
    controls = [
        {"framework": framework, "control": control, "title": title, "rule_id": rule, "manual": manual}
        for framework, control, title, ruled, manual in (
            (
                "soc2",
                "CC6.1",
                "Logical access security",
                ("rbac-wildcard", "workload-service-account-token"),
                "",
            ),
            ("soc2", "CC6.6", "Boundary protection", ("service-node-port", "ingress-tls"), ""),
            ("soc2", "CC7.1", "Configuration monitoring", ("workload-latest-tag",), ""),
            (
                "soc2",
                "CC8.1",
                "Change management",
                ("secret-plain",),
                "Keep the change tickets of the period.",
            ),
            ("soc2", "CC1.4", "Commitment to competence", ("",), "Show training records."),
            ("pss-restricted", "runAsNonRoot", "Running as non-root", ("workload-run-as-non-root",), ""),
            ("pss-restricted", "hostPath", "HostPath volumes", ("workload-host-path",), ""),
        )
        for rule in ruled
    ]
    insert(database, "control", controls)


def _findings(database: Database, chance: random.Random, landed: list[dict[str, object]], count: int) -> None:
    rows: list[dict[str, object]] = []
    for number in range(count):
        rule, title, severity = _RULES[number % len(_RULES)]
        version, kind = _KINDS[number % len(_KINDS)]
        name = HOSTILE_NAME if number == 7 else _NAMES[chance.randrange(len(_NAMES))]
        opened = chance.randrange(len(landed) - 5)
        fixed = None
        if chance.random() < 0.62:
            fixed = min(len(landed) - 1, opened + 1 + int(chance.expovariate(1 / 14)))
        environment = ("production", "staging", "default")[number % 3]
        rows.append(
            {
                "id": f"F-{sha(f'finding {number}')[:12]}",
                "occurrence": 1,
                "repo": REPO,
                "rule_id": rule,
                "severity": severity,
                "source": "rendered" if number == 11 else "manifest",
                "environment": environment,
                "api_version": version,
                "kind": kind,
                "namespace": "payments",
                "name": name,
                "path": f"apps/{name}/{environment}/{kind.lower()}.yaml",
                "line": 14 + number % 9,
                "pointer": "spec.template.spec.containers[name=app].securityContext.runAsNonRoot",
                "message": HOSTILE_MESSAGE
                if number == 7
                else f"{title}: container app of {kind} {name} does not",
                "opened_sha": landed[opened]["sha"],
                "opened_by": landed[opened]["author_name"],
                "opened_at": landed[opened]["committed_at"],
                "fixed_sha": landed[fixed]["sha"] if fixed is not None else "",
                "fixed_by": landed[fixed]["author_name"] if fixed is not None else "",
                "fixed_at": landed[fixed]["committed_at"] if fixed is not None else None,
                "detected_at": landed[-1]["committed_at"],
                "detected_run": "R-2",
                "engine": "embedded",
            }
        )
    again = {**rows[0], "occurrence": 2, "fixed_sha": "", "fixed_by": "", "fixed_at": None}
    again.update(opened_sha=landed[-3]["sha"], opened_at=landed[-3]["committed_at"])
    first = rows[0]
    first.update(fixed_sha=landed[-9]["sha"], fixed_by="Mei Lin", fixed_at=landed[-9]["committed_at"])
    rows.append(again)
    insert(database, "finding", rows)


def _changes(database: Database, landed: list[dict[str, object]]) -> None:
    """What is said of how the commits landed; the one with the hostile message poses as a merge."""
    found = change_findings(landed, forged=sha("commit 148"))
    insert(database, "finding", found)
    insert(
        database,
        "rule",
        [
            {
                "rule_id": rule,
                "title": title,
                "severity": severity,
                "category": "change-control",
                "description": f"{title}, so nothing shows that anybody else saw it.",
                "remediation": "Protect the branch.",
            }
            for rule, title, severity in CHANGE_RULES
        ],
    )
    insert(
        database,
        "rule_result",
        [
            {
                "repo": REPO,
                "rule_id": rule,
                "evaluated": len(landed),
                "failed": sum(finding["rule_id"] == rule for finding in found),
            }
            for rule, _, _ in CHANGE_RULES
        ],
    )
    control = {"framework": "slsa-source", "control": "Level 4", "title": "Two-party review"}
    insert(database, "control", [{**control, "rule_id": CHANGE_RULES[0][0]}])


def _drift(database: Database, chance: random.Random, landed: list[dict[str, object]]) -> None:
    last = landed[-1]
    rows: list[dict[str, object]] = []
    for number in range(21):
        verdict = _VERDICTS[number % len(_VERDICTS)]
        setter = landed[-4 - number]
        name = _NAMES[number % len(_NAMES)]
        whole = verdict in ("deleted", "orphan", "unmanaged")
        rows.append(
            {
                "repo": REPO,
                "run": "R-2",
                "cluster": ("production-eu", "staging")[number % 2],
                "environment": ("production", "staging")[number % 2],
                "api_version": "apps/v1",
                "kind": "Deployment",
                "namespace": "payments",
                "name": name,
                "pointer": "" if whole else f"spec.template.spec.containers[name={name}].image",
                "declared": "" if verdict in ("added", "orphan", "unmanaged") else f'"example.org/{name}:v2"',
                "live": "" if verdict == "deleted" else f'"example.org/{name}:v1"',
                "verdict": verdict,
                "severity": ("high", "medium", "low", "critical")[number % 4],
                "manager": "kubectl-edit" if number % 2 else "kustomize-controller",
                "changed_at": last["committed_at"] if number % 3 else None,
                "actor": "jane@example.org" if number % 3 else "",
                "evidence": "audit event: update by kubectl-edit" if number % 3 else "managedFields only",
                "confidence": ("high", "medium", "low")[number % 3],
                "matches_commit": setter["sha"] if verdict == "stale" else "",
                "declared_sha": "" if verdict in ("orphan", "unmanaged") else setter["sha"],
                "declared_by": "" if verdict in ("orphan", "unmanaged") else setter["author_name"],
                "declared_at": None if verdict in ("orphan", "unmanaged") else setter["committed_at"],
                "seen_at": last["committed_at"],
            }
        )
    insert(database, "drift", rows)
    checks: list[dict[str, object]] = [
        {
            "repo": REPO,
            "run": run,
            "cluster": cluster,
            "environment": environment,
            "tip": landed[at]["sha"],
            "taken_at": landed[at]["committed_at"],
            "seen_at": landed[at]["committed_at"],
            "compared": compared,
            "unknown": unknown,
            "incomplete": ["secrets"] if unknown else [],
        }
        for run, at, cluster, environment, compared, unknown in (
            ("R-1", -20, "production-eu", "production", 60, 9),
            ("R-2", -1, "production-eu", "production", 71, 2),
            ("R-2", -1, "staging", "staging", 40, 0),
            ("R-2", -1, "lab", "lab", 12, 0),
        )
    ]
    insert(database, "cross_check", checks)


def _runs(database: Database, landed: list[dict[str, object]], *, incomplete: bool) -> None:
    def run(name: str, tip: dict[str, object], status: str) -> dict[str, object]:
        at = tip["committed_at"]
        assert isinstance(at, datetime)
        return {
            "id": name,
            "repo": REPO,
            "started_at": at + timedelta(hours=1),
            "finished_at": at + timedelta(hours=1, seconds=41),
            "tip": tip["sha"],
            "status": status,
            "engine": "embedded",
            "engine_version": "1.5.0",
            "bundle_digest": "sha256:" + "a1" * 32,
            "parser_version": 1,
            "kubernetes_version": "1.34",
            "auditor_version": "0.1.0",
            "counts": [("commits", 150), ("blobs", 480), ("documents", 700)],
        }

    rows = [
        run("R-1", landed[-20], "complete"),
        run("R-2", landed[-1], "incomplete" if incomplete else "complete"),
    ]
    insert(database, "run", rows)
    gaps: list[dict[str, object]] = [
        {
            "run": "R-2",
            "repo": REPO,
            "outcome": "skipped",
            "subject": "apps/gateway/chart",
            "reason": "Helm chart templates are judged only as rendered",
            "occurrences": 6,
            "example": "apps/gateway/chart/templates/deployment.yaml",
        }
    ]
    if incomplete:
        gaps.append(
            {
                "run": "R-2",
                "repo": REPO,
                "outcome": "error",
                "subject": "ingress-tls",
                "reason": "the rule stopped: <b>no such key</b> [x](javascript:alert(1))",
                "occurrences": 2,
                "example": "apps/web/production/ingress.yaml",
            }
        )
    insert(database, "gap", gaps)


LOST = 143
"""The number of the commit that no ref reaches any more."""


def _integrity(database: Database, landed: list[dict[str, object]]) -> None:
    """A log of 5,000 records, signed at 4,200; main was rewritten once."""
    at = landed[-1]["committed_at"]
    assert isinstance(at, datetime)
    insert(
        database,
        "tree_head",
        [
            {"size": size, "root": bytes([size % 251]) * 32, "frontier": b"", "run": run, "recorded_at": at}
            for size, run in ((4200, "R-1"), (5000, "R-2"))
        ],
    )
    signed = {"size": 4200, "root": "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=", "signed_at": at}
    insert(database, "checkpoint", [{**signed, "key_id": "example.org/audit+0a1b2c3d", "note": "…"}])
    lost = sha(f"commit {LOST}")
    insert(database, "commit_loss", [{"repo": REPO, "sha": lost, "lost": True, "seen_at": at, "run": "R-2"}])
    moves = (
        ("refs/heads/main", "", landed[-20]["sha"], "created"),
        ("refs/heads/main", lost, landed[-1]["sha"], "rewritten"),
        (f"refs/tags/{HOSTILE_NAME}", landed[3]["sha"], landed[4]["sha"], "moved"),
    )
    insert(
        database,
        "ref_observation",
        [
            {
                "repo": REPO,
                "ref": ref,
                "old_sha": old,
                "new_sha": new,
                "move": move,
                "seen_at": at,
                "run": "R-2",
            }
            | {"seq": seq}
            for seq, (ref, old, new, move) in enumerate(moves)
        ],
    )


def _request(database: Database, landed: list[dict[str, object]]) -> None:
    """What a forge told of the commit with the hostile message."""
    landing = sha("commit 148")
    at = landed[-1]["committed_at"]
    request = {"repo": REPO, "forge": "gitea", "number": 448}
    head = sha("head of 448")
    told = {
        "title": f"chore: {HOSTILE_SUBJECT}",
        "url": "https://git.example.org/payments/platform/pulls/448",
        "state": "merged",
    }
    people = {"author": "jonas", "merged_by": "ana", "head_sha": head, "merge_sha": landing}
    times = {"created_at": at, "updated_at": at, "merged_at": at, "fetched_at": at}
    insert(database, "pull_request", [{**request, **told, **people, **times, "seq": 1}])
    insert(
        database,
        "review",
        [
            {**request, "id": str(seq), "reviewer": who, "state": state, "commit_sha": head, "seq": seq}
            | {"submitted_at": at, "fetched_at": at}
            for seq, (who, state) in enumerate((("mei", "approved"), (HOSTILE_NAME, "commented")), start=2)
        ],
    )
    check = {"sha": head, "name": "lint", "state": "failure", "fetched_at": at}
    insert(database, "check_result", [{**request, **check, "seq": 4}])
    unit = {
        "sha": landing,
        "url": told["url"],
        "claimed": "#448",
        "confirmed": "confirmed",
        "method": "squash",
    }
    reason = "request 448 landed as this commit"
    insert(database, "change_unit", [{**request, **unit, "reason": reason, "decided_at": at, "seq": 5}])
