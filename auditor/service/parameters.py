"""Parameters that the API's calls share, and their limits."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

from auditor.service import models

MAX_LIMIT = 1000
"""Rows in one answer, at most."""

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Offset = Annotated[int, Query(ge=0, le=10_000_000)]
Text = Annotated[str, Query(max_length=200)]
Names = Annotated[list[str], Query(max_length=100)]

NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"model": models.Problem}}
ONE_OF_SEVERAL: dict[int | str, dict[str, Any]] = {**NOT_FOUND, 409: {"model": models.Problem}}
"""Answers of calls that need exactly one thing to be named so."""
