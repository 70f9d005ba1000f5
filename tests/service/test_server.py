"""Starting the service: what is refused before anything listens, and the whole application once."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.assets import asset_folder
from auditor.errors import MissingPartError, StoreError, UsageError
from auditor.service import server
from auditor.service.addresses import PAGES
from auditor.store.database import open_database


def test_without_the_packages_it_names_the_command(seeded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "streamlit" else found(name, *rest)
    )
    with pytest.raises(MissingPartError, match="streamlit") as problem:
        server.serve(seeded)
    assert "pip install 'auditor[scan,dashboard]'" in problem.value.hint


def test_a_missing_database_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nothing\.duckdb"):
        server.serve(tmp_path / "nothing.duckdb")


def test_a_port_in_use_is_named_with_the_way_out(seeded: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=str(port)) as problem:
            server.serve(seeded, port=port)
    assert "--port" in problem.value.hint


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_every_address_needs_names(seeded: Path, host: str) -> None:
    with pytest.raises(UsageError, match="nobody signs in") as problem:
        server.serve(seeded, host=host)
    assert "--allowed-host" in problem.value.hint


@pytest.mark.parametrize("host", ["203.0.113.9", "no-such-host.invalid"])
def test_an_address_of_another_machine_is_refused(seeded: Path, host: str) -> None:
    with pytest.raises(UsageError, match=host):
        server.serve(seeded, host=host, port=0)


@pytest.fixture(scope="module")
def address(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running service, started in a folder whose Streamlit settings try to weaken it."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "config.toml").write_text(
        "[server]\nenableCORS = false\nenableXsrfProtection = false\nenableAgentApi = true\n"
        '[browser]\ngatherUsageStats = true\n[client]\nshowErrorDetails = "full"\n',
        encoding="utf-8",
    )
    program = (
        "import sys; from pathlib import Path; from auditor.service.server import serve;"
        "serve(Path(sys.argv[1]), port=0, announce=lambda url: print(url, flush=True))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(seeded)],
        cwd=folder,
        env={**os.environ, "HOME": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        try:
            url = process.stdout.readline().strip()
            _wait_for(f"{url}/api/health")
            yield url
        finally:
            process.terminate()
            try:
                process.wait(20)
            finally:
                process.kill()


def test_dashboard_and_api_answer_on_one_address(address: str) -> None:
    with urllib.request.urlopen(f"{address}/api/summary", timeout=20) as answer:
        assert json.load(answer)["open"] > 0
    for path in ("/", "/findings", "/_stcore/health"):
        with urllib.request.urlopen(address + path, timeout=20) as answer:
            assert answer.status == 200
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
            assert answer.headers.get("Access-Control-Allow-Origin") is None


def test_an_address_that_there_is_not_is_not_found(address: str) -> None:
    for path in ("/nowhere", "/findings/F-1", "/compliance.html/x"):
        asked = urllib.request.Request(address + path, headers={"Accept": "text/html,*/*"})
        with pytest.raises(urllib.error.HTTPError) as missing:
            urllib.request.urlopen(asked, timeout=20)
        assert missing.value.code == 404
        assert "There is no such page" in missing.value.read().decode()
        assert missing.value.headers["X-Frame-Options"] == "DENY"
    for path in ("/", *(f"/{page}" for page in PAGES), "/findings/"):
        asked = urllib.request.Request(address + path, headers={"Accept": "text/html,*/*"})
        with urllib.request.urlopen(asked, timeout=20) as answer:
            assert answer.status == 200


def test_the_addresses_are_those_of_the_pages() -> None:
    program = (asset_folder("dashboards") / "app.py").read_text(encoding="utf-8")
    assert tuple(re.findall(r'url_path="([^"]+)"', program)) == PAGES


def test_another_host_name_is_refused_everywhere(address: str) -> None:
    for path in ("/", "/api/summary", "/_stcore/health"):
        request = urllib.request.Request(address + path, headers={"Host": "rebound.example"})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=20)
        assert refused.value.code == 400


def test_settings_of_the_working_directory_do_not_count(address: str) -> None:
    with urllib.request.urlopen(f"{address}/_stcore/agent/openapi.json", timeout=20) as answer:
        described = answer.read().decode()
    request = urllib.request.Request(
        f"{address}/_stcore/agent/interact",
        data=b"{}",
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=20)
    assert refused.value.code in {403, 404}, described


def test_the_database_can_be_read_beside_the_service_but_not_written(address: str, seeded: Path) -> None:
    assert address
    with open_database(seeded, read_only=True) as database:
        assert database.cursor().sql("SELECT count(*) FROM findings WHERE source <> 'change'").fetchall() == [
            (201,)
        ]
    with pytest.raises(StoreError, match="in use"):
        open_database(seeded)


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
