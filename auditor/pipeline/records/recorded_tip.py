"""The state at the audited tip into the store: resources, and how often each rule gave which answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from auditor.changecontrol.judge import RULE_IDS
from auditor.pipeline.declared.tip import TipState
from auditor.pipeline.records.run import Recording
from auditor.policy.library import Library
from auditor.store.writer import Writer


def record_tip(writer: Writer, recording: Recording, tip: TipState) -> None:
    """Replaces the state at the tip: its resources, what each rule answered there, the rules and their controls."""
    repo = recording.facts.repo
    writer.replace("resource", ((repo, *row) for row in tip.resources), repo=repo)
    _join_last_change(writer, repo, recording.facts.generation)
    tip.images.record(writer, repo, anew=recording.fresh)
    kept = set(recording.change_findings.results())
    results = {rule: counts for rule, counts in tip.results.items() if rule not in kept}
    writer.execute(
        "DELETE FROM trail.rule_result WHERE repo = ? AND rule_id NOT IN (SELECT unnest(?::VARCHAR[]))",
        [repo, sorted(kept)],
    )
    writer.append("rule_result", ((repo, rule, *counts) for rule, counts in sorted(results.items())))
    writer.replace(
        "rule",
        (
            (
                info.id,
                info.title,
                info.description,
                info.severity.value,
                info.category,
                info.remediation,
                info.id in recording.library.advisory,
            )
            for info in recording.library.infos
        ),
    )
    writer.replace("control", _control_rows(recording.library))
    writer.replace(
        "framework",
        (
            (f.name, f.title, f.version, f.url, f.source, f.scope, f.titled_by_us)
            for f in recording.library.frameworks
        ),
    )


def record_change_results(writer: Writer, recording: Recording) -> None:
    """Results of the rules on changes: added to those of earlier runs, as landings stay judged, or anew."""
    repo = recording.facts.repo
    results = recording.change_findings.results()
    if not recording.to_judge.all_of_them:
        rows = writer.execute(
            "SELECT rule_id, evaluated, failed, skipped, errors FROM trail.rule_result WHERE repo = ?", [repo]
        ).fetchall()
        for rule_id, *before in rows:
            if rule_id in results:
                evaluated, failed, skipped, errors = (
                    new + old for new, old in zip(results[rule_id], before, strict=True)
                )
                results[rule_id] = (evaluated, failed, skipped, errors)
    writer.execute(
        "DELETE FROM trail.rule_result WHERE repo = ? AND rule_id IN (SELECT unnest(?::VARCHAR[]))",
        [repo, sorted(RULE_IDS)],
    )
    writer.append("rule_result", ((repo, rule, *counts) for rule, counts in sorted(results.items())))


def _join_last_change(writer: Writer, repo: str, generation: int) -> None:
    """Each resource of the tip gets the landed commit that last changed it, or a file it is rendered from."""
    writer.execute(
        """
        UPDATE trail.resource AS r SET sha = last.sha
        FROM (
            SELECT environment, kind, namespace, name,
                   CASE WHEN contains(api_version, '/') THEN split_part(api_version, '/', 1) ELSE '' END AS api_group,
                   arg_max(sha, position) AS sha
            FROM trail.resource_change WHERE repo = ? AND generation = ? AND landed
            GROUP BY ALL
        ) AS last
        WHERE r.repo = ? AND r.rendered_from = ''
          AND r.environment = last.environment AND r.kind = last.kind
          AND r.namespace = last.namespace
          AND r.name = last.name
          AND CASE WHEN contains(r.api_version, '/') THEN split_part(r.api_version, '/', 1) ELSE '' END = last.api_group
        """,
        [repo, generation, repo],
    )


def _control_rows(library: Library) -> Iterator[tuple[Any, ...]]:
    for framework in library.frameworks:
        for position, control in enumerate(framework.controls):
            for rule_id in control.rules:
                yield framework.name, control.id, control.title, rule_id, "", position
            if control.people or not control.rules:
                yield framework.name, control.id, control.title, "", control.people, position
