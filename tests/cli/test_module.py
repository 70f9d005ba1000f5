"""`python -m auditor` is the same program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from histories.builder import History


def test_a_scan_as_a_module(tmp_path: Path) -> None:
    history = History(tmp_path / "repo")
    history.commit(
        "first", {"a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\n"}
    )
    done = subprocess.run(
        [sys.executable, "-m", "auditor", "scan", str(tmp_path / "repo"), "--db", str(tmp_path / "audit" / "a.duckdb"),
         "--engine", "embedded", "--fail-on", "never"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 commits" in done.stdout
