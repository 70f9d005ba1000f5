"""What a policy engine is: it takes items (a resource and the rules to ask) and gives each an answer.

Every engine runs the same generated entry point (`ENTRY_MODULE`) over a whole batch; what differs is only
where it runs. A batch that fails is halved until the item, and then the rule, that fails stands alone, so
one bad rule costs its own verdicts and no others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import orjson

from auditor.errors import EngineError
from auditor.model import Outcome, Verdict

RulePath = tuple[str, str]
"""(category, rule): the last two parts of the package `auditor.<category>.<rule>`."""

ENTRY_PATH = "auditor_entry/answers"

ENTRY_MODULE = """\
package auditor_entry

answers := [answer(item) | some item in input.items]

answer(item) := {key: findings |
	some entry in input.asks[item.ask]
	category := entry[0]
	rule := entry[1]
	key := concat("/", [category, rule])
	findings := data.auditor[category][rule].findings with input as item
}
"""
"""One object an item: a rule whose `findings` is undefined has no key in it, and that is an error.

Which rules are asked is said once a batch and not once an item: reading the input is half the embedded engine's
cost. The shape of the comprehension is what both engines compile (a nested reference such as
`data.auditor[rule[0]]` ends rego-cpp with an abort).
"""

ALONE_PATH = "auditor_alone/answers"

ALONE_MODULE = """\
package auditor_alone

answers := {key: findings |
	some entry in input.rules
	category := entry[0]
	rule := entry[1]
	key := concat("/", [category, rule])
	findings := data.auditor[category][rule].findings
}
"""
"""The same question for one item, whose input stands at the top. rego-cpp keeps what the rules share only
where no `with` replaces the input: with 28 rules an item this is 3.4 times as fast, with 3 half as fast."""

OPA_ENTRY_MODULE = """\
package auditor_entry

answers := [found | some item in input.items; found := one with input as item]

one := {key: findings |
	some key, entry in input.rules
	findings := data.auditor[entry[0]][entry[1]].findings
}
"""
"""The same question for OPA, at the same path: all rules of an item share one `with`, and so what they compute of
it. A third less processor time than `ENTRY_MODULE` for the library's rules, whose items ask two or three each."""

BATCH_ITEMS = 500
"""Items a call. Measured with OPA over REST: 100 a call 3,100 documents/s, 500 3,600, 2,000 3,300."""

BATCH_BYTES = 8 * 1024 * 1024
"""Bytes of manifests a call, so that a few big ones do not make one huge request."""


class EngineSlowError(EngineError):
    """The engine did not answer in time."""


class EngineGoneError(EngineError):
    """The engine cannot be reached any more: asking again in smaller pieces is of no use."""


@dataclass(frozen=True, slots=True)
class Item:
    """What the rules are shown (JSON bytes), the rules to ask about it, and the parameters and context they get.

    `resource` is a manifest; with `is_set` a list of manifests, which the rules find at `input.set`.
    """

    rules: tuple[RulePath, ...]
    resource: bytes
    parameters: bytes = b"{}"
    context: bytes = b"{}"
    is_set: bool = False

    @property
    def field(self) -> bytes:
        """Where in the input the rules find it."""
        return b"set" if self.is_set else b"resource"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the rules of one item said: every rule asked is in exactly one of the two, by its path."""

    findings: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpaAddress:
    """Where an OPA server answers, with the rules already in it. The token is not printed."""

    url: str
    token: str

    def __repr__(self) -> str:
        return f"OpaAddress(url={self.url!r})"


class Engine(Protocol):
    """A way to evaluate the rules; one object serves one thread."""

    @property
    def name(self) -> str:
        """The key in the table of engines."""
        ...

    @property
    def version(self) -> str:
        """The version of the program that evaluates."""
        ...

    def evaluate(self, items: Sequence[Item]) -> list[Answer]:
        """One answer an item, in order. Failures are errors in the answers, never exceptions."""
        ...

    def close(self) -> None:
        """Give back what the engine holds; it is not used afterwards."""
        ...


def request_body(items: Sequence[Item]) -> bytes:
    """The JSON text of the entry point's input for these items."""
    asks: dict[tuple[RulePath, ...], str] = {}
    parts = [
        b'{"ask":"%b","context":%b,"parameters":%b,"%b":%b}'
        % (
            asks.setdefault(item.rules, str(len(asks))).encode(),
            item.context,
            item.parameters,
            item.field,
            item.resource,
        )
        for item in items
    ]
    named = orjson.dumps({name: rules for rules, name in asks.items()})
    return b'{"asks":%b,"items":[%b]}' % (named, b",".join(parts))


def opa_body(items: Sequence[Item]) -> bytes:
    """The JSON text of `OPA_ENTRY_MODULE`'s input for these items."""
    named: dict[tuple[RulePath, ...], bytes] = {}
    for item in items:
        if item.rules not in named:
            named[item.rules] = orjson.dumps({rule_key(rule): rule for rule in item.rules})
    parts = [
        b'{"rules":%b,"context":%b,"parameters":%b,"%b":%b}'
        % (named[item.rules], item.context, item.parameters, item.field, item.resource)
        for item in items
    ]
    return b'{"items":[%b]}' % b",".join(parts)


def alone_body(item: Item) -> bytes:
    """The JSON text of `ALONE_MODULE`'s input for one item."""
    return b'{"rules":%b,"context":%b,"parameters":%b,"%b":%b}' % (
        orjson.dumps(item.rules),
        item.context,
        item.parameters,
        item.field,
        item.resource,
    )


def rule_key(path: RulePath) -> str:
    """The key under which the entry point gives a rule's findings."""
    return f"{path[0]}/{path[1]}"


