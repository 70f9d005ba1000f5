"""Audit events as the API server writes them, for tests of what reads them."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

START = datetime(2026, 9, 1, 12, tzinfo=UTC)
ANN = "ann@example.com"
FLUX = "system:serviceaccount:flux-system:kustomize-controller"


def digest(text: str) -> str:
    """A keyed digest of 16 hexadecimal digits."""
    return hashlib.blake2b(text.encode(), key=b"a key of the tests", digest_size=8).hexdigest()


def at(seconds: float) -> datetime:
    """So many seconds after the tests' noon."""
    return START + timedelta(seconds=seconds)


def event(verb: str = "patch", seconds: float = 0, **changes: Any) -> dict[str, Any]:
    """A completed write of the Deployment shop/web by Ann; `changes` replaces or adds top-level fields."""
    stamp = at(seconds).isoformat().replace("+00:00", "Z")
    made: dict[str, Any] = {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Metadata",
        "auditID": f"id-{verb}-{seconds}",
        "stage": "ResponseComplete",
        "requestURI": "/apis/apps/v1/namespaces/shop/deployments/web?fieldManager=kubectl-edit",
        "verb": verb,
        "user": {"username": ANN, "groups": ["developers", "system:authenticated"]},
        "sourceIPs": ["10.0.0.7"],
        "userAgent": "kubectl/v1.37.1 (linux/amd64) kubernetes/f78e722",
        "objectRef": {
            "resource": "deployments",
            "namespace": "shop",
            "name": "web",
            "apiGroup": "apps",
            "apiVersion": "v1",
        },
        "responseStatus": {"metadata": {}, "code": 200},
        "requestReceivedTimestamp": stamp,
        "stageTimestamp": stamp,
        "annotations": {"authorization.k8s.io/decision": "allow"},
    }
    return {**made, **changes}


def by_flux(verb: str = "patch", seconds: float = 0, **changes: Any) -> dict[str, Any]:
    """As `event`, by Flux."""
    said = {
        "user": {"username": FLUX, "groups": ["system:serviceaccounts"]},
        "userAgent": "kustomize-controller/v1.9.5",
        "requestURI": "/apis/apps/v1/namespaces/shop/deployments/web?fieldManager=kustomize-controller&force=true",
    }
    return event(verb, seconds, **{**said, **changes})


def text(*events: Any) -> bytes:
    """The lines; what is no event is taken as bytes that stand there."""
    return b"".join(
        one + b"\n" if isinstance(one, bytes) else json.dumps(one).encode() + b"\n" for one in events
    )


def log(path: Path, *events: Any) -> Path:
    """A log file that holds the events."""
    path.write_bytes(text(*events))
    return path
