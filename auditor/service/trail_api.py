"""The API's calls about the trail: commits, how they landed, who set which field, the log."""

from __future__ import annotations

from typing import Annotated, Any

import duckdb
from fastapi import FastAPI, HTTPException, Query

from auditor.service import models, trail_models
from auditor.service.context import ServiceContext
from auditor.service.parameters import ONE_OF_SEVERAL, Text
from auditor.store.pages import commits, resources, trail


def add_trail(api: FastAPI, context: ServiceContext) -> None:
    """Adds the calls about commits, changes, fields and the log."""

    @api.get("/commits/{sha}", responses=ONE_OF_SEVERAL)
    def commit(sha: str, repo: Text = "") -> models.CommitDetail:
        """One commit, by its id or the first digits of it (7 or more)."""
        with context.cursor() as cursor:
            row = _one_commit(cursor, sha, repo)
            place = (row["repo"], row["sha"])
            touched = commits.commit_findings(cursor, *place)
            return models.CommitDetail(
                commit=models.CommitItem(**row),
                files=[models.FileItem(**file) for file in commits.commit_files(cursor, *place).to_pylist()],
                resources=[
                    models.ResourceItem(**item)
                    for item in commits.commit_resources(cursor, *place).to_pylist()
                ],
                opened=[models.FindingItem(**item) for item in touched if item["event"] != "fixed"],
                fixed=[models.FindingItem(**item) for item in touched if item["event"] == "fixed"],
            )

    @api.get("/changes/{sha}", responses=ONE_OF_SEVERAL)
    def change(sha: str, repo: Text = "") -> trail_models.ChangeDetail:
        """A landed change with its request, reviews and fields; a commit of a side branch leads to where it landed."""
        with context.cursor() as cursor:
            row = _one_commit(cursor, sha, repo)
            if not row["landed"] and row["landed_in"]:
                row = _one_commit(cursor, row["landed_in"], row["repo"])
            place = (row["repo"], row["sha"])
            told = commits.commit_change(cursor, *place)
            if told is None:
                raise HTTPException(404, "this commit has not landed")
            request = (row["repo"], told["forge"] or "", told["number"] or 0)
            return trail_models.ChangeDetail(
                commit=models.CommitItem(**row),
                request=trail_models.RequestItem(**told),
                reviews=[
                    trail_models.ReviewItem(**item) for item in commits.request_reviews(cursor, *request)
                ],
                checks=[trail_models.CheckItem(**item) for item in commits.request_checks(cursor, *request)],
                side_commits=[item["sha"] for item in commits.commits_landed_in(cursor, *place).to_pylist()],
                fields=[
                    trail_models.FieldItem(**item)
                    for item in commits.commit_fields(cursor, *place).to_pylist()
                ],
            )

    @api.get("/resources/{kind}/{name:path}/fields", responses=ONE_OF_SEVERAL)
    def resource_fields(
        kind: str,
        name: str,
        namespace: Text = "",
        environment: Text = "",
        repo: Text = "",
        pointer: Annotated[
            str,
            Query(
                max_length=500,
                description="a field and all below it, `spec.replicas` or `/spec/replicas`: its values over time",
            ),
        ] = "",
    ) -> trail_models.ResourceFields:
        """Who set what is declared of a resource, and the values that one field had."""
        wanted = resources.ResourcePlace(
            repo=repo, environment=environment, kind=kind, namespace=namespace, name=name
        )
        with context.cursor() as cursor:
            found = resources.find_resources(cursor, wanted)
            if not found:
                raise HTTPException(404, "no such resource was ever declared in git")
            if len(found) > 1:
                raise HTTPException(
                    409, "more than one resource is called so: give namespace, environment or repository"
                )
            row = found[0]
            place = resources.place_of(row)
            return trail_models.ResourceFields(
                **row,
                fields=[trail_models.FieldNow(**item) for item in resources.fields_now(cursor, place)],
                pointer=pointer,
                values=[
                    trail_models.FieldValue(**item)
                    for item in (resources.field_values(cursor, place, pointer) if pointer else [])
                ],
            )

    @api.get("/trail")
    def trail_state(repo: Text = "") -> trail_models.TrailDetail:
        """The log's size and root, its checkpoints, and where refs went."""
        with context.cursor() as cursor:
            head = trail.log_head(cursor) or {"size": 0, "root": "", "recorded_at": None}
            return trail_models.TrailDetail(
                **head,
                checkpoints=[trail_models.CheckpointItem(**item) for item in trail.list_checkpoints(cursor)],
                refs=[trail_models.RefItem(**item) for item in trail.list_refs(cursor, repo)],
                lost_commits=[item["sha"] for item in trail.lost_commits(cursor, repo)],
            )


def _one_commit(cursor: duckdb.DuckDBPyConnection, sha: str, repo: str) -> dict[str, Any]:
    """The commit of that id or its first digits; HTTPException where there is none, or several."""
    found = commits.find_commits(cursor, sha, repo)
    if not found:
        raise HTTPException(404, "there is no commit whose id begins so (7 digits or more)")
    if len(found) > 1:
        raise HTTPException(409, "more than one commit begins so: give more digits, or the repository")
    return found[0]
