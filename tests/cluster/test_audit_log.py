"""What is read from an audit log, what is left out, and that what cannot be read is named."""

from __future__ import annotations

import gzip
import io
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from cluster.audit_lines import at, digest, event, log, text
from hypothesis import given
from hypothesis import strategies as st

from auditor.cluster.auditlog import AuditLogReader, Limits
from auditor.errors import UsageError
from auditor.model import AuditCoverage, AuditEvent


def read(*sources: Path, limits: Limits | None = None, **more: Any) -> tuple[list[AuditEvent], AuditCoverage]:
    reader = AuditLogReader(sources, digest=digest, limits=limits, **more)
    return list(reader.events()), reader.coverage()


def test_a_write_is_told_with_everything_that_identifies_it(tmp_path: Path) -> None:
    written = event(
        seconds=5.25,
        user={"username": "root@example.com", "groups": ["system:masters"]},
        impersonatedUser={"username": "ann@example.com", "groups": ["developers"]},
        sourceIPs=["192.0.2.1", "10.0.0.7"],
    )
    (found,), coverage = read(log(tmp_path / "audit.log", written))
    assert (found.verb, found.group, found.resource, found.namespace, found.name) == (
        "patch", "apps", "deployments", "shop", "web",
    )  # fmt: skip
    assert (found.user, found.groups) == ("root@example.com", ("system:masters",))
    assert (found.impersonated, found.impersonated_groups) == ("ann@example.com", ("developers",))
    assert found.source_ips == ("192.0.2.1", "10.0.0.7")
    assert (found.field_manager, found.manager) == ("kubectl-edit", "kubectl-edit")
    assert (found.level, found.code, found.fields) == ("Metadata", 200, None)
    assert found.completed_at == at(5.25)
    assert found.place == "audit.log:1"
    assert (coverage.first, coverage.last, coverage.lines, coverage.writes) == (at(5.25), at(5.25), 1, 1)
    assert coverage.is_whole


def test_what_is_not_asked_for_is_counted_and_not_told(tmp_path: Path) -> None:
    made = event(
        "create",
        2,
        objectRef={"resource": "pods", "namespace": "shop"},
        responseObject={"metadata": {"name": "web-1"}},
    )
    asked: list[tuple[str, ...]] = []

    def about(*address: str) -> bool:
        asked.append(address)
        return address[1] == "pods"

    reader = AuditLogReader([log(tmp_path / "a.log", event(), made)], digest=digest)
    assert [found.name for found in reader.events(about)] == ["web-1"]
    assert asked == [("apps", "deployments", "shop", "web"), ("", "pods", "shop", "web-1")]
    assert reader.coverage().writes == 2


def test_without_the_parameter_the_manager_is_the_programs_name(tmp_path: Path) -> None:
    uri = "/apis/apps/v1/namespaces/shop/deployments/web"
    (found,), _ = read(log(tmp_path / "a.log", event(requestURI=uri)))
    assert found.manager == "kubectl"


@pytest.mark.parametrize(
    "left_out",
    [
        event(verb="get"),
        event(verb="watch"),
        event(responseStatus={"code": 403}),
        event(responseStatus={"code": 409}),
        event(requestURI="/apis/apps/v1/namespaces/shop/deployments/web?dryRun=All&fieldManager=x"),
        event(verb="delete", requestObject={"kind": "DeleteOptions", "dryRun": ["All"]}),
        event(objectRef={"resource": "deployments", "name": "web", "subresource": "status"}),
        event(verb="create", objectRef={"resource": "pods", "name": "web", "subresource": "exec"}),
        event(verb="create", objectRef={"resource": "serviceaccounts", "name": "x", "subresource": "token"}),
        event(verb="update", objectRef={"resource": "leases", "apiGroup": "coordination.k8s.io", "name": "x"}),
        event(verb="create", objectRef={"resource": "events", "name": "x"}),
        event(
            verb="create",
            objectRef={"resource": "subjectaccessreviews", "apiGroup": "authorization.k8s.io"},
        ),
        {key: value for key, value in event(verb="create", requestURI="/x").items() if key != "objectRef"},
    ],
    ids=[
        "get", "watch", "forbidden", "conflict", "dry-run", "dry-run-in-body", "status", "exec", "token", "lease",
        "event", "review", "no-object",
    ],
)  # fmt: skip
def test_what_writes_nothing_that_git_could_declare_is_left_out(
    tmp_path: Path, left_out: dict[str, Any]
) -> None:
    found, coverage = read(log(tmp_path / "a.log", left_out))
    assert found == []
    assert coverage.is_whole
    assert (coverage.lines, coverage.first) == (1, at(0))


