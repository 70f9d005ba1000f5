"""What git declared for production over time, as Flux would apply it."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from auditor.sample.repository import SampleRepository

from cluster import run

OVERLAYS = {
    "flux-system": (
        "clusters/production/flux-system",
        "clusters/production/apps.yaml",
        "clusters/production/infrastructure.yaml",
    ),
    "infrastructure-controllers": ("infrastructure/controllers",),
    "infrastructure-configs": ("infrastructure/configs",),
    "apps": ("apps/production",),
}


SECRETS = {
    "notifications-smtp": {"username": "notifications", "password": "not-a-real-password"},
    "checkout-payments": {"PAYMENT_KEY": "not-a-real-payment-key-but-as-long"},
}


Times = dict[tuple[str, str, str, str], list[datetime]]


def key(manifest: dict[str, Any]) -> tuple[str, str, str, str]:
    meta = manifest["metadata"]
    return (
        manifest["apiVersion"].rpartition("/")[0],
        manifest["kind"],
        meta.get("namespace", ""),
        meta["name"],
    )


def rendered(checkout: Path, overlay: str) -> list[dict[str, Any]]:
    documents: list[dict[str, Any]] = []
    for place in OVERLAYS[overlay]:
        path = checkout / place
        if path.is_file():
            documents += [d for d in yaml.safe_load_all(path.read_text()) if d]
        elif path.is_dir():
            done = subprocess.run(
                ["kubectl", "kustomize", str(path)],
                capture_output=True,
                text=True,
                timeout=60,
                env={**os.environ, "HTTPS_PROXY": "http://127.0.0.1:9"},
            )
            documents += [d for d in yaml.safe_load_all(done.stdout) if d] if done.returncode == 0 else []
    for document in documents:
        labels = document["metadata"].setdefault("labels", {})
        labels["kustomize.toolkit.fluxcd.io/name"] = overlay
        labels["kustomize.toolkit.fluxcd.io/namespace"] = "flux-system"
        if document.pop("sops", None):
            document.pop("stringData")
            values = SECRETS[document["metadata"]["name"]]
            document["data"] = {k: base64.b64encode(v.encode()).decode() for k, v in values.items()}
    return documents


def history(sample: SampleRepository, work: Path) -> tuple[Times, dict[str, dict[str, list[dict[str, Any]]]]]:
    """When each declared object came and changed (since it was last pruned); every landed rendering."""
    checkout = work / "checkout"
    run("git", "clone", "--quiet", str(sample.path), str(checkout))
    times: Times = {}
    last: dict[tuple[str, str, str, str], str] = {}
    kept: dict[str, dict[str, list[dict[str, Any]]]] = {}
    log = run("git", "-C", str(checkout), "log", "--first-parent", "--reverse", "--format=%H %ct", "main")
    prune_off = sample.changes["prune-off"].at
    for line in log.splitlines():
        sha, seconds = line.split()
        run("git", "-C", str(checkout), "checkout", "--quiet", sha)
        applied = datetime.fromtimestamp(int(seconds), UTC) + timedelta(seconds=70)
        kept[sha] = {overlay: rendered(checkout, overlay) for overlay in OVERLAYS}
        documents = [d for overlay in kept[sha].values() for d in overlay]
        if all(kept[sha].values()) and applied < prune_off:
            for gone in last.keys() - {key(d) for d in documents}:
                del last[gone], times[gone]
        for document in documents:
            text = json.dumps(document, sort_keys=True)
            if last.get(key(document)) != text:
                last[key(document)] = text
                times.setdefault(key(document), []).append(applied)
    return times, kept