Ask = Callable[[Sequence[Item]], list[Mapping[str, Any]]]
"""Puts one batch to the engine: an object of findings an item; EngineError where the batch failed."""


GivenUp = dict[str, str]
"""Rules that are not asked any more, and why: one that is too slow over one resource would be so over each."""


def answer_all(ask: Ask, items: Sequence[Item], given_up: GivenUp) -> list[Answer]:
    """Every item's answer, in batches; a batch that fails is taken apart.

    `given_up` is kept by the engine, and gets the rules that alone and over one item do not end in time.
    """
    answers: list[Answer] = []
    for batch in _batches(items):
        answers.extend(_answer_batch(ask, batch, given_up))
    return answers


def _batches(items: Sequence[Item]) -> list[Sequence[Item]]:
    batches: list[Sequence[Item]] = []
    start = size = 0
    for number, item in enumerate(items):
        if number > start and (number - start >= BATCH_ITEMS or size + len(item.resource) > BATCH_BYTES):
            batches.append(items[start:number])
            start, size = number, 0
        size += len(item.resource)
    if start < len(items):
        batches.append(items[start:])
    return batches


def _answer_batch(ask: Ask, items: Sequence[Item], given_up: GivenUp) -> list[Answer]:
    if given_up:
        return _answer_without(ask, items, given_up)
    return _answer_asked(ask, items, given_up)


def _answer_without(ask: Ask, items: Sequence[Item], given_up: GivenUp) -> list[Answer]:
    """The answers, with an error for each rule that is given up."""
    left = [
        replace(item, rules=tuple(r for r in item.rules if rule_key(r) not in given_up)) for item in items
    ]
    some = [item for item in left if item.rules]
    found = iter(_answer_asked(ask, some, given_up) if some else ())
    answers: list[Answer] = []
    for item, asked in zip(items, left, strict=True):
        answer = next(found) if asked.rules else Answer()
        lost = {
            key: given_up[key] for key in map(rule_key, item.rules) if key not in map(rule_key, asked.rules)
        }
        answers.append(replace(answer, errors={**answer.errors, **lost}) if lost else answer)
    return answers


def _answer_asked(ask: Ask, items: Sequence[Item], given_up: GivenUp) -> list[Answer]:
    try:
        given = ask(items)
    except EngineGoneError as error:
        return [Answer(errors={rule_key(rule): error.message for rule in item.rules}) for item in items]
    except EngineSlowError as error:
        if len(items) > 1:
            # A rule that never ends most often does so over the first already, and is found there.
            first = _answer_batch(ask, items[:1], given_up)
            middle = (len(items) + 1) // 2
            rest = (items[1:middle], items[middle:]) if len(items) > 2 and not given_up else (items[1:],)
            return first + [one for part in rest if part for one in _answer_batch(ask, part, given_up)]
        return [_answer_rule_by_rule(ask, items[0], error, given_up)]
    except EngineError as error:
        if len(items) > 1:
            middle = len(items) // 2
            first = _answer_batch(ask, items[:middle], given_up)
            return first + _answer_batch(ask, items[middle:], given_up)
        return [_answer_rule_by_rule(ask, items[0], error, given_up)]
    return [_checked(item, found) for item, found in zip(items, given, strict=True)]


def _answer_rule_by_rule(ask: Ask, item: Item, error: EngineError, given_up: GivenUp) -> Answer:
    if len(item.rules) <= 1:
        reason = error.message
        if isinstance(error, EngineSlowError):
            reason = f"{reason}; the rule is not asked any more"
            given_up.update({rule_key(rule): reason for rule in item.rules})
        return Answer(errors={rule_key(rule): reason for rule in item.rules})
    findings: dict[str, Sequence[Mapping[str, Any]]] = {}
    errors: dict[str, str] = {}
    for rule in item.rules:
        alone = _answer_batch(ask, [replace(item, rules=(rule,))], given_up)[0]
        findings.update(alone.findings)
        errors.update(alone.errors)
    return Answer(findings=findings, errors=errors)


def _checked(item: Item, found: Mapping[str, Any]) -> Answer:
    errors: dict[str, str] = {}
    for rule in item.rules:
        key = rule_key(rule)
        if key not in found:
            errors[key] = "the rule gave no answer (its `findings` is undefined)"
        elif not _is_findings(found[key]):
            errors[key] = "the rule gave something else than a set of {message, pointer, details}"
        elif item.is_set and not all(_names_member(finding) for finding in found[key]):
            errors[key] = (
                "a finding does not say by `resource` (a number) which member of the set it is about"
            )
    if not errors:
        return Answer(findings=found)
    return Answer(findings={key: value for key, value in found.items() if key not in errors}, errors=errors)


def _is_findings(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(finding, dict)
        and isinstance(finding.get("message"), str)
        and isinstance(finding.get("pointer"), str)
        and isinstance(finding.get("details"), dict)
        for finding in value
    )


def _names_member(finding: Mapping[str, Any]) -> bool:
    member = finding.get("resource")
    return isinstance(member, int) and not isinstance(member, bool) and member >= 0


def verdict_of(rule_id: str, finding: Mapping[str, Any]) -> Verdict:
    """A finding as a verdict: a fail, unless it says by `outcome` that the rule could not tell.

    Only rules that were made from somebody else's say so; anything but 'skipped' is then an error.
    """
    said = finding.get("outcome", "fail")
    known = {"fail": Outcome.FAIL, "skipped": Outcome.SKIPPED}
    return Verdict(
        rule_id=rule_id,
        outcome=known.get(said, Outcome.ERROR) if isinstance(said, str) else Outcome.ERROR,
        pointer=finding["pointer"],
        message=finding["message"],
        details=finding["details"],
    )
