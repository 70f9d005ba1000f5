"""When engines are started, and what is known of them before."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from policy.policy_support import document, needs_opa, write_rule

from auditor.errors import MissingPartError, PolicyError
from auditor.model import Document
from auditor.policy import opa_server
from auditor.policy.judge import Judge, JudgeSpec, engine_session
from auditor.policy.library import load_library

HOST_NAMESPACES = "AUD-POD-0002"
NAMESPACE = Document(
    index=0, item=None, line=1, api_version="v1", kind="Namespace", namespace="", name="a", digest="d",
    manifest={"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}},
)  # fmt: skip


@needs_opa
def test_no_server_is_started_before_something_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    real = opa_server.OpaServer

    def counted(library: object) -> opa_server.OpaServer:
        started.append("server")
        return real(library)  # type: ignore[arg-type]

    monkeypatch.setattr(opa_server, "OpaServer", counted)
    with engine_session("opa") as session, Judge(JudgeSpec(engine="opa"), session=session) as judge:
        assert judge.engine_name == "opa"
        told = judge.engine_version
        assert judge.bundle_digest
        assert judge.judge([]) == []
        assert started == []
        verdicts = judge.judge([NAMESPACE])[0].verdicts
        assert [verdict.rule_id for verdict in verdicts] == ["AUD-NS-0001"]
        assert started == ["server"]
        assert judge.engine_version == told


@needs_opa
def test_the_version_is_the_one_that_the_server_tells() -> None:
    with engine_session("opa") as session, Judge(JudgeSpec(engine="opa", opa=session.opa)) as judge:
        assert judge.engine_version == session.version() == opa_server.program_version()


@needs_opa
def test_a_started_server_that_nobody_asks_ends_with_the_session() -> None:
    with engine_session("opa") as session:
        session.start()
        server = session._server
        assert server is not None
        process = server._process
        assert process is not None
        folder = Path(server._folder.name)
    assert process.poll() is not None
    assert not folder.exists()


@needs_opa
def test_the_token_does_not_stay_on_disk() -> None:
    with engine_session("opa") as session:
        address = session.opa
        assert address is not None
        server = session._server
        assert server is not None
        left = [path.read_bytes() for path in Path(server._folder.name).rglob("*") if path.is_file()]
        assert left, "the server's log at least"
        assert not any(address.token.encode() in content for content in left)


@needs_opa
def test_rules_that_opa_refuses_are_told_when_the_engine_is_needed(tmp_path: Path) -> None:
    write_rule(tmp_path, body="findings contains x if { undefined_function(1) }")
    with engine_session("opa", policy_folders=(tmp_path,)) as session:
        session.start()
        with pytest.raises(PolicyError):
            assert session.opa
        process = session._server._process if session._server else None
    assert process is not None
    assert process.poll() is not None


def test_without_the_program_the_choice_is_refused_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opa_server, "find_opa", lambda: "")
    with engine_session("opa") as session:
        with pytest.raises(MissingPartError):
            session.version()
        with pytest.raises(MissingPartError):
            session.start()


def test_the_embedded_engine_tells_its_version_unopened() -> None:
    with engine_session("embedded") as session:
        told = session.version()
        assert session.opa is None
    with Judge(JudgeSpec(engine="embedded")) as judge:
        assert judge.engine_version == told


def test_rules_are_read_again_when_a_file_changes(tmp_path: Path) -> None:
    lib = tmp_path / "lib"
    lib.mkdir()
    (lib / "a.rego").write_text("package auditor.lib.a\n\nx := 1\n")
    first = load_library(base=tmp_path)
    assert load_library(base=tmp_path) is first
    (lib / "a.rego").write_text("package auditor.lib.a\n\nx := 2\n")
    later = time.time_ns() + 1_000_000
    os.utime(lib / "a.rego", ns=(later, later))
    assert load_library(base=tmp_path).digest != first.digest
    (lib / "b.rego").write_text("package auditor.lib.b\n\ny := 2\n")
    assert len(load_library(base=tmp_path).modules) == 2


@needs_opa
def test_a_server_answers_a_judge_that_leaves_rules_out() -> None:
    """The server holds all rules, whatever each judge asks of it."""
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"hostPID": True}}
    rules = []
    with engine_session("opa") as session:
        for disabled in ((), (HOST_NAMESPACES,)):
            with Judge(JudgeSpec(engine="opa", opa=session.opa, disabled=disabled)) as judge:
                [judgement] = judge.judge([document(pod)])
                rules.append({verdict.rule_id for verdict in judgement.verdicts})
    assert rules[0] - rules[1] == {HOST_NAMESPACES}
    assert rules[1]
