"""Foreign rules that an engine does not take are left out one by one, and say so instead of passing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.policy.foreign.interface import ForeignRule, unevaluated

if TYPE_CHECKING:
    from auditor.policy.library import Library

Check = Callable[[Mapping[str, str]], str]
"""What an engine says against modules: '' where it takes them."""

NEEDS_OPA = (
    "not evaluated: Rego that others wrote needs OPA, since the embedded engine may lose findings over it. Put `opa` on PATH "
    "or configure a server; policies.foreign_on_embedded: true takes the embedded engine all the same"
)
"""What is said of every such rule where there is no OPA and the operator has not decided otherwise."""

_LONGEST_REASON = 300


def runnable_modules(library: Library, engine: str, check: Check) -> Mapping[str, str]:
    """The library's modules, with those that the engine refuses replaced by "could not be evaluated"."""
    return taken_modules(library, engine, check)[0]


def taken_modules(library: Library, engine: str, check: Check) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The same modules, and by id of each rule that is refused what the engine says against it.

    Rules that need the same modules stand or fall together. Where nothing foreign is refused, one check is all.
    """
    grouped: dict[tuple[str, ...], list[ForeignRule]] = {}
    for rule in library.foreign_rules:
        grouped.setdefault(rule.modules, []).append(rule)
    units = list(grouped.values())
    if not units or not check(library.modules):
        return library.modules, {}
    optional = {name for rule in library.foreign_rules for name in (*rule.modules, rule.module)}
    base = {name: text for name, text in library.modules.items() if name not in optional}
    refused = _refused(units, base, library.modules, check)
    kept = _without(units, refused, library.modules, engine)
    reason = check(kept) if len(refused) < len(units) else ""
    if reason:
        # Each is taken by itself and all of them are not: as many as it takes, and never a guess about the rest.
        taken = [number for number in range(len(units)) if number not in refused]
        most = _most_together(units, taken, base, library.modules, check)
        refused |= dict.fromkeys(taken[most:], f"all policies together are too much for it ({reason})")
        kept = _without(units, refused, library.modules, engine)
    return kept, {rule.metadata.id: text for number, text in refused.items() for rule in units[number]}


def without_foreign_rego(library: Library) -> Library:
    """The library whose foreign Rego is not evaluated and says so; rules in CEL and those in our own form stay."""
    rules = tuple(
        replace(
            rule,
            foreign=None,
            source=unevaluated(rule.category, rule.name, "error", NEEDS_OPA, over_set=rule.over_set),
        )
        if rule.foreign is not None
        else rule
        for rule in library.rules
    )
    modules = {name: text for name, text in library.modules.items() if not name.startswith("foreign/")}
    for before, rule in zip(library.rules, rules, strict=True):
        if before.foreign is not None:
            modules[before.foreign.module] = rule.source
    return replace(library, rules=rules, modules=modules)


def _without(
    units: Sequence[Sequence[ForeignRule]],
    refused: Mapping[int, str],
    modules: Mapping[str, str],
    engine: str,
) -> dict[str, str]:
    """The modules with the refused units' rules replaced."""
    needed = {
        name
        for number, rules in enumerate(units)
        if number not in refused
        for rule in rules
        for name in rule.modules
    }
    kept = dict(modules)
    for number, text in refused.items():
        reason = f"not evaluated: {engine} refuses the policy: {text[:_LONGEST_REASON]}"
        for rule in units[number]:
            over_set = rule.metadata.scope == "environment"
            kept[rule.module] = unevaluated(rule.category, rule.name, "error", reason, over_set=over_set)
            for name in rule.modules:
                if name not in needed:
                    kept.pop(name, None)
    return kept


def _most_together(
    units: Sequence[Sequence[ForeignRule]],
    taken: Sequence[int],
    base: Mapping[str, str],
    modules: Mapping[str, str],
    check: Check,
) -> int:
    """How many of the first units the engine takes together."""
    low, high = 0, len(taken) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if check(_trial([units[number] for number in taken[:middle]], base, modules)):
            high = middle - 1
        else:
            low = middle
    return low


def _trial(
    units: Sequence[Sequence[ForeignRule]], base: Mapping[str, str], modules: Mapping[str, str]
) -> dict[str, str]:
    trial = dict(base)
    for rules in units:
        for rule in rules:
            trial.update({name: modules[name] for name in (*rule.modules, rule.module)})
    return trial


def _refused(
    units: Sequence[Sequence[ForeignRule]], base: Mapping[str, str], modules: Mapping[str, str], check: Check
) -> dict[int, str]:
    """The numbers of the units that are refused, with the reason; found by halving."""
    found: dict[int, str] = {}
    waiting = [range(len(units))]
    while waiting:
        some = waiting.pop()
        reason = check(_trial([units[number] for number in some], base, modules))
        if reason and len(some) == 1:
            found[some[0]] = reason
        elif reason:
            middle = len(some) // 2
            waiting += [some[:middle], some[middle:]]
    return found
