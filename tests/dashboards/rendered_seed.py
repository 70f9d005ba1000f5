"""Findings on what is rendered, each traced as well as it can be: exactly, nearly, to a file, not at all."""

from __future__ import annotations

from pathlib import Path

from service.trail_seed import REPO, insert, seed, sha

from auditor.store.database import open_database

FIELD = "spec.template.spec.containers[name=web].image"
PATCH = "apps/production/patch.yaml"
DEPLOYMENT = "apps/base/web/deployment.yaml"
TEMPLATE = "charts/web/templates/deployment_(1).yaml"
WRITER = sha("commit 12")
PROBLEMS = (
    "Kustomization flux-system/a: lstat b; no such file",
    "Kustomization flux-system/b: <b>no</b> [name](x)",
)

_WAY = (
    ("apps/base/web/kustomization.yaml", 0, "a kustomization on the way"),
    ("clusters/production/apps.yaml", 3, "it deploys it"),
)
_TRACES = {
    "exact": (FIELD, True, ((PATCH, 7, "set by a patch"), (DEPLOYMENT, 1, "brings the resource in"), *_WAY)),
    "whole": ("", True, ((DEPLOYMENT, 9, "written here"), *_WAY)),
    "near": (FIELD, False, ((DEPLOYMENT, 14, "written here"), *_WAY)),
    "file": (FIELD, False, ((TEMPLATE, 0, "the chart's template"), _WAY[1])),
    "none": (FIELD, False, ()),
    "several": ("", False, ()),
}


def finding_id(how: str) -> str:
    """The id of the finding that is traced so, or whose message tells `several` problems."""
    return f"F-{sha(how)[:12]}"


def seed_rendered(path: Path) -> Path:
    """The made-up database with a rendered finding for each way of being traced."""
    seed(path)
    with open_database(path) as database:
        (opened,) = database.connection.execute(
            "SELECT max(committed_at) FROM commits WHERE landed"
        ).fetchall()[0]
        common: dict[str, object] = {
            "repo": REPO, "occurrence": 1, "severity": "high", "source": "rendered", "environment": "production",
            "api_version": "apps/v1", "kind": "Deployment", "namespace": "payments", "name": "web", "engine": "embedded",
            "opened_sha": sha("commit 4"), "opened_by": "Ana Souza", "opened_at": opened, "detected_at": opened,
            "detected_run": "R-2",
        }  # fmt: skip
        insert(
            database,
            "finding",
            [
                {
                    **common,
                    "id": finding_id(how),
                    "rule_id": "AUD-KUSTOMIZE-0001" if how == "several" else "workload-latest-tag",
                    "path": places[0][0] if places else DEPLOYMENT,
                    "line": places[0][1] if places else 0,
                    "pointer": pointer,
                    "opened_path": DEPLOYMENT,
                    "message": "\n".join(f"• {one}" for one in PROBLEMS)
                    if how == "several"
                    else f"{how} one",
                }
                for how, (pointer, _, places) in _TRACES.items()
            ],
        )
        insert(
            database,
            "trace",
            [
                {
                    "repo": REPO,
                    "finding": finding_id(how),
                    "position": position,
                    "path": place,
                    "line": line,
                    "column": 1,
                    "what": what,
                    "exact": exact,
                    "sha": WRITER if exact and position == 0 else "",
                    "key": "",
                }
                for how, (_, exact, places) in _TRACES.items()
                for position, (place, line, what) in enumerate(places)
            ],
        )
        gap = {"run": "R-2", "repo": REPO, "outcome": "skipped", "subject": "kustomize", "occurrences": 9}
        insert(database, "gap", [{**gap, "reason": "\n".join(f"• {one}" for one in PROBLEMS)}])
    return path