@pytest.mark.parametrize("subresource", ["scale", "eviction", "ephemeralcontainers", "resize"])
def test_other_subresources_are_writes(tmp_path: Path, subresource: str) -> None:
    ref = {"resource": "deployments", "apiGroup": "apps", "namespace": "shop", "name": "web"}
    (found,), _ = read(log(tmp_path / "a.log", event(objectRef={**ref, "subresource": subresource})))
    assert found.subresource == subresource


def test_lines_that_cannot_be_read_are_counted_and_named_by_file_and_line(tmp_path: Path) -> None:
    old = {**event(), "apiVersion": "audit.k8s.io/v1beta1"}
    path = log(
        tmp_path / "audit.log", event(seconds=1), b"{cut", b"[]", old, {"kind": "Event"}, b"\xff\xfe",
        event(seconds=2, stageTimestamp="yesterday"), event(seconds=9),
    )  # fmt: skip
    found, coverage = read(path)
    assert [one.completed_at for one in found] == [at(1), at(9)]
    assert (coverage.unreadable, coverage.lines) == (6, 8)
    assert [problem.partition(": ")[0] for problem in coverage.problems] == [
        f"audit.log:{number}" for number in (2, 3, 4, 5, 6, 7)
    ]
    assert "no JSON" in coverage.problems[0]
    assert "'audit.k8s.io/v1beta1' and not audit.k8s.io/v1" in coverage.problems[2]
    assert not coverage.is_whole


def test_what_was_unreadable_is_a_gap_between_its_neighbours(tmp_path: Path) -> None:
    _, coverage = read(
        log(tmp_path / "a.log", event(seconds=10), b"{", b"{", event(seconds=20), event(seconds=90))
    )
    (gap,) = coverage.gaps
    assert (gap.after, gap.before) == (at(10), at(20))
    assert not coverage.covers(at(15))
    assert coverage.covers(at(50))
    assert not coverage.covers(at(91))


def test_of_many_problems_the_first_are_named_and_all_are_counted(tmp_path: Path) -> None:
    _, coverage = read(log(tmp_path / "a.log", *[b"{"] * 500), limits=Limits(problems=3))
    assert (coverage.unreadable, len(coverage.problems)) == (500, 3)


def test_a_last_line_that_is_still_written_is_no_damage_but_one_in_a_rotated_file_is(tmp_path: Path) -> None:
    active = tmp_path / "audit.log"
    active.write_bytes(text(event()) + b'{"kind": "Ev')
    found, coverage = read(active)
    assert (len(found), coverage.unreadable, coverage.open_end, coverage.is_whole) == (1, 0, True, True)
    rotated = active.rename(tmp_path / "audit-2026-09-01T12-30-00.000.log")
    found, coverage = read(rotated)
    assert (len(found), coverage.unreadable, coverage.open_end) == (1, 1, False)


def test_a_line_that_is_too_long_is_skipped_whole(tmp_path: Path) -> None:
    long = event(seconds=2, annotations={"x": "y" * 5_000})
    path = log(tmp_path / "a.log", event(seconds=1), long, event(seconds=3))
    found, coverage = read(path, limits=Limits(line_bytes=2_000))
    assert [one.completed_at for one in found] == [at(1), at(3)]
    assert coverage.problems == ("a.log:2: longer than 2,000 bytes",)


class Endless(io.RawIOBase):
    """A stream of one line that never ends; it counts how much was asked for at a time."""

    def __init__(self) -> None:
        self.left = 400
        self.most = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        self.most = max(self.most, size or 0)
        self.left -= 1
        return b"x" * (size or 0) if self.left > 0 else b""


