"""The beats: what is worth finding in the sample, and what a good audit says about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from auditor.assets import asset_folder
from auditor.sample.edits import StoryError
from auditor.sample.story import load_yaml


@dataclass(frozen=True, kw_only=True, slots=True)
class Landed:
    """A commit of the built sample: its id, when it was committed and who wrote it."""

    sha: str
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Beat:
    """One thing that the sample's history holds on purpose.

    `area` is 'policy' or 'change-control'; `resource` is `Kind namespace/name` or a path, '' where the
    beat is about the commit alone; `fixed_*` are empty (None) while it is open at the tip.
    """

    id: str
    title: str
    area: str
    resource: str
    expect: str
    sha: str
    at: datetime
    by: str
    fixed_sha: str = ""
    fixed_at: datetime | None = None
    fixed_by: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterBeat:
    """One difference between git and the recorded cluster that was made on purpose.

    `verdict` is a drift verdict of the model or 'none' (a good audit says nothing); `pointer` is by
    list key, '' for the whole object.
    """

    id: str
    title: str
    kind: str
    namespace: str
    name: str
    verdict: str
    pointer: str
    manager: str
    expect: str


def read_beats(landed: Mapping[str, Landed], folder: Path | None = None) -> tuple[Beat, ...]:
    """The beats of `folder`/beats.yaml (the sample's own by default) with the commits they mean.

    `landed` maps the story's change ids to commits. Raises StoryError where a beat names none of them.
    """
    beats = []
    for raw in load_yaml((folder or asset_folder("data") / "sample") / "beats.yaml")["history"]:
        missing = [raw[key] for key in ("change", "fixed") if raw.get(key) and raw[key] not in landed]
        if missing:
            raise StoryError(f"the beat {raw['id']} names changes that the story lacks: {missing}")
        opened = landed[raw["change"]]
        fixed = landed.get(raw.get("fixed", ""))
        beats.append(
            Beat(
                id=raw["id"],
                title=raw["title"],
                area=raw["area"],
                resource=raw.get("resource", ""),
                expect=raw["expect"].strip(),
                sha=opened.sha,
                at=opened.at,
                by=opened.by,
                fixed_sha=fixed.sha if fixed else "",
                fixed_at=fixed.at if fixed else None,
                fixed_by=fixed.by if fixed else "",
            )
        )
    return tuple(beats)


def read_cluster_beats(folder: Path | None = None) -> tuple[ClusterBeat, ...]:
    """What was done to the recorded cluster on purpose, from `folder`/beats.yaml."""
    return tuple(
        ClusterBeat(
            id=raw["id"],
            title=raw["title"],
            kind=raw["kind"],
            namespace=raw["namespace"],
            name=raw["name"],
            verdict=raw["verdict"],
            pointer=raw.get("pointer", ""),
            manager=raw.get("manager", ""),
            expect=raw["expect"].strip(),
        )
        for raw in load_yaml((folder or asset_folder("data") / "sample") / "beats.yaml")["cluster"]
    )
