"""What every test shares: no configuration of the caller's, and a plain word on what was skipped.

Tests that need a part which PyPI does not carry (marks `needs_…`) are skipped where it is
missing and counted in one line. With CI=true such a skip is a failure: a check that did not run has not
passed.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import settings

# The same cases every time, so that the suite says the same of the same code; HYPOTHESIS_PROFILE=explore draws
# new ones.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

PARTS = {
    "needs_opa": "opa",
    "needs_browser": "Chromium",
    "needs_gitea": "gitea",
    "needs_conftest": "conftest",
    "needs_gator": "gator",
    "needs_gnupg": "gpg, gpgsm, ssh-keygen and openssl",
    "needs_gitsign": "gitsign",
    "needs_registry": "registry",
    "needs_helm": "helm",
    "needs_flux": "kustomize-controller and its cluster",
    "needs_cluster": "etcd and kube-apiserver",
}
_missing: Counter[str] = Counter()


@pytest.fixture(autouse=True)
def _no_settings_of_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AUDITOR_")]:
        monkeypatch.delenv(name)


LONGEST_NAME = 60
"""Characters of a value that stand in a test's name as they are; of a longer one the beginning does."""


def pytest_make_parametrize_id(val: object) -> str | None:
    """What a value is called in a test's name: itself where it is a short line, else its beginning as words.

    Bytes have no part in a name: an archive has the time in it, and workers must agree on names.
    """
    if isinstance(val, bytes):
        return "bytes"
    if isinstance(val, dict):
        return _as_words(str(val).replace("': ", "=").replace("'", "")) or "empty"
    if isinstance(val, str) and (len(val) > LONGEST_NAME or not val.isprintable()):
        return _as_words(val) or "blank"
    return None


def _as_words(text: str) -> str:
    return re.sub(r"[^\w.:/=$%-]+", "-", text[: 2 * LONGEST_NAME]).strip("-")[:LONGEST_NAME].rstrip("-")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and report.when in ("setup", "call"):
        for mark in PARTS:
            if mark in report.keywords:
                _missing[mark] += 1


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if _missing and os.environ.get("CI") == "true" and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not _missing:
        return
    missing = ", ".join(f"{count} need {PARTS[mark]}" for mark, count in sorted(_missing.items()))
    verdict = (
        "a failure with CI=true" if os.environ.get("CI") == "true" else "`make tools` gets what is missing"
    )
    terminalreporter.write_line(f"tests skipped for a missing part: {missing} ({verdict})", yellow=True)
