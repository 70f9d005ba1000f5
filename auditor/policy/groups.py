"""Rules that are asked together, what they are shown of a manifest, and the answers that are known already."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from auditor.model import JsonObject, Outcome, Verdict
from auditor.policy.interface import Answer, Item, RulePath, rule_key, verdict_of
from auditor.policy.library import Library, Rule
from auditor.policy.reads import Projection, TextProjection, projection_for
from auditor.policy.workloads import KNOWN_WORKLOADS, PodPlace

NO_PARAMETERS = b"{}"

KNOWN_ANSWERS = 20_000
"""Answers that are kept, at about a kilobyte each. History repeats itself closely: what is gone is old."""


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that get the same parameters, need the same text in the manifest and read the same of it.

    `name` is equal for groups that give equal answers on equal content, whatever profile or kind they were made for;
    `projection` None shows the rules the whole manifest. `context` is what the rules are told of the kind (JSON).
    """

    name: bytes
    contains: bytes
    parameters: bytes
    projection: Projection | TextProjection | None
    rules: tuple[Rule, ...]
    paths: tuple[RulePath, ...]
    context: bytes

    def item(self, manifest: JsonObject, resource: bytes) -> Item:
        """The question for the engine; `resource` is the whole manifest as JSON."""
        if self.projection is not None:
            resource = orjson.dumps(self.projection.of(manifest))
        return Item(self.paths, resource, self.parameters, self.context)

    def key(self, item: Item) -> bytes:
        """Equal for items of equal content, whichever manifest they come from."""
        return hashlib.blake2b(item.resource, digest_size=16, person=self.name).digest()

    def verdicts(self, answer: Answer) -> tuple[Verdict, ...]:
        """What the engine's answer says, by rule, pointer and message; passes are left out."""
        verdicts: list[Verdict] = []
        for rule in self.rules:
            key = rule_key(rule.path)
            if key in answer.errors:
                verdicts.append(_error(rule.id, answer.errors[key]))
            else:
                verdicts.extend(
                    verdict_of(rule.id, finding) for finding in sorted(answer.findings[key], key=_order)
                )
        return tuple(verdicts)


class Grouping:
    """The groups that a kind meets; made when the kind comes first, then kept."""

    def __init__(
        self,
        library: Library,
        parameters: Mapping[str, bytes],
        *,
        whole: bool,
        places: Mapping[str, PodPlace] = KNOWN_WORKLOADS,
    ) -> None:
        """`parameters` by rule id as JSON; `whole` shows every rule the whole manifest, whatever it reads.

        `places` are those of `pod_places`.
        """
        self._library = library
        self.router = library.router.with_workloads(places)
        self._places = places
        self._parameters = parameters
        self._whole = whole
        self._groups: dict[str, tuple[Group, ...]] = {}

    def of(self, kind: str) -> tuple[Group, ...]:
        """The groups for a "group/Kind", in the order of their first rules."""
        found = self._groups.get(kind)
        if found is None:
            found = self._groups[kind] = self._make(kind)
        return found

    def _make(self, kind: str) -> tuple[Group, ...]:
        together: dict[tuple[str, bytes, tuple[str, ...]], list[Rule]] = {}
        for number in self.router.rules_for(kind):
            rule = self._library.rules[number]
            reads = () if self._whole else tuple(sorted(rule.metadata.reads))
            key = (rule.metadata.contains, self._parameters.get(rule.id, NO_PARAMETERS), reads)
            together.setdefault(key, []).append(rule)
        _join_those_without(together)
        pod = self._places.get(kind)
        context = orjson.dumps({"pod": pod}) if pod else b"{}"
        groups: list[Group] = []
        for (contains, parameters, reads), rules in together.items():
            paths = tuple(rule.path for rule in rules)
            groups.append(
                Group(
                    name=_name(paths, parameters, context),
                    contains=contains.encode(),
                    parameters=parameters,
                    projection=projection_for(reads, kind.rpartition("/")[2], contains, pod),
                    rules=tuple(rules),
                    paths=paths,
                    context=context,
                )
            )
        return tuple(groups)


