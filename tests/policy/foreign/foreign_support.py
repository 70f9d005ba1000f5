"""Small policies of every form, written for these tests, and how they are judged and held against their peers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import textwrap
from pathlib import Path
from typing import Any

import pytest

from auditor.model import Outcome
from auditor.policy.judge import Judge, JudgeSpec
from auditor.policy.testing import documents_of

ROOT = Path(__file__).resolve().parents[3]
ENGINES = [
    "embedded",
    pytest.param("opa", marks=pytest.mark.needs_opa),
]


def tool(name: str) -> str:
    """The path of a peer, '' where it is not built."""
    found = shutil.which(name) or str(ROOT / ".tools" / "bin" / name)
    return found if os.access(found, os.X_OK) else ""


def write(folder: Path, **files: str) -> Path:
    """The folder with files in it; `__` in a name is `/` and the last `_` the dot before its suffix."""
    for name, text in files.items():
        stem, _, suffix = name.rpartition("_")
        path = folder / f"{stem.replace('__', '/')}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return folder


def judged(
    folder: Path, manifests: str, engine: str = "embedded", *, on_embedded: bool = True
) -> list[tuple[str, str, str, str]]:
    """(rule id, outcome, name of the manifest, message) of every foreign rule, with those over an environment."""
    empty = folder.parent / "no-rules-of-ours"
    empty.mkdir(exist_ok=True)
    documents = documents_of(textwrap.dedent(manifests))
    if engine == "opa" and not tool("opa"):
        pytest.skip("there is no opa")
    spec = JudgeSpec(
        policy_folders=(folder,), engine=engine, schemas=False, base=empty, foreign_on_embedded=on_embedded
    )
    with Judge(spec) as judge:
        pairs = [(n, verdict) for n, one in enumerate(judge.judge(documents)) for verdict in one.verdicts]
        pairs += judge.judge_together("production", documents)[1]
    return sorted(
        (verdict.rule_id, verdict.outcome.value, documents[number].name, verdict.message)
        for number, verdict in pairs
    )


def failing(found: list[tuple[str, str, str, str]]) -> list[tuple[str, str]]:
    """(name, message) of what failed; nothing else may be among it."""
    assert {outcome for _, outcome, _, _ in found} <= {Outcome.FAIL.value}, found
    return sorted((name, message) for _, _, name, message in found)


def conftest_says(folder: Path, manifests: str, *, version: str) -> list[tuple[str, str]]:
    """(name, message) of what the real conftest says, one document at a time."""
    program = tool("conftest")
    if not program:
        pytest.skip("there is no conftest")
    said: list[tuple[str, str]] = []
    for document in documents_of(textwrap.dedent(manifests)):
        path = folder.parent / "conftest-input.json"
        path.write_text(json.dumps(document.manifest), encoding="utf-8")
        data = ["-d", str(folder / "data")] if (folder / "data").is_dir() else []
        done = subprocess.run(
            [
                program,
                "test",
                "--all-namespaces",
                "-o",
                "json",
                "--rego-version",
                version,
                "-p",
                str(folder),
                *data,
                path,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout, done.stderr
        for entry in json.loads(done.stdout):
            for level in ("warnings", "failures"):
                said += [(document.name, one["msg"]) for one in entry.get(level) or []]
    return sorted(said)


def gator_says(folder: Path, manifests: str) -> list[tuple[str, str]]:
    """(name, message) of what the real `gator test` says of all manifests together."""
    program = tool("gator")
    if not program:
        pytest.skip("there is no gator")
    path = folder.parent / "gator-input.yaml"
    path.write_text(textwrap.dedent(manifests), encoding="utf-8")
    done = subprocess.run(
        [program, "test", "-f", str(folder), "-f", str(path), "-o", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout) or []
    return sorted((one["violatingObject"]["metadata"]["name"], one["msg"]) for one in found)
