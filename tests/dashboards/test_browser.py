"""The dashboard in a real Chromium: pages open, addresses lead to findings, filters write the address.

The service runs as users start it, so the security headers apply; a page that needed anything from
another host, or an inline script, would fail here.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from auditor.store.database import open_database
from auditor.store.pages import findings

pytestmark = [
    pytest.mark.needs_browser,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium on PATH"),
]
sync_api = pytest.importorskip("playwright.sync_api")

_QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def address(databases: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(databases["incomplete"], tmp_path_factory.mktemp("served")) as url:
        yield url


@contextmanager
def served(database: Path, folder: Path) -> Iterator[str]:
    """The address of a service over the database, as users start it."""
    program = (
        "import sys; from pathlib import Path; from auditor.service.server import serve;"
        "serve(Path(sys.argv[1]), port=0, announce=lambda url: print(url, flush=True))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(database)],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            try:
                process.wait(20)
            finally:
                process.kill()


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"),
            executable_path=shutil.which("chromium"),
            args=[*_QUIET, *sandbox],
            viewport={"width": 1440, "height": 1000},
        )
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Any, address: str) -> Iterator[Any]:
    """A page that fails the test on a script error, or on a request to another host."""
    page = chromium.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: _keep_refusals(message, problems))
    page.on("request", lambda request: _keep_foreign(request, address, problems))
    yield page
    page.close()
    assert problems == []


def _keep_refusals(message: Any, problems: list[str]) -> None:
    if message.type == "error" and "Content Security Policy" in message.text:
        problems.append(message.text)


def _keep_foreign(request: Any, address: str, problems: list[str]) -> None:
    if not request.url.startswith((address, address.replace("http:", "ws:"), "data:", "blob:")):
        problems.append(request.url)


def _open(window: Any, url: str) -> None:
    window.goto(url)
    window.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=60_000)
    window.wait_for_selector("h1", timeout=60_000)


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/", "Overview"),
        ("/findings", "Findings"),
        ("/commits", "Audit trail"),
        ("/images", "Images"),
        ("/drift", "Drift"),
        ("/compliance", "Compliance"),
        ("/runs", "Runs and coverage"),
        ("/integrity", "Integrity"),
        ("/resource?kind=Deployment&name=web&environment=production", "Deployment payments/web"),
    ],
)
def test_pages_open_and_do_not_scroll_sideways(window: Any, address: str, path: str, title: str) -> None:
    _open(window, address + path)
    assert window.locator("h1").first.inner_text() == title
    assert window.locator('[data-testid="stException"]').count() == 0
    for width in (1440, 800):
        window.set_viewport_size({"width": width, "height": 1000})
        # A loaded machine lays a page out late; one that is too wide stays so.
        window.wait_for_function(
            "() => { const main = document.querySelector('[data-testid=\"stMain\"]');"
            f" return document.documentElement.clientWidth === {width} && main.scrollWidth <= main.clientWidth }}",
            timeout=10_000,
        )


def test_the_address_of_a_finding_leads_to_it(window: Any, address: str, databases: dict[str, Path]) -> None:
    with open_database(databases["incomplete"], read_only=True) as database:
        wanted = findings.FindingFilter(severities=("critical",))
        finding = findings.list_findings(database.cursor(), wanted, limit=1).to_pylist()[0]
    _open(window, f"{address}/finding?id={finding['id']}")
    assert window.locator("h1").first.inner_text() == finding["title"]
    assert window.get_by_text(finding["id"], exact=True).count() == 1


def test_a_filter_changes_the_address_and_the_address_the_filter(window: Any, address: str) -> None:
    _open(window, f"{address}/findings")
    window.get_by_label("Severity", exact=False).first.click()
    window.get_by_role("option", name="critical").click()
    window.wait_for_url("**/findings?severity=critical", timeout=20_000)
    text = window.get_by_text("without filters").inner_text()
    _open(window, f"{address}/findings?severity=critical")
    assert window.get_by_text("without filters").inner_text() == text


def test_a_click_on_a_row_opens_the_finding(window: Any, address: str) -> None:
    _open(window, f"{address}/findings?severity=critical&state=open")
    grid = window.locator('[data-testid="stDataFrame"]').first
    grid.wait_for(timeout=20_000)
    window.wait_for_timeout(1000)
    grid.click(position={"x": 250, "y": 52})
    window.wait_for_url("**/finding?id=F-*", timeout=20_000)
    window.get_by_text("All findings").first.wait_for(timeout=20_000)


def test_a_click_on_a_change_rule_lists_the_commits(window: Any, address: str) -> None:
    _open(window, address)
    window.get_by_role("heading", name="How changes landed").wait_for(timeout=20_000)
    grid = window.locator('[data-testid="stDataFrame"]').nth(3)
    grid.scroll_into_view_if_needed()
    window.wait_for_timeout(1500)
    grid.click(position={"x": 200, "y": 52})
    window.wait_for_url("**/findings?*source=changes*", timeout=20_000)
    assert "rule=AUD-CHG-0004" in window.url
    window.get_by_text("without filters").wait_for(timeout=20_000)


def test_hostile_texts_stay_texts(window: Any, address: str) -> None:
    window.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    _open(window, f"{address}/commits")
    _open(window, f"{address}/findings?text=HYPERLINK")
    assert window.locator("a[href^='javascript']").count() == 0
    assert window.locator("img[src*='a.example']").count() == 0


def test_the_download_holds_what_the_filters_keep_and_no_formula(window: Any, address: str) -> None:
    _open(window, f"{address}/findings?text=HYPERLINK")
    with window.expect_download(timeout=30_000) as started:
        window.get_by_role("button", name="Download as CSV").click()
    rows = list(csv.DictReader(Path(started.value.path()).read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 1
    assert rows[0]["message"].startswith("'=HYPERLINK(")


def _click_row(grid: Any, row: int, shown: Any) -> None:
    """Clicks a row of a list until what it shows is there: a canvas takes no click before it has drawn its rows."""
    for _ in range(5):
        grid.click(position={"x": 250, "y": 35 * row + 17})
        try:
            shown.wait_for(timeout=10_000)
        except sync_api.TimeoutError:
            continue
        return
    shown.wait_for(timeout=20_000)


def _choose(page: Any, label: str, option: str) -> None:
    """Chooses from a list; a page that is still being drawn closes what was opened, so it is opened again."""
    for _ in range(5):
        page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=60_000)
        page.get_by_label(label).first.click()
        try:
            page.get_by_role("option", name=option).click(timeout=5_000)
        except sync_api.TimeoutError:
            page.keyboard.press("Escape")
            continue
        return
    raise AssertionError(f"{label} offers no {option}")


def test_a_chosen_image_stays_chosen_while_the_list_changes(
    chromium: Any, databases: dict[str, Path], tmp_path: Path
) -> None:
    with served(databases["images"], tmp_path) as address:
        page = chromium.new_page()
        _open(page, f"{address}/images")
        grid = page.locator('[data-testid="stDataFrame"]').first
        grid.wait_for(timeout=20_000)
        _click_row(grid, 12, page.get_by_role("heading", name="The chosen image"))
        page.wait_for_url("**/images?place=*", timeout=20_000)
        shown = page.locator('[data-testid="stCode"]').first.inner_text()
        _choose(page, "Registry", "ghcr.io")
        page.wait_for_url("**/images?*registry=ghcr.io*", timeout=20_000)
        page.get_by_text("without filters").wait_for(timeout=20_000)
        assert page.locator('[data-testid="stException"]').count() == 0
        assert page.locator('[data-testid="stCode"]').first.inner_text() == shown
        page.close()


def test_a_chosen_control_is_forgotten_with_its_framework(window: Any, address: str) -> None:
    _open(window, f"{address}/compliance?framework=soc2")
    grid = window.locator('[data-testid="stDataFrame"]').first
    grid.wait_for(timeout=20_000)
    _click_row(grid, 5, window.get_by_text("Click a rule to see").or_(window.get_by_text("No rule speaks")))
    _choose(window, "Framework", "pss-restricted")
    window.get_by_text("Click a control").wait_for(timeout=20_000)
    assert window.locator('[data-testid="stException"]').count() == 0