def _name(paths: tuple[RulePath, ...], parameters: bytes, context: bytes) -> bytes:
    """All that decides an answer beside the content."""
    return hashlib.blake2b(
        orjson.dumps([paths, parameters.decode(), context.decode()]), digest_size=16
    ).digest()


def _join_those_without(together: dict[tuple[str, bytes, tuple[str, ...]], list[Rule]]) -> None:
    """Rules that take no parameters are asked with rules that do, where all else is the same: one question less."""
    for key in [key for key in together if key[1] == NO_PARAMETERS]:
        contains, _, reads = key
        others = [one for one in together if one != key and one[0] == contains and one[2] == reads]
        if others:
            together[others[0]] = sorted([*together.pop(key), *together[others[0]]], key=lambda rule: rule.id)


class KnownAnswers:
    """Verdicts by `Group.key`; the oldest go when there are more than `KNOWN_ANSWERS`.

    An answer with an error is not kept: asked again, the engine may be able to tell.
    """

    def __init__(self, limit: int = KNOWN_ANSWERS) -> None:
        self._limit = limit
        self._verdicts: dict[bytes, tuple[Verdict, ...]] = {}

    def get(self, key: bytes) -> tuple[Verdict, ...] | None:
        """The verdicts, None where they are not known."""
        return self._verdicts.get(key)

    def keep(self, key: bytes, verdicts: tuple[Verdict, ...]) -> None:
        """Remember verdicts, unless one is an error."""
        if any(verdict.outcome is Outcome.ERROR for verdict in verdicts):
            return
        while len(self._verdicts) >= self._limit:
            del self._verdicts[next(iter(self._verdicts))]
        self._verdicts[key] = verdicts


@dataclass(slots=True)
class Questions:
    """The questions about some documents, each content once, and who asked them."""

    known: KnownAnswers
    items: dict[bytes, tuple[Group, Item]]
    asked: list[list[bytes | tuple[Verdict, ...]]]

    @classmethod
    def about(cls, count: int, known: KnownAnswers) -> Questions:
        """No questions yet about so many documents."""
        return cls(known, {}, [[] for _ in range(count)])

    def ask(self, number: int, group: Group, manifest: JsonObject, resource: bytes) -> None:
        """Ask a group's rules about document `number`, unless the answer is known."""
        item = group.item(manifest, resource)
        key = group.key(item)
        found = self.known.get(key)
        if found is not None:
            if found:
                self.asked[number].append(found)
            return
        self.items.setdefault(key, (group, item))
        self.asked[number].append(key)

    def answered(self, answers: Sequence[Answer]) -> list[list[Verdict]]:
        """The verdicts on each document by rule, given the engine's answers to `items` in order."""
        fresh: dict[bytes, tuple[Verdict, ...]] = {}
        for (key, (group, _)), answer in zip(self.items.items(), answers, strict=True):
            fresh[key] = verdicts = group.verdicts(answer)
            # Whole manifests come once: whoever asks keeps those he has asked about.
            if group.projection is not None:
                self.known.keep(key, verdicts)
        return [
            _in_order([fresh[one] if isinstance(one, bytes) else one for one in asked])
            for asked in self.asked
        ]


def _in_order(parts: list[tuple[Verdict, ...]]) -> list[Verdict]:
    verdicts = [verdict for part in parts for verdict in part]
    # Stable: within a rule they stay by pointer and message.
    verdicts.sort(key=lambda verdict: verdict.rule_id)
    return verdicts


def _error(rule_id: str, message: str) -> Verdict:
    return Verdict(rule_id=rule_id, outcome=Outcome.ERROR, pointer="", message=message)


def _order(finding: Mapping[str, Any]) -> tuple[str, str]:
    return (finding["pointer"], finding["message"])
