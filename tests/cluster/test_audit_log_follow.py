"""A log that is followed while it grows, is rotated, or is truncated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from cluster.audit_lines import at, digest, event, log, text

from auditor.cluster.auditlog import FollowedLog, Limits, follow_audit_log
from auditor.model import AuditEvent


def seconds(found: Iterator[AuditEvent]) -> list[float]:
    return [(one.completed_at - at(0)).total_seconds() for one in found]


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def test_what_is_added_is_told_once_and_half_a_line_waits_for_its_other_half(tmp_path: Path) -> None:
    path = log(tmp_path / "audit.log", event(seconds=1))
    followed = FollowedLog(path, digest=digest)
    assert seconds(followed.read()) == [1]
    assert seconds(followed.read()) == []
    line = text(event(seconds=2))
    append(path, line[:100])
    assert seconds(followed.read()) == []
    append(path, line[100:] + text(event(seconds=3)))
    assert seconds(followed.read()) == [2, 3]
    assert followed.problems == ()


def test_a_rotation_loses_nothing(tmp_path: Path) -> None:
    path = log(tmp_path / "audit.log", event(seconds=1))
    followed = FollowedLog(path, digest=digest)
    assert seconds(followed.read()) == [1]
    append(path, text(event(seconds=2)))
    path.rename(tmp_path / "audit-2026-09-01T12-00-05.000.log")
    assert seconds(followed.read()) == [2]  # renamed, and nothing new is there yet
    log(path, event(seconds=6))
    assert seconds(followed.read()) == [6]
    append(path, text(event(seconds=7)))
    assert seconds(followed.read()) == [7]
    assert followed.problems == ()


def test_files_that_were_begun_and_rotated_between_two_looks_are_read(tmp_path: Path) -> None:
    log(tmp_path / "audit-2026-09-01T11-00-00.000.log", event(seconds=-3600))
    path = log(tmp_path / "audit.log", event(seconds=1))
    followed = FollowedLog(path, digest=digest)
    assert seconds(followed.read()) == [1]
    for second in (2, 3):
        path.rename(tmp_path / f"audit-2026-09-01T12-00-0{second}.000.log")
        log(path, event(seconds=second))
    assert seconds(followed.read()) == [2, 3]
    assert seconds(followed.read()) == []


def test_a_truncation_is_said_and_followed(tmp_path: Path) -> None:
    path = log(tmp_path / "audit.log", event(seconds=1), event(seconds=2))
    followed = FollowedLog(path, digest=digest)
    assert seconds(followed.read()) == [1, 2]
    log(path, event(seconds=3))
    assert seconds(followed.read()) == [3]
    (problem,) = followed.problems
    assert "truncated while it was followed" in problem


def test_a_half_line_at_the_end_of_a_rotated_file_is_an_unreadable_line(tmp_path: Path) -> None:
    path = log(tmp_path / "audit.log", event(seconds=1))
    followed = FollowedLog(path, digest=digest)
    append(path, text(event(seconds=2))[:80])
    path.rename(tmp_path / "audit-2026-09-01T12-00-05.000.log")
    log(path, event(seconds=6))
    assert seconds(followed.read()) == [1, 6]
    assert followed.unreadable == 1
    assert followed.problems[0].startswith(f"{path}:2: ")


def test_a_line_without_end_is_not_kept(tmp_path: Path) -> None:
    path = log(tmp_path / "audit.log", event(seconds=1))
    followed = FollowedLog(path, digest=digest, limits=Limits(line_bytes=2_000))
    for _ in range(3):
        append(path, b"x" * 300_000)
        list(followed.read())
    append(path, b"\n" + text(event(seconds=2)))
    assert seconds(followed.read()) == [2]
    assert followed.unreadable == 1


def test_following_ends_when_waiting_does(tmp_path: Path) -> None:
    path = log(tmp_path / "audit.log", event(seconds=1))
    steps: list[Callable[[], bool]] = [
        lambda: bool(path.open("ab").write(text(event(seconds=2)))),
        lambda: True,
        lambda: False,
    ]
    assert seconds(follow_audit_log(path, digest=digest, wait=lambda: steps.pop(0)())) == [1, 2]
    assert steps == []
