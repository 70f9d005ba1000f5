"""Reading `data/sample/story.yaml`: every change of the sample repository, in landing order.

The story's longer series (releases, dependency updates) are written there one line each and
become ordinary changes here.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from auditor.sample.edits import StoryError

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # every scalar stays the text it is

_FLUX_SUBJECT = "chore(staging): update images"


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """An identity as commits carry it."""

    name: str
    email: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One commit on a branch that is merged later."""

    at: datetime
    by: Person
    message: str
    do: tuple[Mapping[str, Any], ...]
    id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One landing on main.

    `how`: 'push' (straight to main), 'squash' (a pull request as one commit, committed by the forge),
    'merge' (two parents, committed by the forge) or 'local-merge' (two parents, merged by hand).
    """

    at: datetime
    by: Person
    how: str
    message: str
    do: tuple[Mapping[str, Any], ...]
    id: str = ""
    branch: str = ""
    reverts: str = ""
    steps: tuple[Step, ...] = field(default=())


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """All of it, sorted by landing time; abandoned are pull requests' numbers that never landed."""

    forge: Person
    abandoned_requests: frozenset[str]
    changes: tuple[Change, ...]


def load_yaml(path: Path) -> Any:
    """A YAML file of the sample with every scalar as text. Raises StoryError where it is broken."""
    try:
        return yaml.load(path.read_bytes(), Loader=_LOADER)  # noqa: S506 - the base loader makes text only
    except (OSError, yaml.YAMLError) as error:
        raise StoryError(f"{path} cannot be read: {error}") from error


def _at(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise StoryError(f"the time {text} of the story has no zone")
    return at


def _step(raw: Mapping[str, Any], people: Mapping[str, Person]) -> Step:
    return Step(
        at=_at(raw["at"]),
        by=people[raw["by"]],
        message=raw["message"],
        do=tuple(raw["do"]),
        id=raw.get("id", ""),
    )


def _change(raw: Mapping[str, Any], people: Mapping[str, Person]) -> Change:
    return Change(
        at=_at(raw["at"]),
        by=people[raw["by"]],
        how=raw["how"],
        message=raw["message"],
        do=tuple(raw.get("do", ())),
        id=raw.get("id", ""),
        branch=raw.get("branch", ""),
        reverts=raw.get("reverts", ""),
        steps=tuple(_step(step, people) for step in raw.get("steps", ())),
    )


def _release(raw: Mapping[str, Any], before: str, people: Mapping[str, Person]) -> list[Change]:
    """Flux writes a new tag to staging; a person promotes it to production, or nobody does."""
    app, tag = raw["app"], raw["tag"]
    image = f"ghcr.io/northwind-parcels/{app}"
    changes = [
        Change(
            at=_at(raw["staging"]),
            by=people["flux"],
            how="push",
            message=f"{_FLUX_SUBJECT}\n\n- {image}:{before} -> {image}:{tag}",
            do=({"image": app, "environment": "staging", "to": tag},),
            id=f"{app}-{tag}-staging",
        )
    ]
    if "production" in raw:
        changes.append(
            Change(
                at=_at(raw["production"]),
                by=people[raw["by"]],
                how="squash",
                message=f"{app}: promote {tag} to production",
                do=({"image": app, "environment": "production", "to": tag},),
                id=f"{app}-{tag}-production",
            )
        )
    return changes


def _releases(story: Mapping[str, Any], people: Mapping[str, Person]) -> list[Change]:
    tags = dict(story["first_releases"])
    changes: list[Change] = []
    for raw in story["releases"]:
        changes += _release(raw, tags[raw["app"]], people)
        tags[raw["app"]] = raw["tag"]
    return changes


def _update(raw: Mapping[str, Any], people: Mapping[str, Person]) -> Change:
    """Renovate's request for a newer version of something bought in, merged as one commit."""
    return Change(
        at=_at(raw["at"]),
        by=people["renovate"],
        how="squash",
        message=f"chore(deps): update {raw['what']} to {raw['to'].rpartition(': ')[2]}",
        do=tuple({"edit": path, "text": raw["text"], "to": raw["to"]} for path in raw["in"]),
        id=raw.get("id", ""),
    )


def _check_order(changes: Sequence[Change]) -> None:
    seen: set[str] = set()
    for before, after in itertools.pairwise(changes):
        if after.at <= before.at:
            raise StoryError(f"two changes of the story land at {after.at.isoformat()}")
    for change in changes:
        for name in (change.id, *(step.id for step in change.steps)):
            if name and name in seen:
                raise StoryError(f"two changes of the story are called {name!r}")
            seen.add(name)


def read_story(folder: Path) -> Story:
    """The story in `folder`/story.yaml. Raises StoryError where it is not well-formed."""
    raw = load_yaml(folder / "story.yaml")
    try:
        abandoned = frozenset(raw["abandoned_requests"])
        people = {key: Person(**person) for key, person in raw["people"].items()}
        changes = [_change(change, people) for change in raw["changes"]]
        changes += _releases(raw, people)
        changes += [_update(update, people) for update in raw["updates"]]
    except (KeyError, TypeError, ValueError) as error:
        raise StoryError(f"{folder / 'story.yaml'} is not well-formed: {error!r}") from error
    changes.sort(key=lambda change: change.at)
    _check_order(changes)
    return Story(forge=people["forge"], abandoned_requests=abandoned, changes=tuple(changes))
