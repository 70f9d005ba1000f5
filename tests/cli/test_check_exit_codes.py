"""What `auditor check` says to its caller by its exit code: the contract of CI jobs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cli.checked import BROKEN, GOOD, pod
from cli.command import Run

from auditor.pipeline.check.files import InputFile


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "bad.yaml").write_text(pod())
    (tmp_path / "broken.yaml").write_text(BROKEN)
    (tmp_path / "text.txt").write_text("no manifest\n")
    (tmp_path / "wrong.yaml").write_text("policies: {nothing: 1}\n")
    (tmp_path / "no-baseline.json").write_text("{}")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("good.yaml",), 0),
        (("bad.yaml", "--fail-on", "never"), 0),
        (("bad.yaml",), 1),
        (("good.yaml", "bad.yaml", "--fail-on", "critical"), 1),
        (("nowhere.yaml",), 2),
        (("good.yaml", "nowhere.yaml"), 2),
        (("good.yaml", "--format", "xml"), 2),
        (("good.yaml", "--fail-on", "hi"), 2),
        (("good.yaml", "--engine", "other"), 2),
        (("good.yaml", "--config", "nowhere.yaml"), 2),
        (("good.yaml", "--config", "wrong.yaml"), 2),
        (("good.yaml", "--policy", "nowhere"), 2),
        (("good.yaml", "--kubernetes-version", "9.9"), 2),
        (("good.yaml", "--since", "main"), 2),
        (("good.yaml", "--baseline", "nowhere.json"), 2),
        (("good.yaml", "--baseline", "no-baseline.json"), 2),
        (("good.yaml", "--baseline", "a", "--write-baseline", "b"), 2),
        (("good.yaml", "--waivers", "nowhere.yaml"), 2),
        (("good.yaml", "--stdin-name", "a.yaml"), 2),
        (("good.yaml", "--output", "no/such/folder"), 2),
        ((), 2),
        (("broken.yaml",), 3),
        (("broken.yaml", "--fail-on", "never"), 3),
        (("broken.yaml", "bad.yaml"), 3),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, tuple) else str(value),
)
def test_exit_code(run: Run, files: Path, arguments: tuple[str, ...], code: int) -> None:
    engine = () if "--engine" in arguments else ("--engine", "embedded")
    result = run("check", *arguments, *engine)
    assert result.code == code, result.err
    if code == 2:
        assert result.out == ""
        assert "Traceback" not in result.err


@pytest.mark.parametrize("output_format", ["table", "json", "sarif", "junit", "github"])
def test_the_exit_code_does_not_depend_on_the_format(run: Run, files: Path, output_format: str) -> None:
    codes = [
        run("check", name, "--engine", "embedded", "--format", output_format).code
        for name in ("good.yaml", "bad.yaml", "broken.yaml")
    ]
    assert codes == [0, 1, 3]


def test_links_in_a_folder_are_not_followed(run: Run, files: Path) -> None:
    (files / "folder").mkdir()
    (files / "folder" / "link.yaml").symlink_to(files / "bad.yaml")
    assert run("check", "folder", "--engine", "embedded").code == 0


def test_a_file_that_may_not_be_read_makes_the_check_incomplete(
    run: Run, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(file: InputFile) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(InputFile, "read", refuse)
    result = run("check", "good.yaml", "--engine", "embedded")
    assert result.code == 3
    assert "not evaluated: good.yaml: cannot be read: Permission denied" in result.err


def test_a_reader_that_goes_away_is_no_failure(files: Path) -> None:
    (files / "pods").mkdir()
    for number in range(40):
        (files / "pods" / f"pod-{number}.yaml").write_text(pod(f"p{number}"))
    command = f'"{sys.executable}" -m auditor check pods --engine embedded --format json | head -c 1; echo ${{PIPESTATUS[0]}}'
    done = subprocess.run(
        ["bash", "-c", command], cwd=files, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.split("\n")[0] == "{1"  # what was found stays true
    assert "40 files" in done.stderr
    assert "Traceback" not in done.stderr