def test_an_endless_line_is_never_held_whole() -> None:
    stream: Any = Endless()
    found, coverage = read(Path("-"), limits=Limits(line_bytes=1_000), stdin=stream)
    assert found == []
    assert stream.most <= 1024 * 1024
    assert coverage.lines == 1


def test_hostile_nesting_is_an_unreadable_line_or_unknown_fields_and_no_crash(tmp_path: Path) -> None:
    deep = b"[" * 100_000
    body: Any = {}
    for _ in range(200):
        body = {"a": body}
    found, coverage = read(
        log(tmp_path / "a.log", deep, event(seconds=1, requestObject=body), event(requestObject=[1]))
    )
    assert coverage.unreadable == 1
    assert [one.fields for one in found] == [None, None]


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 300)
    | st.text(max_size=5)
    | st.sampled_from(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "[::1", "/x?a=%zz", "scale"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
places = st.sampled_from(
    [(name,) for name in event()]
    + [("objectRef", name) for name in ("resource", "subresource", "namespace", "name", "apiGroup")]
    + [("user", "username"), ("user", "groups"), ("responseStatus", "code"), ("responseStatus", "details")]
    + [("requestObject",), ("responseObject",), ("impersonatedUser",)]
)


@given(
    verb=st.sampled_from(["create", "patch", "delete", "deletecollection"]),
    changes=st.dictionaries(places, anything, max_size=3),
)
def test_whatever_stands_in_an_event_is_a_write_or_a_counted_line_or_no_write_and_never_a_crash(
    verb: str, changes: dict[tuple[str, ...], Any]
) -> None:
    made = event(verb, auditID="a")
    for place, value in changes.items():
        if len(place) == 1:
            made[place[0]] = value
        elif isinstance(made.get(place[0]), dict):
            made[place[0]] = {**made[place[0]], place[1]: value}
    found, coverage = read(Path("-"), stdin=io.BytesIO(text(made, event("patch", 5))))
    assert found[-1].completed_at == at(5)
    assert coverage.lines == 2
    assert len(found) + coverage.unreadable <= 2


def test_gzipped_files_and_folders_with_rotated_files_are_one_log(tmp_path: Path) -> None:
    log(tmp_path / "audit.log", event(seconds=30))
    (tmp_path / "audit-2026-09-01T12-00-10.123.log.gz").write_bytes(gzip.compress(text(event(seconds=10))))
    log(tmp_path / "audit-2026-09-01T12-00-20.123.log", event(seconds=20))
    log(tmp_path / "notes.txt", b"not a log")
    found, coverage = read(tmp_path)
    assert [one.completed_at for one in found] == [at(10), at(20), at(30)]
    assert (coverage.files, coverage.first, coverage.last) == (3, at(10), at(30))
    assert coverage.is_whole


def test_a_packing_that_is_not_read_is_a_problem_and_not_passed_over(tmp_path: Path) -> None:
    log(tmp_path / "audit.log", event())
    (tmp_path / "audit-2026-08-31T12-00-00.000.log.zst").write_bytes(b"(\xb5/\xfd")
    found, coverage = read(tmp_path)
    assert len(found) == 1
    assert "packed in a way that is not read" in coverage.problems[0]
    assert not coverage.is_whole


def test_a_damaged_gzip_keeps_what_came_before_and_says_so(tmp_path: Path) -> None:
    lines = text(*(event(seconds=second) for second in range(2_000)))
    whole = gzip.compress(lines, mtime=0)
    path = tmp_path / "audit-2026-09-01T12-40-00.000.log.gz"
    path.write_bytes(whole[: len(whole) // 2])
    found, coverage = read(path)
    assert 0 < len(found) < 2_000
    assert "damaged" in coverage.problems[0]
    assert coverage.gaps[-1].before is None


def test_a_pipe_in_place_of_a_file_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(gzip.compress(text(event())),))
    writer.start()
    found, coverage = read(pipe)
    writer.join()
    assert len(found) == 1
    assert coverage.is_whole


def test_standard_input_is_a_source(tmp_path: Path) -> None:
    found, coverage = read(Path("-"), stdin=io.BytesIO(text(event(), b"{")))
    assert len(found) == 1
    assert coverage.problems[0].startswith("standard input:2: ")


def test_a_source_that_is_not_there_or_holds_no_log_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no audit log"):
        read(tmp_path / "audit.log")
    with pytest.raises(UsageError, match="holds no audit log"):
        read(tmp_path)


def test_stages_of_a_request_are_joined_and_doubles_dropped(tmp_path: Path) -> None:
    begun = event(auditID="a", stage="RequestReceived", responseStatus=None)
    done = event(auditID="a")
    found, coverage = read(log(tmp_path / "a.log", begun, done, done))
    assert len(found) == 1
    assert coverage.unfinished == ()


def test_a_completion_that_another_file_holds_is_found_in_any_order(tmp_path: Path) -> None:
    first = log(tmp_path / "one.log", event(auditID="a"))
    second = log(tmp_path / "two.log", event(auditID="a", stage="RequestReceived"))
    found, coverage = read(first, second)
    assert (len(found), coverage.unfinished) == (1, ())


@pytest.mark.parametrize("stage", ["RequestReceived", "ResponseStarted", "Panic"])
def test_a_write_whose_end_is_not_in_the_log_is_named(tmp_path: Path, stage: str) -> None:
    begun = event(auditID="a", stage=stage, responseStatus=None)
    found, coverage = read(log(tmp_path / "a.log", begun))
    assert found == []
    assert coverage.unfinished == ("a.log:1: patch deployments shop/web by ann@example.com",)


def test_what_is_remembered_is_bounded_and_the_rest_counted(tmp_path: Path) -> None:
    begun = [event(auditID=f"a{number}", stage="RequestReceived") for number in range(50)]
    _, coverage = read(log(tmp_path / "a.log", *begun), limits=Limits(remembered=10, problems=4))
    assert len(coverage.unfinished) == 5
    assert coverage.unfinished[-1] == "46 more"


def test_a_quiet_night_is_no_gap(tmp_path: Path) -> None:
    log(tmp_path / "audit-2026-09-01T12-00-20.000.log", event(seconds=0), event(seconds=20))
    log(tmp_path / "audit.log", event(seconds=25), event(seconds=30_000))
    _, coverage = read(tmp_path)
    assert coverage.gaps == ()


def test_a_silence_between_files_that_the_log_does_not_know_otherwise_may_be_a_missing_file(
    tmp_path: Path,
) -> None:
    log(tmp_path / "audit-2026-09-01T12-00-20.000.log", *(event(seconds=n) for n in range(20)))
    log(tmp_path / "audit.log", *(event(seconds=5_000 + n) for n in range(20)))
    _, coverage = read(tmp_path)
    (gap,) = coverage.gaps
    assert (gap.after, gap.before) == (at(19), at(5_000))
    assert "a rotated file may be missing" in gap.why
    assert not coverage.covers(at(100))


def test_of_several_servers_the_log_begins_when_all_do(tmp_path: Path) -> None:
    one = log(tmp_path / "one.log", event(seconds=0), event(seconds=100))
    two = log(tmp_path / "two.log", event(seconds=60), event(seconds=90))
    _, coverage = read(one, two)
    assert (coverage.first, coverage.last) == (at(60), at(100))


def test_a_list_of_events_in_one_line_is_read(tmp_path: Path) -> None:
    batch = {
        "kind": "EventList",
        "apiVersion": "audit.k8s.io/v1",
        "items": [event(seconds=1), event(seconds=2)],
    }
    found, coverage = read(log(tmp_path / "a.log", batch))
    assert len(found) == 2
    assert coverage.lines == 1


def test_a_webhook_that_changed_the_request_is_told(tmp_path: Path) -> None:
    said = '{"configuration":"sidecars","webhook":"inject.example.com","mutated":%s}'
    hooks = {
        "mutation.webhook.admission.k8s.io/round_0_index_0": said % "true",
        "mutation.webhook.admission.k8s.io/round_0_index_1": said % "false",
        "mutation.webhook.admission.k8s.io/round_0_index_2": "no json",
    }
    (found,), _ = read(log(tmp_path / "a.log", event(annotations=hooks)))
    assert found.webhooks == ("sidecars/inject.example.com",)
