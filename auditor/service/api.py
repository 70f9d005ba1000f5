"""The read-only JSON API, mounted under /api beside the dashboard."""

from __future__ import annotations

import html
from collections import Counter
from datetime import date
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse

from auditor import __version__
from auditor.errors import AuditorError
from auditor.model import DriftVerdict, Severity
from auditor.service import models
from auditor.service.context import ServiceContext
from auditor.service.parameters import NOT_FOUND, Limit, Names, Offset, Text
from auditor.service.trail_api import add_trail
from auditor.store.pages import changes, drift, findings, overview, runs


def create_api(context: ServiceContext) -> FastAPI:
    """The API over one open database. Its pages load nothing from elsewhere."""
    api = FastAPI(
        title="auditor",
        version=__version__,
        description="Read-only answers from the audit database. Lists are paged by `limit` and `offset`.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    _add_summary(api, context)
    _add_findings(api, context)
    add_trail(api, context)
    _add_drift(api, context)

    @api.exception_handler(AuditorError)
    def unavailable(_request: Request, problem: AuditorError) -> JSONResponse:
        """A database that cannot answer is said to be that, with the way out."""
        return JSONResponse({"detail": str(problem)}, status_code=503)

    @api.get("/docs", include_in_schema=False)
    def documentation() -> HTMLResponse:
        """A plain page that lists the endpoints: no script, no style or font from elsewhere."""
        return HTMLResponse(_documentation(api.openapi()))

    return api


def _add_summary(api: FastAPI, context: ServiceContext) -> None:
    @api.get("/health")
    def health() -> models.Health:
        """Whether the database answers."""
        with context.cursor() as cursor:
            overview.repositories(cursor)
        return models.Health(status="ok", version=__version__)

    @api.get("/summary")
    def summary(repo: Text = "") -> models.Summary:
        """The headline of one repository, or of all. Findings about how commits landed are counted apart."""
        with context.cursor() as cursor:
            head = overview.headline(cursor, repo)
            latest = overview.latest_run(cursor, repo)
            verdicts: Counter[str] = Counter()
            for row in drift.drift_by_verdict(cursor, repo):
                verdicts[row["verdict"]] += row["n"]
            return models.Summary(
                repositories=overview.repositories(cursor),
                run=_run(latest) if latest else None,
                gaps=[
                    models.GapItem(**gap) for gap in (runs.run_gaps(cursor, latest["id"]) if latest else [])
                ],
                open_by_severity=overview.open_by_severity(cursor, repo),
                open_changes_by_rule={
                    row["rule_id"]: row["open"] for row in changes.change_rules(cursor, repo) if row["open"]
                },
                cross_checks=[
                    models.CrossCheckItem(**check) for check in drift.latest_cross_checks(cursor, repo)
                ],
                drift_by_verdict=dict(verdicts),
                landed_commits=head["landed"],
                first_landed_at=head["first_at"],
                last_landed_at=head["last_at"],
                **{name: head[name] for name in ("open", "fixed", "waived", "drift", "commits")},
            )

    @api.get("/runs")
    def list_runs(repo: Text = "", limit: Limit = 100) -> list[models.RunItem]:
        """Runs, newest first."""
        with context.cursor() as cursor:
            return [_run(row) for row in runs.list_runs(cursor, repo, limit=limit)]


def _add_findings(api: FastAPI, context: ServiceContext) -> None:
    @api.get("/findings")
    def list_findings(
        repo: Text = "",
        source: Annotated[
            findings.Source,
            Query(
                description="What findings are about: 'resources' (resources and files), 'changes' (how a commit"
                " landed: an event, open for good) or 'all'. A finding's own `source` says 'manifest', 'file' or"
                " 'rendered', or 'change'."
            ),
        ] = findings.Source.ALL,
        severity: Annotated[list[Severity], Query()] = [],  # noqa: B006 - FastAPI copies it
        state: Names = [],  # noqa: B006
        environment: Names = [],  # noqa: B006
        kind: Names = [],  # noqa: B006
        rule: Names = [],  # noqa: B006
        person: Names = [],  # noqa: B006
        text: Text = "",
        opened_from: date | None = None,
        opened_to: date | None = None,
        limit: Limit = 100,
        offset: Offset = 0,
    ) -> models.Page[models.FindingItem]:
        """Findings that match every filter: open first, then worst, then newest.

        `source` is 'all' by default, so findings about how commits landed are among them; 'resources'
        leaves them out, 'changes' gives them alone.
        """
        wanted = findings.FindingFilter(
            repo=repo,
            source=source,
            severities=tuple(severity),
            states=tuple(state),
            environments=tuple(environment),
            kinds=tuple(kind),
            rules=tuple(rule),
            people=tuple(person),
            text=text,
            opened_from=opened_from,
            opened_to=opened_to,
        )
        with context.cursor() as cursor:
            return models.Page(
                total=findings.count_findings(cursor, wanted),
                limit=limit,
                offset=offset,
                items=[
                    models.FindingItem(**row)
                    for row in findings.list_findings(cursor, wanted, limit=limit, offset=offset).to_pylist()
                ],
            )

    @api.get("/findings/{finding_id}", responses=NOT_FOUND)
    def finding(finding_id: str, repo: Text = "") -> models.FindingDetail:
        """One finding with its occurrences."""
        with context.cursor() as cursor:
            found = findings.finding_occurrences(cursor, finding_id, repo)
        if not found:
            raise HTTPException(404, "there is no finding with this id")
        found = [row for row in found if row["repo"] == found[0]["repo"]]
        return models.FindingDetail(**found[0], occurrences=[models.FindingItem(**row) for row in found])


def _add_drift(api: FastAPI, context: ServiceContext) -> None:
    @api.get("/drift")
    def list_drift(
        repo: Text = "",
        cluster: Names = [],  # noqa: B006
        verdict: Annotated[list[DriftVerdict], Query()] = [],  # noqa: B006
        severity: Annotated[list[Severity], Query()] = [],  # noqa: B006
        kind: Names = [],  # noqa: B006
        text: Text = "",
        limit: Limit = 100,
        offset: Offset = 0,
    ) -> models.Page[models.DriftItem]:
        """Differences between git and the clusters that match every filter, worst first."""
        wanted = drift.DriftFilter(
            repo=repo,
            clusters=tuple(cluster),
            verdicts=tuple(verdict),
            severities=tuple(severity),
            kinds=tuple(kind),
            text=text,
        )
        with context.cursor() as cursor:
            return models.Page(
                total=drift.count_drift(cursor, wanted),
                limit=limit,
                offset=offset,
                items=[
                    models.DriftItem(**row)
                    for row in drift.list_drift(cursor, wanted, limit=limit, offset=offset).to_pylist()
                ],
            )


def _run(row: dict[str, Any]) -> models.RunItem:
    return models.RunItem(**{**row, "counts": dict(row["counts"])})


def _documentation(schema: dict[str, Any]) -> str:
    rows = []
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            names = ", ".join(parameter["name"] for parameter in operation.get("parameters", []))
            cells = (f"{method.upper()} /api{path}", operation.get("description", ""), names)
            rows.append("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>")
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>auditor API</title>"
        "<h1>auditor API</h1><p>Read-only JSON. The machine-readable description is "
        "<a href='openapi.json'>openapi.json</a>.</p>"
        "<table><thead><tr><th>Call</th><th>Gives</th><th>Parameters</th></tr></thead><tbody>"
        + "".join(rows)
        + "</tbody></table></html>"
    )
