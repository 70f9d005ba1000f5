"""What of others' policies in a folder cannot be evaluated, found by reading them: no engine is asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from auditor.errors import PolicyError
from auditor.policy.rulesreport import RulesReport


def lint_foreign(folder: Path, number: int, own: Sequence[Path]) -> RulesReport:
    """The rules of the `number`-th policy folder that are in others' forms; `own` are its folders of rules in ours.

    A rule that is passed over by name is a line; one that is in error, and a folder that cannot be read, a failure.
    """
    from auditor.policy.foreign.table import read_foreign

    try:
        found = read_foreign(folder, number, own=(folder / "frameworks", *own))
    except PolicyError as error:
        return RulesReport(lines=(), failures=(error.message,), checked=0)
    lines = list(found.remarks)
    failures: list[str] = []
    for rule in found.rules:
        if rule.reason:
            said = f"{rule.path}: {rule.metadata.id} is not evaluated: {rule.reason}"
            (failures if rule.outcome == "error" else lines).append(said)
    for one in found.expressions:
        if problem := one.problem():
            lines.append(f"{one.path}: {one.metadata.id} is not evaluated: {problem}")
    checked = len(found.rules) + len(found.expressions)
    if not checked and not own:
        failures.append(
            f"{folder}: there is no rule in it: neither in our layout nor for conftest, Gatekeeper, admission policies or CRDs"
        )
    return RulesReport(lines=tuple(lines), failures=tuple(failures), checked=checked)
