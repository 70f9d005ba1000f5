"""When an engine fails: every rule asked is an error by name, never a pass."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from policy.policy_support import ENGINES, document, needs_opa, write_rule

from auditor.errors import EngineError, PolicyError
from auditor.policy import interface
from auditor.policy.engines import OpaAddress
from auditor.policy.interface import Answer, EngineGoneError, EngineSlowError, GivenUp, Item, answer_all
from auditor.policy.judge import Judge, JudgeSpec, engine_session

GOOD = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "good"}}
BAD = {**GOOD, "bad": True}
CONFLICT = """
x := 1 if input.resource.bad

x := 2 if input.resource.bad

findings contains {"message": "m", "pointer": "p", "details": {}} if x == 1
"""


def judge_with(folder: Path, engine: str) -> Judge:
    return Judge(JudgeSpec(engine=engine, base=folder, schemas=False))


def outcomes(judgement):
    return sorted((v.rule_id, v.outcome.value) for v in judgement.verdicts)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_rule_that_errs_costs_its_own_verdict_only(tmp_path, engine):
    write_rule(tmp_path, name="conflict", rule_id="SHOP-0001", body=CONFLICT)
    write_rule(tmp_path, name="sound", rule_id="SHOP-0002")
    with judge_with(tmp_path, engine) as judge:
        judgements = judge.judge([document(GOOD), document(BAD), document(GOOD)])
    assert outcomes(judgements[0]) == outcomes(judgements[2]) == []
    assert outcomes(judgements[1]) == [("SHOP-0001", "error"), ("SHOP-0002", "fail")]
    assert judgements[0].evaluated == ("SHOP-0001", "SHOP-0002")
    assert judgements[1].evaluated == ("SHOP-0002",)


@pytest.mark.parametrize("engine", ENGINES)
def test_undefined_findings_are_an_error(tmp_path, engine):
    write_rule(tmp_path, body='findings := {{"message": "m"}} if input.resource.bad == "never"')
    with judge_with(tmp_path, engine) as judge:
        [judgement] = judge.judge([document(GOOD)])
    assert outcomes(judgement) == [("SHOP-0001", "error")]
    assert "undefined" in judgement.verdicts[0].message
    assert judgement.evaluated == ()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "body",
    [
        'findings contains "text" if true',
        'findings contains {"message": "m", "pointer": "p"} if true',
        'findings contains {"message": 1, "pointer": "p", "details": {}} if true',
        "findings := 7",
    ],
)
def test_what_is_no_finding_is_an_error(tmp_path, engine, body):
    write_rule(tmp_path, body=body)
    with judge_with(tmp_path, engine) as judge:
        [judgement] = judge.judge([document(GOOD)])
    assert outcomes(judgement) == [("SHOP-0001", "error")]


@needs_opa
def test_a_server_killed_midway_turns_the_rest_into_errors(tmp_path):
    write_rule(tmp_path)
    with judge_with(tmp_path, "opa") as judge:
        assert outcomes(judge.judge([document(BAD)])[0]) == [("SHOP-0001", "fail")]
        os.kill(_opa_children()[-1], signal.SIGKILL)
        judgements = judge.judge([document(GOOD), document(BAD)])
    assert len(judgements) == 2
    for judgement in judgements:
        assert outcomes(judgement) == [("SHOP-0001", "error")]
        assert judgement.evaluated == ()
        assert "cannot be reached" in judgement.verdicts[0].message


@needs_opa
def test_a_slow_rule_runs_into_the_time_limit(tmp_path):
    from auditor.policy.library import load_library
    from auditor.policy.opa import OpaEngine
    from auditor.policy.opa_server import running_server

    slow = """
    findings contains {"message": "m", "pointer": "p", "details": {}} if {
        some a in numbers.range(1, 3000)
        some b in numbers.range(1, 3000)
        a * b == -1
    }
    """
    write_rule(tmp_path, body=slow)
    library = load_library(base=tmp_path)
    with running_server(library) as address:
        engine = OpaEngine(library, address, timeout=0.2)
        started = time.monotonic()
        [answer] = engine.evaluate([Item((("shop", "rule"),), b"{}")])
        engine.close()
    assert "did not answer within 0.2 s" in answer.errors["shop/rule"]
    assert answer.findings == {}
    assert time.monotonic() - started < 10


@needs_opa
def test_the_session_ends_its_server():
    with engine_session("opa") as session:
        assert session.opa is not None
        children = _opa_children()
        assert children
    assert not set(children) & set(_opa_children())


@needs_opa
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_the_server_dies_with_a_parent_that_was_killed():
    program = (
        "import time\nfrom auditor.policy.judge import engine_session\n"
        "with engine_session('opa') as s:\n print(s.opa.url, flush=True)\n time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    url = parent.stdout.readline().strip()
    parent.kill()
    parent.wait()
    from auditor.policy.opa import BatchClient

    client = BatchClient.at(OpaAddress(url, "x"))
    for _ in range(100):
        try:
            client.about()
        except EngineGoneError as error:
            if "cannot be reached" in error.message:
                break
        except EngineError:
            pass
        time.sleep(0.05)
    else:
        pytest.fail("the OPA server outlived its parent")


@needs_opa
def test_the_server_answers_its_token_and_its_entry_point_only():
    import requests

    with engine_session("opa") as session:
        assert session.opa is not None
        url, token = session.opa.url, session.opa.token
        assert token not in repr(session)
        right = {"Authorization": f"Bearer {token}"}
        entry = f"{url}/v1/data/auditor_entry/answers"
        body = {"input": {"items": [], "asks": {}}}
        assert requests.post(entry, json=body, headers=right, timeout=5).json() == {"result": []}
        assert requests.post(entry, json=body, timeout=5).status_code == 401
        assert requests.get(f"{url}/v1/policies", headers=right, timeout=5).status_code in (401, 403)
        query = {"query": "x = 1"}
        assert requests.post(f"{url}/v1/query", json=query, headers=right, timeout=5).status_code in (
            401,
            403,
        )
        assert url.startswith("http://127.0.0.1:")


@needs_opa
def test_a_configured_server_is_given_the_rules(tmp_path):
    from auditor.policy.opa_server import _free_port, find_opa

    url = f"http://127.0.0.1:{_free_port()}"
    command = [find_opa(), "run", "--server", "--log-level=error", f"--addr={url.removeprefix('http://')}"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(url)
        with engine_session("auto", opa_url=url) as session:
            assert session.engine == "opa"
            spec = JudgeSpec(engine="opa", opa=session.opa, schemas=False)
            with Judge(spec) as judge:
                namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}
                assert outcomes(judge.judge([document(namespace)])[0]) == [("AUD-NS-0001", "fail")]
        write_rule(tmp_path)
        other = JudgeSpec(engine="opa", opa=OpaAddress(url, ""), policy_folders=(tmp_path,))
        with pytest.raises(EngineError, match="does not hold these rules"):
            Judge(other)
    finally:
        server.kill()
        server.wait()


def test_a_package_of_several_files_is_put_into_a_server():
    from auditor.policy.opa import BatchClient
    from auditor.policy.opa_server import _free_port, find_opa

    url = f"http://127.0.0.1:{_free_port()}"
    command = [find_opa(), "run", "--server", "--log-level=error", f"--addr={url.removeprefix('http://')}"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    rule = "package main\n\nseen := doubled(21)\n"
    function = "package main\n\ndoubled(x) := 2 * x\n"
    try:
        _wait_for(url)
        client = BatchClient.at(OpaAddress(url, ""))
        client.replace_modules({"a.rego": rule, "b.rego": function})
        assert client.post_data("main/seen", b"{}") == 42
        with pytest.raises(PolicyError, match="refuses the rules"):
            client.replace_modules({"a.rego": rule, "b.rego": "package main\n"})
        client.close_connection()
    finally:
        server.kill()
        server.wait()


def test_a_server_that_is_not_there_is_an_error_at_once():
    with pytest.raises(EngineError, match="cannot be reached"):
        Judge(JudgeSpec(engine="opa", opa=OpaAddress("http://127.0.0.1:9", "t")))


@pytest.mark.parametrize("call", ["http.send({})", 'net.lookup_ip_addr("a")', "opa.runtime()"])
def test_rules_that_reach_out_are_refused(tmp_path, call):
    write_rule(
        tmp_path, body=f'findings contains {{"message": "m", "pointer": "", "details": {call}}} if true'
    )
    with pytest.raises(PolicyError, match=call.split("(")[0]):
        judge_with(tmp_path, "embedded")


def test_rego_that_would_abort_the_process_is_an_error(tmp_path):
    # A dynamic reference behind `with` ends rego-cpp 1.5 with an abort, not with an error.
    (tmp_path / "lib").mkdir()
    other = 'package other.first.second\n\nfound contains "x" if input.resource\n'
    (tmp_path / "lib" / "other.rego").write_text(other)
    body = """
    judged := {key: found |
        some [first, second] in input.resource.entries
        key := concat("/", [first, second])
        found := data.other[first][second].found
    }

    findings contains answer if {
        some item in input.resource.items
        answer := judged with input as item
    }
    """
    write_rule(tmp_path, body=body)
    with pytest.raises(PolicyError, match="embedded engine"):
        judge_with(tmp_path, "embedded")


# --- taking a failed batch apart, against an engine made by hand -----------------------------------


class Fragile:
    """Fails for every batch that holds a poisoned item with the rule that cannot take it."""

    def __init__(self) -> None:
        self.calls = 0

    def ask(self, items):
        self.calls += 1
        for item in items:
            if b"poison" in item.resource and ("a", "weak") in item.rules:
                raise EngineError("boom")
        return [{f"{c}/{r}": [] for c, r in item.rules} for item in items]


RULES = (("a", "weak"), ("a", "strong"))


def test_a_batch_is_taken_apart_to_the_rule_that_fails():
    engine = Fragile()
    items = [Item(RULES, b'"poison"' if n == 37 else b'"fine"') for n in range(100)]
    answers = answer_all(engine.ask, items, {})
    for number, answer in enumerate(answers):
        if number == 37:
            assert answer == Answer(findings={"a/strong": []}, errors={"a/weak": "boom"})
        else:
            assert answer == Answer(findings={"a/weak": [], "a/strong": []})
    assert engine.calls < 20


def test_an_engine_that_is_gone_is_not_asked_again():
    calls = []

    def gone(items):
        calls.append(len(items))
        raise EngineGoneError("gone")

    answers = answer_all(gone, [Item(RULES, b"{}")] * 100, {})
    assert calls == [100]
    assert len(answers) == 100
    assert all(answer.errors == {"a/weak": "gone", "a/strong": "gone"} for answer in answers)


def test_batches_keep_to_their_limits(monkeypatch):
    monkeypatch.setattr(interface, "BATCH_ITEMS", 3)
    monkeypatch.setattr(interface, "BATCH_BYTES", 100)
    sizes = []

    def ask(items):
        sizes.append([len(item.resource) for item in items])
        return [{"a/weak": []} for _ in items]

    items = [Item((("a", "weak"),), b"x" * size) for size in (10, 10, 10, 10, 90, 5, 500, 1)]
    assert len(answer_all(ask, items, {})) == 8
    assert sizes == [[10, 10, 10], [10, 90], [5], [500], [1]]


def _opa_children() -> list[int]:
    tasks = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    children = [int(pid) for task in tasks for pid in task.read_text().split()]
    return [pid for pid in children if b"opa" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]]


def _wait_for(url: str) -> None:
    import requests

    for _ in range(200):
        try:
            requests.get(f"{url}/health", timeout=1)
        except requests.RequestException:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the server did not come up")


@pytest.mark.parametrize("slow_over", [frozenset(range(500)), frozenset({317})])
def test_a_rule_that_never_ends_is_given_up_and_the_others_answer(slow_over):
    slow, quick = ("shop", "slow"), ("shop", "quick")
    waited = 0

    def ask(items):
        nonlocal waited
        if any(slow in item.rules and int(item.resource) in slow_over for item in items):
            waited += 1
            raise EngineSlowError("it did not answer within 30 s")
        return [{"/".join(rule): [] for rule in item.rules} for item in items]

    given_up: GivenUp = {}
    items = [Item((slow, quick), str(number).encode()) for number in range(500)]
    answers = answer_all(ask, items, given_up)
    assert list(given_up) == ["shop/slow"]
    assert waited <= 12
    assert all(list(answer.findings)[-1] == "shop/quick" for answer in answers)
    for number in slow_over:
        assert "not asked any more" in answers[number].errors["shop/slow"]
    # Every rule asked is in exactly one of the two, of every item.
    assert all({*one.findings, *one.errors} == {"shop/slow", "shop/quick"} for one in answers)
    assert not any({*one.findings} & {*one.errors} for one in answers)
