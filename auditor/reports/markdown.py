"""Markdown (CommonMark with tables), for a wiki, a pull request or a pager."""

from __future__ import annotations

from auditor.reports.build import answered_of, counted, instant
from auditor.reports.markdown_findings import accepted, finding_row
from auditor.reports.markdown_head import head
from auditor.reports.markdown_integrity import integrity
from auditor.reports.markdown_text import days, escape, listed, table
from auditor.reports.model import ControlEvidence, FindingCounts, Report

COUNT_HEADS = ("Open at start", "Opened", "Fixed", "Waived", "Open at end", "Median time to fix")


class MarkdownFormat:
    """The same report as the HTML; every text out of a repository is escaped."""

    extension = "md"

    def render(self, report: Report) -> bytes:
        """The document in UTF-8."""
        parts = [
            *head(report),
            *_audited(report),
            *_population(report),
            *integrity(report),
            *_controls(report),
            *accepted(report),
            *_drift(report),
            *_gaps(report),
            *_words(report),
        ]
        return ("\n\n".join(part for part in parts if part) + "\n").encode("utf-8")


def _counts(counts: FindingCounts) -> list[str]:
    numbers = [counts.open_at_start, counts.opened, counts.fixed, counts.waived, counts.open_at_end]
    return [*(str(number) for number in numbers), days(counts.median_days)]


def _audited(report: Report) -> list[str]:
    parts = ["## 2. What was audited"]
    for run in report.runs:
        revision = f", revision {escape(run.revision)}" if run.revision else ""
        parts += [
            f"### {escape(run.repo)}",
            "\n".join(
                [
                    f"- Repository: {escape(run.location) or 'not recorded'}{revision}",
                    f"- Audited tip: {run.tip}",
                    f"- Last run: {escape(run.id)}, {instant(run.started_at)} to {instant(run.finished_at)}:"
                    f" **{run.status}**",
                    f"- Runs in the period: {run.runs_in_period}; incomplete ones among them: {run.incomplete_in_period}",
                    f"- Policy engine: {escape(run.engine)} {escape(run.engine_version)}",
                    f"- Rule bundle digest: {escape(run.bundle_digest)}",
                    f"- Kubernetes version judged against: {escape(run.kubernetes_version) or 'none'}",
                    f"- auditor version of the run: {escape(run.auditor_version)}",
                ]
            ),
        ]
    if not report.runs:
        parts.append("No run is recorded.")
    if checkpoint := report.checkpoint:
        parts.append(
            f"Newest signed checkpoint of the trail: {checkpoint.size} records, root {escape(checkpoint.root)}, signed"
            f" {instant(checkpoint.signed_at)} with key {escape(checkpoint.key_id)}."
        )
    else:
        parts.append(
            "The trail has no signed checkpoint: nothing outside the database proves that its records were not changed."
        )
    return parts


def _population(report: Report) -> list[str]:
    population = report.population
    span = ""
    if population.first_at and population.last_at:
        span = f", from {instant(population.first_at)} to {instant(population.last_at)}"
    parts = [
        "## 3. Population and integrity",
        f"{counted(population.landed, 'commit')} landed on the audited branch{span};"
        f" {counted(population.not_landed, 'commit')} more on side branches that were merged.",
    ]
    if population.by_actor:
        signatures = ", ".join(f"{number} {escape(name)}" for name, number in population.signatures.items())
        parts += [
            table(
                ("Made by", "Landed commits", "Merges", "One parent, no pull request"),
                (
                    (escape(row.actor_kind), str(row.landed), str(row.merges), str(row.without_request))
                    for row in population.by_actor
                ),
            ),
            f"Signatures of the landed commits: {signatures}. “unchecked” means that there is a signature and no trust"
            " store to check it against; “none” that there is none.",
        ]
    parts += [
        "SHA-256 over the sorted ids of the landed commits, each followed by a newline: " + population.digest,
        "### Direct pushes",
    ]
    if not population.direct_pushes:
        return [*parts, "None in the period."]
    return [
        *parts,
        "Landed commits of people with one parent and no sign of a pull request. Each needs an explanation.",
        table(
            ("Committed", "Commit", "Author (as claimed)", "Subject", "Signature"),
            (
                (
                    instant(c.committed_at),
                    c.sha,
                    escape(c.author),
                    escape(c.subject),
                    escape(c.signature_status),
                )
                for c in population.direct_pushes
            ),
        ),
    ]


