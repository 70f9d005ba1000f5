"""Answers held against what is expected of them: a field that is missing or of another type is an error."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from auditor.errors import ForgeError

Sha = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}(?:[0-9a-f]{24})?$")]
"""A whole commit id, SHA-1 or SHA-256."""
When = AwareDatetime

T = TypeVar("T")


class Part(BaseModel):
    """Part of an answer: only the fields that are used; forges add others at any time."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def parsed(shape: type[T], data: Any, where: str) -> T:
    """The data as `shape`; ForgeError naming the place in the answer of `where` that does not fit."""
    try:
        return TypeAdapter(shape).validate_python(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the answer"
        raise ForgeError(
            f"{where} is not what its API describes: {place}: {first['msg']}",
            hint="is `forge.kind` right? A forge of an unknown version may differ",
        ) from None


def utc(when: datetime) -> datetime:
    """The same moment in UTC."""
    return when.astimezone(UTC)


def web(url: str | None) -> str:
    """The URL if it is one that may be shown as a link, else ''."""
    return url if url and url.startswith(("https://", "http://")) and url.isprintable() else ""
