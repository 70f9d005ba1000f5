"""`auditor check`: files as they are, for CI and pre-commit. Imports stay light."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.cli.options import (
    ConfigOption,
    EngineOption,
    FailOnMissingOption,
    FailOnOption,
    PolicyOption,
    StrictOption,
    Threshold,
    with_schema_options,
)
from auditor.cli.streams import (
    ended_by_signal,
    look_at_target,
    print_data,
    print_remarks,
    read_standard_input,
    save,
)
from auditor.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from auditor.findings.baseline import Baseline
    from auditor.pipeline.check.run import CheckRequest
    from auditor.reports.check.interface import CheckReport
    from auditor.settings import Settings

_REASONS_SHOWN = 10


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(short_help="Judge files on disk: for CI and pre-commit.")(check)


def check(
    paths: Annotated[
        list[Path], typer.Argument(help="Files and folders; - is standard input.", metavar="PATH…")
    ],
    policy: PolicyOption = None,
    config: ConfigOption = None,
    engine: EngineOption = None,
    kubernetes_version: Annotated[
        str, typer.Option("--kubernetes-version", help="Such as 1.37; the newest known by default.")
    ] = "",
    output_format: Annotated[
        str, typer.Option("--format", help="table, json, sarif, junit or github.")
    ] = "table",
    output: Annotated[
        Path | None, typer.Option("--output", help="A file instead of standard output.")
    ] = None,
    fail_on: FailOnOption = Threshold.LOW,
    strict: StrictOption = None,
    fail_on_missing_schema: FailOnMissingOption = False,
    since: Annotated[
        str,
        typer.Option(
            "--since", help="Report on files only that differ from where HEAD left this branch or commit."
        ),
    ] = "",
    stdin_name: Annotated[
        str, typer.Option("--stdin-name", help="Where standard input would stand in the repository.")
    ] = "",
    waivers: Annotated[
        Path | None, typer.Option("--waivers", help="A file of waivers instead of the repository's own.")
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option("--baseline", help="Count only what is not in this baseline.")
    ] = None,
    write_baseline: Annotated[
        Path | None,
        typer.Option("--write-baseline", help="Write what is found into a baseline, and count none of it."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only", help="Ask only: schemas, policy (rules of --policy), shipped; may be repeated."
        ),
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=0, help="Processes; 0 takes what helps.")] = 0,
) -> None:
    """Judge manifests as they are on disk, without a database.

    Exit codes: 0 nothing at or over --fail-on; 1 findings; 2 wrong usage or configuration; 3 something could not be
    evaluated, whatever was found besides.
    """
    from auditor.cli.audit import settings_of
    from auditor.pipeline.check.run import run_check
    from auditor.reports.check.formats import check_format

    written_as = check_format(output_format)
    if baseline is not None and write_baseline is not None:
        raise UsageError("give either --baseline or --write-baseline")
    if stdin_name and Path("-") not in paths:
        raise UsageError("--stdin-name is for standard input", hint="give `-` as a path")
    for target in (output, write_baseline):
        if target is not None:
            look_at_target(target)
    settings = settings_of(config, engine, kubernetes_version=kubernetes_version)
    settings = with_schema_options(settings, strict=strict, fail_on_missing=fail_on_missing_schema)
    request = _request(
        settings, paths, policy or [], since=since, stdin_name=stdin_name, waivers=waivers, jobs=jobs,
        baseline=baseline, only=_parts(only or []),
    )  # fmt: skip
    with ended_by_signal():
        report = run_check(request)
    if write_baseline is not None:
        _write_baseline(report, write_baseline)
    text = written_as.render(report, colour=output is None and _has_colours())
    if output is None:
        print_data(text)
    else:
        save(output, text)
    _remark(report)
    raise typer.Exit(exit_code(report, fail_on))


def exit_code(report: CheckReport, fail_on: Threshold) -> ExitCode:
    """What was not evaluated outranks findings: nobody knows what else there would be."""
    if report.errors:
        return ExitCode.INCOMPLETE
    found = any(
        fail_on.met_by(finding.severity)
        for finding in report.findings
        if finding.rule_id not in report.advisory
    )
    return ExitCode.FINDINGS if found else ExitCode.OK


def _parts(only: list[str]) -> tuple[str, ...]:
    """The parts of the library that are asked alone, () for all. Raises UsageError."""
    from auditor.policy.library import PARTS

    unknown = sorted(set(only) - set(PARTS))
    if unknown:
        raise UsageError(f"--only takes no {unknown[0]!r}", hint=f"one of {', '.join(PARTS)}")
    return tuple(part for part in PARTS if part in only)


def _request(
    settings: Settings,
    paths: list[Path],
    policy: list[Path],
    *,
    since: str,
    stdin_name: str,
    waivers: Path | None,
    baseline: Path | None,
    jobs: int,
    only: tuple[str, ...],
) -> CheckRequest:
    from auditor.pipeline.check.options import judge_spec_of, options_of
    from auditor.pipeline.check.run import CheckRequest

    return CheckRequest(
        paths=tuple(paths),
        judge=judge_spec_of(settings, tuple(policy), only=only),
        options=options_of(settings),
        opa_url=settings.opa_url,
        opa_token=settings.opa_token,
        since=since,
        standard_input=read_standard_input() if Path("-") in paths else b"",
        standard_name=stdin_name,
        waivers=waivers,
        baseline=_read_baseline(baseline) if baseline else None,
        baseline_path=baseline.as_posix() if baseline else "",
        jobs=jobs,
    )


def _read_baseline(path: Path) -> Baseline:
    from auditor.findings.baseline import read_baseline

    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"the baseline {path} cannot be read: {error.strerror}",
            hint="write one with `auditor check --write-baseline FILE`",
        ) from error
    return read_baseline(content, str(path))


def _write_baseline(report: CheckReport, path: Path) -> None:
    """Everything that counts and may be excused goes into the file, and then counts no more."""
    from auditor.findings.baseline import write_baseline
    from auditor.pipeline.check.excuses import baseline_entries

    taken = [finding for finding in report.findings if finding.rule_id not in report.never_excused]
    save(path, write_baseline(baseline_entries(taken)))
    report.notes.append(f"{len(taken)} findings are in the baseline {path}")
    report.findings = [finding for finding in report.findings if finding.rule_id in report.never_excused]
    if report.findings:
        report.notes.append(f"{len(report.findings)} are of rules that nothing excuses, and count")


def _has_colours() -> bool:
    """NO_COLOR (https://no-color.org) and anything but a terminal get none."""
    out = sys.stdout
    is_terminal = out is not None and out.isatty()
    return is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _remark(report: CheckReport) -> None:
    """What there is to say besides the findings, on standard error."""
    from auditor.reports.check.table import visible

    lines = [f"not evaluated: {entry.path}: {entry.message}" for entry in report.errors]
    reasons = Counter(entry.reason for entry in report.skipped)
    lines += [f"skipped {count}×: {reason}" for reason, count in reasons.most_common(_REASONS_SHOWN)]
    if len(reasons) > _REASONS_SHOWN:
        lines.append(f"skipped for {len(reasons) - _REASONS_SHOWN} more reasons; --format json lists them")
    if report.disabled:
        lines.append(f"not asked, being disabled: {', '.join(report.disabled)}")
    lines += [f"note: {note}" for note in report.notes]
    if not report.resources and not report.errors:
        lines.append("nothing was judged: no manifest was found")
    counts = ", ".join(f"{count} {name}" for name, count in report.by_severity().items())
    waived = ", ".join(f"{count} by {kind}" for kind, count in sorted(report.waived_by().items()))
    lines.append(
        f"{report.files} files, {report.resources} resources: {counts}"
        + (f"; waived: {waived}" if waived else "")
    )
    print_remarks("".join(f"{visible(line)}\n" for line in lines))
