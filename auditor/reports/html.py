"""HTML: one file that needs nothing else, on screen (light and dark) and on paper."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Any

from auditor.errors import MissingPartError
from auditor.reports.build import counted, gone, instant
from auditor.reports.model import Report
from auditor.reports.wording import LOST, NO_WAIVER, NOT_PROVEN, WAIVED, titles_of, waiver_terms
from auditor.store.output.lists import several
from auditor.store.output.visible import visible

try:
    import jinja2
    from markupsafe import Markup
except ImportError as error:
    raise MissingPartError(
        "HTML reports need the package jinja2", hint="install it with: pip install 'auditor[report]'"
    ) from error

TABLE_ROWS = 500
"""Rows of one table before it is cut, which the page then says: a browser's and a reader's limit."""

SHA_LENGTH = 12
"""Hex digits of a commit id that are shown; 12 are distinct in every repository known (git's own choice
for large ones is 12)."""


class HtmlFormat:
    """Jinja2 with autoescape; no script, no outside resource, and a content security policy that says so."""

    extension = "html"

    def render(self, report: Report) -> bytes:
        """The page in UTF-8."""
        style = (
            resources.files("auditor.reports").joinpath("templates/report.css").read_text(encoding="utf-8")
        )
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        page = _environment().get_template("report.html.j2")
        text = page.render(
            r=report,
            style=Markup(style),  # noqa: S704 - our own file
            style_hash=f"sha256-{digest}",
            limit=TABLE_ROWS,
            cut=_cut,
            not_proven=NOT_PROVEN,
            titles_of=titles_of,
            waiver_terms=waiver_terms,
            gone=gone,
            several=several,
            words={"waived": WAIVED, "none": NO_WAIVER, "lost": LOST},
        )
        return text.encode("utf-8")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("auditor.reports", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["instant"] = instant
    environment.filters["counted"] = counted
    environment.filters["day"] = _day
    environment.filters["days"] = days
    environment.filters["short"] = short
    return environment


def _harmless(value: Any) -> Any:
    """Everything that a template prints goes through here: no text may hide or reverse, numbers are grouped."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _cut(rows: Sequence[object]) -> Markup:
    if len(rows) <= TABLE_ROWS:
        return Markup("")
    text = f"The first {TABLE_ROWS:,} of {len(rows):,} rows. The Markdown format of this report lists all of them."
    return Markup('<p class="notice">{}</p>').format(text)


def _day(at: datetime) -> str:
    return at.astimezone(UTC).date().isoformat()


def days(value: float | None) -> str:
    """A time in days with its unit, a dash where there is none."""
    return "–" if value is None else f"{value:.1f} days"


def short(sha: str) -> str:
    """The commit id as it is shown."""
    return sha[:SHA_LENGTH]
