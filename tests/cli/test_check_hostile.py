"""`auditor check` on what nobody should have committed, and where its output can go nowhere."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from cli.checked import GOOD, PRIVILEGED, check_json, git, of_rule, pod
from cli.command import Run

GIBIBYTE = 1024**3


def started(folder: Path, *arguments: object, shell: str = "") -> subprocess.CompletedProcess[str]:
    """Runs the program as CI does, with what a shell writes after it."""
    command = f'"{sys.executable}" -m auditor check {" ".join(map(str, arguments))} --engine embedded {shell}'
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bad.yaml").write_text(pod())
    (tmp_path / "good.yaml").write_text(GOOD)
    return tmp_path


@pytest.mark.parametrize(
    ("content", "rule", "words"),
    [
        (GOOD.encode("utf-16"), "AUD-YAML-0003", "not UTF-8"),
        (GOOD.encode() + b"\tx: 1\n", "AUD-YAML-0001", "line 5"),
        (GOOD.encode() + b"x: a\0b\n", "AUD-YAML-0001", "control character"),
        (GOOD.encode() + b"x: " + b"[" * 5000 + b"]" * 5000, "AUD-YAML-0003", "nested"),
        (
            b"apiVersion: v1\nkind: A\na0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
            + b"".join(
                b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 12)
            ),
            "AUD-YAML-0003",
            "aliases",
        ),
        (b"---\n".join([b"apiVersion: v1\nkind: A\n"] * 10_001), "AUD-YAML-0003", "documents"),
    ],
    ids=["utf-16", "tab", "nul", "deep", "aliases", "documents"],
)
def test_what_cannot_be_read_is_named_and_never_passes(
    run: Run, tmp_path: Path, content: bytes, rule: str, words: str
) -> None:
    (tmp_path / "a.yaml").write_bytes(content)
    ran = run("check", "a.yaml", "--engine", "embedded", "--format", "json", "--fail-on", "never")
    document = json.loads(ran.out)
    assert ran.code == 3
    assert [one["rule_id"] for one in document["findings"]] == [rule]
    assert [one["path"] for one in document["errors"]] == ["a.yaml"]
    assert words in document["errors"][0]["message"]


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf" + pod().encode(), pod().replace("\n", "\r\n").encode()])
def test_marks_and_line_ends_of_other_systems_change_nothing(
    run: Run, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "a.yaml").write_bytes(content)
    (found,) = of_rule(check_json(run, "a.yaml")["findings"])
    assert (found["line"], found["column"]) == (11, 9)


@pytest.mark.parametrize("arguments", [(".",), ("sparse.yaml", "late.yaml"), (".", "--since", "HEAD")])
def test_a_file_of_any_size_is_refused_in_bounded_memory(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "good.yaml").write_text(GOOD)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    with (tmp_path / "sparse.yaml").open("wb") as file:
        file.write(b"apiVersion: v1\n")
        file.truncate(4 * GIBIBYTE)
    (tmp_path / "late.yaml").write_bytes(b" " * 9_000_000 + b"apiVersion: v1\n")
    ran = started(tmp_path, *arguments, "--format json", shell="2>errors.txt")
    document = json.loads(ran.stdout)
    assert ran.returncode == 3
    assert {one["path"] for one in document["errors"]} == {"sparse.yaml", "late.yaml"}
    limited = started(tmp_path, *arguments).args[2]
    small = subprocess.run(
        ["bash", "-c", f"ulimit -v 3000000; {limited}"],
        cwd=tmp_path,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert small.returncode == 3, small.stderr


def test_what_a_folder_holds_besides_files_is_told(run: Run, folder: Path) -> None:
    inner = folder / "inner"
    inner.mkdir()
    (inner / "link.yaml").symlink_to(folder / "bad.yaml")
    (inner / "round").symlink_to(inner)
    (inner / "gone.yaml").symlink_to(folder / "nowhere.yaml")
    (inner / "notes.txt").symlink_to(folder / "good.yaml")
    os.mkfifo(inner / "pipe.yaml")
    document = check_json(run, "inner")
    assert {(one["path"], one["reason"].split(",")[0]) for one in document["skipped"]} == {
        ("inner/link.yaml", "a symbolic link"),
        ("inner/round", "a symbolic link"),
        ("inner/gone.yaml", "a symbolic link"),
        ("inner/pipe.yaml", "neither a file nor a folder"),
    }


def test_a_name_that_is_no_text_is_not_passed_over(run: Run, folder: Path) -> None:
    (folder / "inner").mkdir()
    name = os.fsdecode(b"inner/a\xff.yaml")
    Path(name).write_text(pod())
    ran = run("check", "inner", "--engine", "embedded")
    assert ran.code == 3
    assert "not evaluated: inner/a?.yaml: its name is not UTF-8" in ran.err
    for output_format in ("table", "json", "sarif", "junit", "github"):
        named = run("check", name, "--engine", "embedded", "--format", output_format)
        assert named.code == 1, named.err
        assert PRIVILEGED in named.out


def test_a_folder_that_may_not_be_listed_makes_the_check_incomplete(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "closed").mkdir()
    listed = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(os, "scandir", refuse)
    document = check_json(run, ".")
    assert [(one["path"], one["message"]) for one in document["errors"]] == [
        ("closed", "cannot be listed: Permission denied")
    ]
    assert of_rule(document["findings"])


@pytest.mark.parametrize("name", ["pod.txt", "pod.yaml.bak", "..data"])
def test_what_is_named_is_judged_whatever_it_is_called(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(pod())
    (tmp_path / "link.yaml").symlink_to(tmp_path / name)
    assert run("check", name, "--engine", "embedded").code == 1
    assert run("check", "link.yaml", "--engine", "embedded").code == 1


def test_other_files_that_are_named_are_left_out_and_said_to_be(run: Run, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Of\n\n\tapiVersion: v1\n\tkind: [\n")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\xff")
    ran = run("check", "README.md", "picture.png", "--engine", "embedded")
    assert ran.code == 0
    assert "skipped 2×: declares no resource, and its name is not a manifest's" in ran.err


def test_what_the_operator_keeps_out_is_told(run: Run, folder: Path) -> None:
    (folder / "auditor.yaml").write_text("exclude: ['vendor/**']\n")
    (folder / ".git").mkdir()
    (folder / "vendor").mkdir()
    (folder / "vendor" / "pod.yaml").write_text(pod())
    assert "skipped 1×: kept out by `exclude`" in run("check", "vendor/pod.yaml", "--engine", "embedded").err
    assert "note: 1 files are kept out by `exclude`" in run("check", ".", "--engine", "embedded").err


@pytest.mark.parametrize(
    ("shell", "code", "words"),
    [
        (">/dev/full", 3, "standard output cannot be written: No space left on device"),
        (">&-", 3, "standard output cannot be written: it is closed"),
        ("--output /dev/full", 3, "/dev/full cannot be written: No space left on device"),
        ("--output .", 2, ". cannot be written: it is a folder"),
        ("--output no/such", 2, "there is no folder no"),
        ("--write-baseline no/such", 2, "there is no folder no"),
        ("2>/dev/full", 1, ""),
        ("2>&-", 1, ""),
        ("- <&-", 2, "standard input is closed"),
        ("<(cat bad.yaml)", 2, "given as `-`"),
    ],
)
def test_output_that_goes_nowhere_is_told_and_changes_no_exit_code(
    folder: Path, shell: str, code: int, words: str
) -> None:
    ran = started(folder, "bad.yaml", shell=shell)
    assert ran.returncode == code, ran.stderr
    assert words in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "defect" not in ran.stderr


@pytest.mark.parametrize(("name", "code"), [("good.yaml", 0), ("bad.yaml", 1)])
def test_a_reader_of_remarks_that_goes_away_changes_no_exit_code(folder: Path, name: str, code: int) -> None:
    ran = started(folder, name, shell="2>&1 >/dev/null | true; exit ${PIPESTATUS[0]}")
    assert ran.returncode == code


def test_a_baseline_that_cannot_be_written_leaves_the_one_there_was(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("check", ".", "--engine", "embedded", "--write-baseline", "base.json").code == 0
    before = (folder / "base.json").read_bytes()

    def full(path: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    ran = run("check", ".", "--engine", "embedded", "--write-baseline", "base.json")
    assert ran.code == 3
    assert "base.json cannot be written: No space left on device" in ran.err
    assert (folder / "base.json").read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["bad.yaml", "base.json", "good.yaml"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_check_that_is_ended_takes_its_processes_with_it(folder: Path, number: int, code: int) -> None:
    (folder / "pods").mkdir()
    for count in range(400):
        (folder / "pods" / f"{count}.yaml").write_text(pod(f"p{count}"))
    command = [sys.executable, "-m", "auditor", "check", "pods", "--engine", "embedded", "--jobs", "2"]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        until = time.monotonic() + 60
        try:
            while len(_running(folder)) < 2 and time.monotonic() < until:
                time.sleep(0.01)
            assert len(_running(folder)) > 1  # the pool is there
            process.send_signal(number)
            assert process.wait(timeout=60) == code
        finally:
            process.kill()  # leaving the block waits for it
    until = time.monotonic() + 10
    while _running(folder) and time.monotonic() < until:
        time.sleep(0.05)
    assert _running(folder) == []


def _running(folder: Path) -> list[str]:
    """The processes that stand in a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (entry / "cwd").readlink() == folder:
                found.append(entry.name)
    return found
