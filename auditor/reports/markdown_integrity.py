"""The Markdown of what the population is held against git by, and how far the record can be relied on."""

from __future__ import annotations

from auditor.reports.build import counted
from auditor.reports.markdown_text import escape, table
from auditor.reports.model import Report
from auditor.reports.wording import NOT_PROVEN


def integrity(report: Report) -> list[str]:
    """The manifest of the population by repository, what is not in it, and the state of the log."""
    parts = ["### Population manifest"]
    if report.manifests:
        parts += [
            "Whoever has the repository can list the same commits: git rev-list --first-parent FROM..TO, sorted, gives"
            " the digest (SHA-256, each id followed by a newline).",
            table(
                ("Repository", "Landed", "From (not in it)", "To", "Digest", "Unbroken"),
                (
                    (escape(m.repo), str(m.landed), m.old_tip or "the beginning", m.new_tip, m.digest_of_ids,
                     "yes" if m.unbroken else "**no**: dates go back and forth")
                    for m in report.manifests
                ),
            ),
        ]  # fmt: skip
    if report.exclusions:
        parts += [
            "Every recorded commit, once:",
            table(
                ("Repository", "Commits", "In the population, or why not"),
                ((escape(e.repo), str(e.commits), escape(e.reason)) for e in report.exclusions),
            ),
        ]
    known = report.integrity
    requests = ", ".join(f"{number} {escape(told)}" for told, number in known.requests.items()) or "none"
    moves = ", ".join(f"{number} {escape(move)}" for move, number in known.rewritten.items()) or "none seen"
    return [
        *parts,
        "### Integrity of the record",
        "\n".join(
            [
                f"- Log: {counted(known.records, 'record')}"
                + (f", root of the tree {known.root}" if known.root else "")
                + f"; {counted(known.unsigned, 'record')} of them since the newest checkpoint",
                f"- Requests of the landed commits: {requests}",
                f"- Refs found elsewhere than their history leads, or gone: {moves};"
                f" {counted(known.lost, 'commit')} lost by it",
            ]
        ),
        "Not proven by it:",
        "\n".join(f"- {statement}" for statement in NOT_PROVEN),
    ]
