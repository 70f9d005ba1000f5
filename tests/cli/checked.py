"""Manifests that the tests of `auditor check` use, and what they do with its output."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from cli.command import Ran, Run

PRIVILEGED = "AUD-POD-0001"

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: {name}
  namespace: shop
spec:
  containers:
    - name: main
      image: registry.example.com/printer@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
      securityContext:
        privileged: true
"""
GOOD = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {colour: green}
"""
BROKEN = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a\n"


def pod(name: str = "printer") -> str:
    """A privileged pod; `privileged: true` is on line 11."""
    return POD.format(name=name)


def document(ran: Ran) -> dict[str, Any]:
    """What `--format json` printed."""
    found = json.loads(ran.out)
    assert isinstance(found, dict)
    return found


def check_json(run: Run, *arguments: object) -> dict[str, Any]:
    """The JSON of a check by the embedded engine."""
    return document(run("check", *arguments, "--engine", "embedded", "--format", "json"))


def of_rule(found: list[dict[str, Any]], rule: str = PRIVILEGED) -> list[dict[str, Any]]:
    """The findings of one rule."""
    return [entry for entry in found if entry["rule_id"] == rule]


def git(folder: Path, *arguments: str) -> str:
    """Runs git as nobody in particular."""
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True, timeout=30
    )
    return done.stdout
