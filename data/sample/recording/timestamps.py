"""From the evening of the recording to the dates of the story."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from cluster import Cluster
from declared import Times, key

FLAGGER_SINCE = "2025-12-16T14:36:20Z"


TIP_APPLIED = "2026-10-30T14:21:40"


STAMP = re.compile(r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")


def shifted(cluster: Cluster, value: Any) -> Any:
    """A copy in which every time stamp of the recording is one of the story."""
    if isinstance(value, dict):
        return {k: shifted(cluster, v) for k, v in value.items()}
    if isinstance(value, list):
        return [shifted(cluster, v) for v in value]
    if isinstance(value, str) and STAMP.match(value):
        real = datetime.fromisoformat(value)
        if real < cluster.log[0][0]:
            return value
        story = cluster.story_time(real)
        return (
            story.strftime("%Y-%m-%dT%H:%M:%S.%fZ" if "." in value else "%Y-%m-%dT%H:%M:%SZ")
            if story
            else value
        )
    return value


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def declared_times(item: dict[str, Any], times: Times, stuck_since: datetime) -> dict[str, Any]:
    """Declared objects came and changed when their commits landed, not in one night."""
    applied = [
        entry
        for entry in item["metadata"].get("managedFields", [])
        if entry["manager"] == "kustomize-controller"
    ]
    changes = times.get(key(item), [])
    if not applied or not changes:
        return item
    if item["metadata"]["labels"]["kustomize.toolkit.fluxcd.io/name"] == "infrastructure-configs":
        changes = [at for at in changes if at <= stuck_since]
    item["metadata"]["creationTimestamp"] = stamp(changes[0])
    applied[0]["time"] = stamp(changes[-1])
    for entry in item["metadata"]["managedFields"]:
        if (
            entry["manager"] in ("helm-controller", "source-controller", "gotk-kustomize-controller")
            and "subresource" not in entry
        ):
            entry["time"] = stamp(changes[0] + timedelta(seconds=5))
    return item


def made_times(items: list[dict[str, Any]]) -> None:
    """Flagger's objects are as old as the Canary, the tip's ReplicaSets as their Deployment's change."""
    deployments = {item["metadata"]["uid"]: item for item in items if item["kind"] == "Deployment"}
    for item in items:
        meta = item["metadata"]
        owner = (meta.get("ownerReferences") or [{}])[0]
        if owner.get("kind") == "Canary":
            meta["creationTimestamp"] = FLAGGER_SINCE
        elif owner.get("uid") in deployments and meta["creationTimestamp"].startswith(TIP_APPLIED[:18]):
            fields = deployments[owner["uid"]]["metadata"]["managedFields"]
            changed = next(entry["time"] for entry in fields if entry["manager"] == "kustomize-controller")
            meta["creationTimestamp"] = changed
            for entry in meta["managedFields"]:
                entry["time"] = changed if entry["time"].startswith(TIP_APPLIED[:18]) else entry["time"]
