"""Foreign rules that an engine does not take are left out one by one, and say so instead of passing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from auditor.policy.foreign.interface import ForeignRule, unevaluated

if TYPE_CHECKING:
    from auditor.policy.library import Library

Check = Callable[[Mapping[str, str]], str]
"""What an engine says against modules: '' where it takes them."""

_LONGEST_REASON = 300


def runnable_modules(library: Library, engine: str, check: Check) -> Mapping[str, str]:
    """The library's modules, with those that the engine refuses replaced by "could not be evaluated".

    Rules that need the same modules stand or fall together. Where nothing foreign is refused, one check is all.
    """
    units: dict[tuple[str, ...], list[ForeignRule]] = {}
    for rule in library.foreign_rules:
        units.setdefault(rule.modules, []).append(rule)
    if not units or not check(library.modules):
        return library.modules
    optional = {name for rule in library.foreign_rules for name in (*rule.modules, rule.module)}
    base = {name: text for name, text in library.modules.items() if name not in optional}
    refused = _refused(list(units.values()), base, library.modules, check)
    kept = dict(library.modules)
    needed = {
        name
        for number, rules in enumerate(units.values())
        if number not in refused
        for rule in rules
        for name in rule.modules
    }
    for number, rules in enumerate(units.values()):
        if number not in refused:
            continue
        reason = f"not evaluated: {engine} refuses the policy: {refused[number][:_LONGEST_REASON]}"
        for rule in rules:
            over_set = rule.metadata.scope == "environment"
            kept[rule.module] = unevaluated(rule.category, rule.name, "error", reason, over_set=over_set)
            for name in rule.modules:
                if name not in needed:
                    kept.pop(name, None)
    return kept


def _refused(
    units: Sequence[Sequence[ForeignRule]], base: Mapping[str, str], modules: Mapping[str, str], check: Check
) -> dict[int, str]:
    """The numbers of the units that are refused, with the reason; found by halving."""
    found: dict[int, str] = {}
    waiting = [range(len(units))]
    while waiting:
        some = waiting.pop()
        trial = dict(base)
        for number in some:
            for rule in units[number]:
                trial.update({name: modules[name] for name in (*rule.modules, rule.module)})
        reason = check(trial)
        if reason and len(some) == 1:
            found[some[0]] = reason
        elif reason:
            middle = len(some) // 2
            waiting += [some[:middle], some[middle:]]
    return found
