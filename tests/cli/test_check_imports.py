"""A CI job starts `auditor check` a thousand times a day: it loads what it uses and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cli.checked import pod

HEAVY = (
    "duckdb", "pandas", "pydriller", "pyarrow", "kubernetes", "streamlit", "altair", "fastapi", "uvicorn", "jinja2",
    "cryptography", "httpx2", "junitparser", "jsonschema", "pydantic_settings", "rich.progress", "rich.table",
    "rich.console", "tree_sitter", "git", "asyncio", "requests", "multiprocessing.pool", "concurrent.futures.process",
    "auditor.store", "auditor.git", "auditor.service", "auditor.trail", "auditor.forge", "auditor.changecontrol",
    "auditor.reports.check.sarif", "auditor.pipeline.scan",
)  # fmt: skip

PROGRAM = """
import sys
sys.argv = ["auditor", "check", *sys.argv[1:]]
from auditor.cli import main
try:
    main()
except SystemExit as ended:
    code = ended.code
print("\\n".join(sys.modules), file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize("output_format", ["table", "json"])
def test_nothing_heavy_is_imported(tmp_path: Path, output_format: str) -> None:
    (tmp_path / "pod.yaml").write_text(pod())
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "pod.yaml", "--engine", "embedded", "--format", output_format],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    loaded = set(done.stderr.splitlines())
    assert done.returncode == 1
    assert "auditor.pipeline.check.run" in loaded
    assert [name for name in HEAVY if name in loaded] == []
