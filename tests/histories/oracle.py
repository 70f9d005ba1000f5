"""The slow and obvious way: check out every landed commit and list what is wrong in it."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import Any

from auditor.findings.fingerprint import fingerprint
from auditor.git.names import path_text
from auditor.manifests.environment import environment_of
from auditor.manifests.secrets import Redactor
from auditor.pipeline.check import check

from .builder import FILE, PROGRAM, History

Life = tuple[str, int, str, str]
"""Finding id, occurrence, the sha that opened it, the sha that fixed it ('' while open)."""


def first_parent_line(history: History, tip: str) -> list[str]:
    """Landed commits, oldest first, as git walks them."""
    return history.git("rev-list", "--first-parent", "--reverse", tip).split()


def lives(history: History, tip: str, judge: Any) -> list[Life]:
    """Every lifetime along the line, found by looking at each commit's files as they are."""
    seen: dict[str, frozenset[str]] = {}
    found: list[Life] = []
    open_since: dict[str, tuple[int, str]] = {}
    occurrences: dict[str, int] = {}
    for sha in first_parent_line(history, tip):
        tree = history.git("rev-parse", f"{sha}^{{tree}}").strip()
        if tree not in seen:
            seen[tree] = _violations(history, sha, judge)
        now = seen[tree]
        for finding in sorted(now - open_since.keys()):
            occurrences[finding] = occurrences.get(finding, 0) + 1
            open_since[finding] = (occurrences[finding], sha)
        for finding in sorted(open_since.keys() - now):
            occurrence, opened = open_since.pop(finding)
            found.append((finding, occurrence, opened, sha))
    found += [(finding, occurrence, opened, "") for finding, (occurrence, opened) in open_since.items()]
    return sorted(found)


def _violations(history: History, sha: str, judge: Any) -> frozenset[str]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / ".git").mkdir()
        for path, entry in history.trees[sha].items():
            if entry.mode in (FILE, PROGRAM):
                file = folder / path_text(path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(entry.content)
        ids = set()
        with contextlib.chdir(folder):
            result = check([Path()], judge=judge, redactor=Redactor(b"0" * 32))
        for finding in result.findings:
            path = finding.path
            environment = environment_of(path)
            if finding.resource is None:
                ids.add(fingerprint(finding.rule_id, environment, "", "", "", path, finding.pointer))
                continue
            about = finding.resource
            where = path.rpartition("/")[0] or "." if about.group == "kustomize.config.k8s.io" else path
            ids.add(
                fingerprint(
                    finding.rule_id,
                    environment,
                    about.group,
                    about.kind,
                    about.namespace,
                    about.name or where,
                    finding.pointer,
                )
            )
    return frozenset(ids)