def _controls(report: Report) -> list[str]:
    rows = []
    for control in report.controls:
        answered = answered_of(control) if control.rules else "–"
        counts = _counts(control.counts) if control.rules else ["–"] * len(COUNT_HEADS)
        rows.append(
            [
                escape(control.control),
                escape(control.title)
                + (" (and work for people)" if control.manual and control.rules else ""),
                f"**{control.status}**",
                answered,
                *counts,
            ]
        )
    parts = [
        "## 4. Controls",
        "The status is that of the automated evidence when the period ended. Counts are findings; times to fix are"
        " days of 24 hours.",
        table(("Control", "Title", "Status", "Rules that answered", *COUNT_HEADS), rows),
        "## 5. Evidence by control",
    ]
    for control in report.controls:
        parts += _control(control, report)
    manual = [control for control in report.controls if control.manual]
    parts.append("## 6. What people have to do")
    parts.append(
        "\n".join(f"- **{escape(c.control)} {escape(c.title)}**: {escape(c.manual)}" for c in manual)
        or "The mapping names no work for people. That does not mean that there is none."
    )
    return parts


def _control(control: ControlEvidence, report: Report) -> list[str]:
    parts = [f"### {escape(control.control)} {escape(control.title)}: {control.status}"]
    if control.manual:
        parts.append(f"**People have to:** {escape(control.manual)}")
    if not control.rules:
        return parts
    parts.append(
        table(
            ("Rule", "Title", "Severity", "Status", "Why", *COUNT_HEADS),
            (
                (
                    escape(e.rule.rule_id),
                    escape(e.rule.title),
                    escape(e.rule.severity),
                    e.status,
                    escape(e.reason),
                    *_counts(e.counts),
                )
                for e in control.rules
            ),
        )
    )
    if not control.findings:
        return [*parts, "No finding of these rules was open at any time of the period."]
    return [
        *parts,
        table(
            ("Rule", "Severity", "Resource", "Message", "Opened by", "Fixed by", "Time to fix"),
            (finding_row(finding, report) for finding in control.findings),
        ),
    ]


def _drift(report: Report) -> list[str]:
    parts = ["## 8. Drift between git and clusters"]
    if not report.drift:
        return [*parts, "No drift is recorded in the period. This does not show that a cluster was compared."]
    verdicts = ", ".join(f"{number} {escape(verdict)}" for verdict, number in report.drift_by_verdict.items())
    rows = []
    for d in report.drift:
        place = f"{d.namespace}/{d.name}" if d.namespace else d.name
        field = "the whole object"
        if d.pointer:
            field = f"{d.pointer}: {d.declared or '(not declared)'} → {d.live or '(absent)'}"
        actor = f"{d.actor or 'not known'}{f' through {d.manager}' if d.manager else ''}"
        changed = f", {instant(d.changed_at)}" if d.changed_at else ""
        rows.append(
            [
                escape(d.verdict),
                escape(f"{d.kind} {place} on {d.cluster}"),
                escape(field),
                f"{escape(actor)}{changed} (confidence {escape(d.confidence) or 'none'})",
                f"{instant(d.first_seen_at)} to {instant(d.last_seen_at)}",
            ]
        )
    heads = ("Verdict", "Object", "Field: declared → live", "Changed by", "Seen")
    return [
        *parts,
        f"{verdicts}. Each difference is listed once, however often it was seen.",
        table(heads, rows),
    ]


def _gaps(report: Report) -> list[str]:
    parts = ["## 9. What could not be evaluated"]
    if not report.gaps:
        nothing = "The last run names nothing that it could not evaluate."
        return [*parts, nothing if report.runs else "No run is recorded."]
    rows = (
        (escape(g.outcome), escape(g.subject), listed(g.reason), str(g.occurrences), escape(g.example))
        for g in report.gaps
    )
    return [
        *parts,
        "In the last run of each repository. None of it counts as passed.",
        table(("Outcome", "Subject", "Reason", "Times", "For example"), rows),
    ]


def _words(report: Report) -> list[str]:
    return [
        "## 10. Limits of this evidence",
        "\n".join(f"- {limit}" for limit in report.limits),
        "## 11. Terms",
        "\n".join(f"- **{term}**: {meaning}" for term, meaning in report.glossary.items()),
    ]
