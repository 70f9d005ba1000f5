"""`auditor policy`: the rules."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auditor.cli.options import DataFormat, FormatOption, PolicyOption
from auditor.cli.terminal import SEVERITY_MARKS, SEVERITY_STYLES, output, plain, print_json, remarks
from auditor.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from auditor.policy.frameworks import Framework


def add_to(app: typer.Typer) -> None:
    """Adds the group."""
    group = typer.Typer(
        no_args_is_help=True, help="The rules: list, show, test, lint.", rich_markup_mode=None
    )
    group.command("list")(list_rules)
    group.command("show")(show)
    group.command("test")(run_tests)
    group.command("lint")(lint)
    app.add_typer(group, name="policy")


def list_rules(
    policy: PolicyOption = None,
    framework: Annotated[
        str, typer.Option("--framework", help="Its controls, and the rules that are evidence for them.")
    ] = "",
    output_format: FormatOption = DataFormat.TABLE,
) -> None:
    """List the rules, and the controls they are evidence for."""
    from auditor.policy.library import load_library

    library = load_library(policy or ())
    known = [entry.name for entry in library.frameworks]
    if framework and framework not in known:
        raise UsageError(f"there is no framework {framework!r}", hint=f"one of {', '.join(known)}")
    entries = []
    for info in library.infos:
        controls = [pair for pair in library.controls_for(info.id) if not framework or pair[0] == framework]
        if controls or not framework:
            entries.append((info, controls))
    if output_format is DataFormat.JSON:
        print_json(
            [
                {
                    "id": info.id,
                    "title": info.title,
                    "severity": info.severity.value,
                    "kinds": list(info.kinds),
                    "controls": [{"framework": name, "control": control} for name, control in controls],
                }
                for info, controls in entries
            ]
        )
        return
    if framework:
        _print_controls(next(entry for entry in library.frameworks if entry.name == framework))
        return
    console = output()
    for info, _ in entries:
        severity = info.severity.value
        console.print(f"{info.id:<18} ", end="")
        console.print(f"{SEVERITY_MARKS[severity]} {severity:<8} ", style=SEVERITY_STYLES[severity], end="")
        console.print(plain(info.title))
    remarks().print(f"{len(entries)} rules")


def _print_controls(framework: Framework) -> None:
    """A line a control: its rules, or that it is left to people."""
    console = output()
    console.print(f"{framework.title}, version {framework.version}", style="bold")
    for control in framework.controls:
        evidence = ", ".join(control.rules) if control.rules else "manual"
        console.print(f"{control.id:<10} {plain(control.title)}  [{evidence}]")
    manual = sum(control.manual for control in framework.controls)
    remarks().print(f"{len(framework.controls)} controls, {manual} of them manual")


def show(
    rule: Annotated[str, typer.Argument(help="The rule's id.")],
    policy: PolicyOption = None,
    output_format: FormatOption = DataFormat.TABLE,
) -> None:
    """Show one rule, as its page in the documentation does: why, what to do, parameters, examples, controls."""
    from auditor.policy.library import load_library
    from auditor.policy.pages import rule_page

    library = load_library(policy or ())
    info = library.info(rule)
    written = next((entry for entry in library.rules if entry.id == rule), None)
    controls = library.controls_for(rule)
    if output_format is DataFormat.JSON:
        print_json(
            {
                "id": info.id,
                "title": info.title,
                "description": info.description,
                "severity": info.severity.value,
                "category": info.category,
                "kinds": list(info.kinds),
                "remediation": info.remediation,
                "since": info.since,
                "related": list(info.related),
                "scope": written.metadata.scope if written else "",
                "parameters": dict(written.metadata.parameters) if written else {},
                "controls": [{"framework": name, "control": control} for name, control in controls],
            }
        )
        return
    console = output()
    text = rule_page(library, info)
    if not console.is_terminal:
        typer.echo(text, nl=False)
        return
    from rich.markdown import Markdown

    console.print(Markdown(text))


def run_tests(
    suites: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Suites of `gator verify`, or folders of them, to run instead.", metavar="SUITE…"
        ),
    ] = None,
    policy: PolicyOption = None,
    engine: Annotated[str, typer.Option("--engine", help="For suites: auto, opa or embedded.")] = "auto",
) -> None:
    """Run every rule on its good and bad examples, on each engine there is; or suites of `gator verify`.

    Exit codes: 1 where an example or a case fails, 3 where a case of a suite could not be run.
    """
    if suites:
        _run_suites(suites, engine)
        return
    from auditor.policy.testing import test_library

    _report(test_library(policy or ()), "examples")


def _run_suites(suites: list[Path], engine: str) -> None:
    from auditor.policy.foreign.gator import run_suites

    results = run_suites(suites, engine)
    console = output()
    for result in results:
        if result.outcome in ("failed", "not run"):
            style = "bold red" if result.outcome == "failed" else "bold yellow"
            console.print(f"{result.outcome.upper()} {plain(str(result))}", style=style)
        elif result.outcome == "skipped":
            console.print(f"skipped {plain(str(result))}", style="dim")
    counts = Counter(result.outcome for result in results)
    remarks().print(f"{len(results)} cases: " + ", ".join(f"{n} {outcome}" for outcome, n in counts.items()))
    if counts["not run"]:
        raise typer.Exit(ExitCode.INCOMPLETE)
    if counts["failed"]:
        raise typer.Exit(ExitCode.FINDINGS)


def lint(policy: PolicyOption = None) -> None:
    """Check the rules' metadata and layout."""
    from auditor.policy.lint import lint_library

    _report(lint_library(policy or ()), "rules")


def _report(outcome: Any, what: str) -> None:
    console = output()
    for line in outcome.lines:
        console.print(plain(line))
    for failure in outcome.failures:
        console.print(f"FAILED {plain(failure)}", style="bold red")
    remarks().print(f"{outcome.checked} {what} checked, {len(outcome.failures)} failed")
    if outcome.failures:
        raise typer.Exit(ExitCode.FINDINGS)
