"""`auditor check`: files as they are, for CI and pre-commit. Imports stay light."""

from __future__ import annotations

import secrets
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auditor.cli.options import ConfigOption, EngineOption, FailOnOption, Threshold
from auditor.cli.terminal import SEVERITY_MARKS, SEVERITY_STYLES, output, plain, print_json, remarks
from auditor.errors import ExitCode, NotAvailableError, UsageError

if TYPE_CHECKING:
    from auditor.pipeline.check import CheckFinding, CheckResult

LATER_FORMATS = ("sarif", "junit", "github")


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(short_help="Judge files on disk: for CI and pre-commit.")(check)


def check(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders.", metavar="PATH…")],
    policy: Annotated[
        list[Path] | None, typer.Option("--policy", help="A folder of further rules; may be repeated.")
    ] = None,
    config: ConfigOption = None,
    engine: EngineOption = None,
    kubernetes_version: Annotated[
        str, typer.Option("--kubernetes-version", help="Such as 1.37; the newest known by default.")
    ] = "",
    output_format: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
    fail_on: FailOnOption = Threshold.LOW,
) -> None:
    """Judge manifests as they are on disk, without git and without a database."""
    from auditor.cli.audit import settings_of
    from auditor.manifests.secrets import Redactor
    from auditor.pipeline.check import check as run_check
    from auditor.policy.judge import Judge, JudgeSpec, engine_session

    if output_format in LATER_FORMATS:
        raise NotAvailableError(
            f"the format {output_format!r} cannot be written yet", hint="use table or json"
        )
    if output_format not in ("table", "json"):
        raise UsageError(f"there is no format {output_format!r}", hint="table or json")
    settings = settings_of(config, engine, kubernetes_version=kubernetes_version)
    folders = (*settings.policies.folders, *(policy or ()))
    with engine_session(
        settings.engine, policy_folders=folders, opa_url=settings.opa_url, opa_token=settings.opa_token
    ) as session:
        spec = JudgeSpec(
            policy_folders=folders,
            engine=session.engine,
            opa=session.opa,
            kubernetes_version=settings.kubernetes_version,
            parameters=settings.policies.parameters,
            workloads=settings.policies.workloads,
        )
        with Judge(spec) as judge:
            # Nothing is kept, so the digests of secrets need no key that outlives the process.
            result = run_check(paths, judge=judge, redactor=Redactor(secrets.token_bytes(32)))
    if output_format == "json":
        print_json(_as_json(result))
    else:
        _print(result)
    raise typer.Exit(_exit_code(result, fail_on))


def _exit_code(result: CheckResult, fail_on: Threshold) -> int:
    if result.errors:
        return ExitCode.INCOMPLETE
    found = any(fail_on.met_by(finding.severity) for finding in result.findings)
    return ExitCode.FINDINGS if found else ExitCode.OK


def _as_json(result: CheckResult) -> dict[str, Any]:
    return {
        "version": 1,
        "findings": [_finding_json(finding) for finding in result.findings],
        "errors": [{"path": path, "message": message} for path, message in result.errors],
        "skipped": [{"path": entry.path, "reason": str(entry)} for entry in result.skipped],
        "summary": {
            "files": result.files,
            "resources": result.resources,
            "findings": _by_severity(result),
            "errors": len(result.errors),
            "skipped": len(result.skipped),
        },
    }


def _finding_json(finding: CheckFinding) -> dict[str, Any]:
    resource = finding.resource
    return {
        "rule_id": finding.rule_id,
        "severity": finding.severity.value,
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "resource": {
            "api_version": finding.api_version,
            "kind": resource.kind if resource else "",
            "namespace": resource.namespace if resource else "",
            "name": resource.name if resource else "",
        },
        "pointer": finding.pointer,
        "message": finding.message,
    }


def _by_severity(result: CheckResult) -> dict[str, int]:
    counted = Counter(finding.severity.value for finding in result.findings)
    return {name: counted[name] for name in SEVERITY_MARKS}


def _print(result: CheckResult) -> None:
    console = output()
    for finding in result.findings:
        severity = finding.severity.value
        console.print(f"{plain(finding.path)}:{finding.line}:{finding.column} ", end="")
        console.print(f"{SEVERITY_MARKS[severity]} {severity} ", style=SEVERITY_STYLES[severity], end="")
        about = f" ({plain(str(finding.resource))})" if finding.resource else ""
        console.print(f"{finding.rule_id} {plain(finding.message)}{about}")
    for path, message in result.errors:
        remarks().print(f"not evaluated: {plain(path)}: {plain(message)}", style="bold yellow")
    reasons = Counter(entry.reason for entry in result.skipped)
    for reason, count in reasons.most_common(10):
        remarks().print(f"skipped {count}×: {plain(reason)}", style="dim")
    if len(reasons) > 10:
        remarks().print(
            f"skipped for {len(reasons) - 10} more reasons; --format json lists them", style="dim"
        )
    if not result.resources and not result.errors:
        remarks().print("nothing was judged: no manifest was found", style="bold yellow")
    counts = ", ".join(f"{count} {name}" for name, count in _by_severity(result).items())
    remarks().print(f"{result.files} files, {result.resources} resources: {counts}")
