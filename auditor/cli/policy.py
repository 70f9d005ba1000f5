"""`auditor policy`: the rules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from auditor.cli.options import DataFormat, FormatOption
from auditor.cli.terminal import SEVERITY_MARKS, SEVERITY_STYLES, output, plain, print_json, remarks
from auditor.errors import ExitCode, UsageError
from auditor.model import RuleInfo

PolicyOption = Annotated[
    list[Path] | None, typer.Option("--policy", help="A folder of further rules; may be repeated.")
]


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
    framework: Annotated[str, typer.Option("--framework", help="Only rules that are evidence for it.")] = "",
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
    console = output()
    for info, controls in entries:
        severity = info.severity.value
        console.print(f"{info.id:<18} ", end="")
        console.print(f"{SEVERITY_MARKS[severity]} {severity:<8} ", style=SEVERITY_STYLES[severity], end="")
        named = ", ".join(control for _, control in controls) if framework else ""
        console.print(plain(info.title) + (f"  [{named}]" if named else ""))
    remarks().print(f"{len(entries)} rules")


def show(
    rule: Annotated[str, typer.Argument(help="The rule's id.")],
    policy: PolicyOption = None,
    output_format: FormatOption = DataFormat.TABLE,
) -> None:
    """Show one rule: what it looks at, why, and how to mend what it finds."""
    from auditor.policy.library import load_library

    library = load_library(policy or ())
    info = library.info(rule)
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
                "controls": [{"framework": name, "control": control} for name, control in controls],
            }
        )
        return
    console = output()
    console.print(f"{info.id}  {info.title}", style="bold")
    console.print(
        f"{SEVERITY_MARKS[info.severity.value]} {info.severity.value} · {info.category} · since {info.since}"
    )
    console.print(f"\n{info.description.strip()}\n")
    console.print(f"looks at: {_looks_at(info)}")
    console.print(f"how to mend it: {info.remediation.strip()}")
    if controls:
        console.print("evidence for: " + ", ".join(f"{name} {control}" for name, control in controls))
    for link in info.related:
        console.print(f"see: {link}")


def _looks_at(info: RuleInfo) -> str:
    if info.kinds:
        return "every kind" if info.kinds == ("*",) else ", ".join(info.kinds)
    return "landed commits" if info.category == "change-control" else "files"


def run_tests(policy: PolicyOption = None) -> None:
    """Run every rule on its good and bad examples, on each engine there is."""
    from auditor.policy.testing import test_library

    _report(test_library(policy or ()), "examples")


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
