"""The top of the Markdown report: what it is about, and its summary."""

from __future__ import annotations

from auditor.reports.build import instant
from auditor.reports.markdown_text import days, escape
from auditor.reports.model import Report
from auditor.reports.wording import titles_of


def head(report: Report) -> list[str]:
    """Title, period, repository, the text that the controls are of, notices and summary."""
    period, counts = report.period, report.counts
    statuses = ", ".join(f"{number} {status}" for status, number in report.by_status.items())
    fixed = f"Findings fixed in the period: {counts.fixed}"
    if counts.median_days is not None:
        fixed += f"; time to fix: median {days(counts.median_days)}, longest {days(counts.longest_days)}"
    open_now = f"Findings open when the period ended: {counts.open_at_end}"
    if counts.unknown:
        open_now += f", {counts.unknown} of them with no known opening (counted as open)"
    return [
        f"# {escape(report.framework_title)}: evidence report",
        f"Period **{escape(period.label)}**: {period.start:%Y-%m-%d} to {period.last_day} (UTC, both days included).",
        f"Generated {instant(report.generated_at)} by auditor {report.auditor_version}."
        f" Evidence reaches to {instant(report.covered_until)}.",
        *_text(report),
        *(f"> **Note:** {escape(notice)}" for notice in report.notices),
        "## 1. Summary",
        "\n".join(
            [
                f"- Controls: {statuses}",
                f"- Controls that need people, alone or beside the rules: {report.needing_people}",
                f"- Findings open when the period began: {counts.open_at_start}",
                f"- Findings opened in the period: {counts.opened}",
                f"- {fixed}",
                f"- {open_now}",
                f"- Findings waived, which fail no control: {counts.waived}",
                *(
                    [f"- Advisory findings open, which fail no control: {counts.advisory}"]
                    if counts.advisory
                    else []
                ),
                *([f"- Findings whose history is gone, counted apart: {counts.lost}"] if counts.lost else []),
                f"- Commits that landed: {report.population.landed}; direct pushes by people among them:"
                f" {len(report.population.direct_pushes)}",
                f"- Differences between git and clusters: {len(report.drift)}",
            ]
        ),
        "A finding that counts for several controls is counted once here and once in each of them below.",
    ]


def _text(report: Report) -> list[str]:
    """Which repository and which text the report is about."""
    parts = [f"Repository **{escape(report.repo)}** alone."] if report.repo else []
    if report.text is not None:
        parts.append(
            f"Controls of {escape(report.text.title)}, version {escape(report.text.version)} ({escape(report.text.url)})."
            f" {escape(report.text.scope)} {escape(titles_of(report.text))}"
        )
    return parts
