"""Rules that look at several resources together: all manifests of some kinds in one environment.

Each manifest is cut down to what such rules read of its kind (`view`), so that the set of a whole environment
stays small enough to be asked again whenever one of its members changes. A view always says which resource it
is of: apiVersion, kind, name and namespace.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from auditor.model import Document, Outcome, Verdict
from auditor.policy.deploying import DEPLOYING_READS
from auditor.policy.interface import Answer, Engine, Item, RulePath, rule_key, verdict_of
from auditor.policy.library import Library, Rule
from auditor.policy.reads import EVERYTHING, Projection, paths_for
from auditor.policy.router import expand_kinds, is_source_kind, kind_of
from auditor.policy.workloads import KNOWN_WORKLOADS, PodPlace

IDENTITY = ("apiVersion", "kind", "metadata.name", "metadata.namespace")
"""What every view holds, whatever the rules read."""

_REPLICATED = frozenset({"apps/Deployment", "apps/ReplicaSet", "apps/StatefulSet", "ReplicationController"})

VIEWS_KEPT = 8192
"""Cut-down views that are kept, at about half a kilobyte each."""


@dataclass(frozen=True, slots=True)
class SetGroup:
    """Rules over the same kinds that read the same and get the same parameters: they are asked together.

    `special` are the parameters in environments that have some of their own, `about` the kinds that a finding can be
    about (any where it is empty). With `by_identity` a resource has to do only with others of its identity.
    With `shared` it has to do only with what others say at those paths (see `RuleMetadata`).
    `with_workloads`: the rules look at every kind that makes pods, and are told where these stand in those that are
    not Kubernetes' own.
    """

    kinds: tuple[str, ...]
    reads: tuple[str, ...]
    parameters: bytes
    rules: tuple[Rule, ...]
    paths: tuple[RulePath, ...]
    special: Mapping[str, bytes]
    about: frozenset[str]
    by_identity: bool
    with_workloads: bool
    shared: tuple[str, ...] = ()

    def parameters_in(self, environment: str) -> bytes:
        """What the rules get there."""
        return self.special.get(environment, self.parameters)


@dataclass(frozen=True, slots=True)
class SetQuestion:
    """One group (by number) about one set: the environment's name and the views of its members, in order.

    The first `shared` of these are what members say of every other; findings about them count for nothing.
    """

    group: int
    environment: str
    views: tuple[bytes, ...]
    shared: int = 0


@dataclass(frozen=True, slots=True)
class SetAnswer:
    """`verdicts` are (number of the member, verdict); what could not be evaluated is about member -1."""

    evaluated: tuple[str, ...]
    verdicts: tuple[tuple[int, Verdict], ...]


class _GroupKey(NamedTuple):
    """What rules have in common that are asked together; `parameters` in general, then by environment."""

    kinds: tuple[str, ...]
    reads: tuple[str, ...]
    parameters: tuple[bytes, ...]
    about: frozenset[str]
    by_identity: bool
    shared: tuple[str, ...]


class SetRules:
    """The library's rules over environments. `groups` are known by their place in it."""

    def __init__(
        self,
        library: Library,
        parameters: Mapping[str, bytes],
        *,
        whole: bool = False,
        environments: Mapping[str, Mapping[str, bytes]] | None = None,
        places: Mapping[str, PodPlace] = KNOWN_WORKLOADS,
    ) -> None:
        """`parameters` by rule id as JSON; `whole` shows the whole manifests, whatever the rules read. `places` are
        those of `pod_places`.

        `environments` are the parameters (again by rule id) where an environment has some of its own.
        """
        special = environments or {}
        together: dict[_GroupKey, list[Rule]] = {}
        for rule in library.set_rules:
            # Somebody else's rule declares nothing, and is shown everything.
            reads = tuple(sorted({*rule.metadata.reads, *IDENTITY})) if rule.metadata.reads else ()
            given = (parameters, *special.values())
            key = _GroupKey(
                _with_workloads(rule.kinds, places),
                reads,
                tuple(one.get(rule.id, b"{}") for one in given),
                frozenset(_with_workloads(expand_kinds(rule.metadata.about), places)),
                rule.metadata.within == "identity",
                rule.metadata.shared,
            )
            together.setdefault(key, []).append(rule)
        self.groups = tuple(
            SetGroup(
                key.kinds,
                key.reads,
                key.parameters[0],
                tuple(rules),
                tuple(rule.path for rule in rules),
                dict(zip(special, key.parameters[1:], strict=True)),
                key.about,
                key.by_identity,
                _looks_at_workloads(key.kinds),
                key.shared,
            )
            for key, rules in together.items()
        )
        self._whole = whole
        self._places = places
        # As every view writes the kind of what it is of.
        self._marks = {full: b'"kind":"%b"' % full.rpartition("/")[2].encode() for full in places}
        self._of_kind: dict[str, tuple[int, ...]] = {}
        self._views: dict[str, Projection | None] = {}
        self._cut = lru_cache(maxsize=VIEWS_KEPT)(self._cut_down)
        self.shared = lru_cache(maxsize=VIEWS_KEPT)(self._shared)
        """(group, view) → what a view says of every other member, b"" where it says nothing of them."""

    def groups_of(self, kind: str) -> tuple[int, ...]:
        """The numbers of the groups that look at a "group/Kind"."""
        found = self._of_kind.get(kind)
        if found is None:
            # "*/Kind" is that kind in whatever group: what an inventory is asked for.
            names = {kind} if is_source_kind(kind) else {kind, "*", f"*/{kind.rpartition('/')[2]}"}
            found = tuple(
                number for number, group in enumerate(self.groups) if names.intersection(group.kinds)
            )
            self._of_kind[kind] = found
        return found

    def is_subject(self, group: int, kind: str) -> bool:
        """Whether a finding of the group can be about a "group/Kind"."""
        about = self.groups[group].about
        return not about or kind in about

    def view_of(self, document: Document) -> bytes:
        """What all these rules together read of a document, and where it leads, as JSON; b"" for a kind that none looks
        at and that leads nowhere."""
        kind = document.kind
        name = kind_of(document.api_version, kind)
        if name not in self._views:
            groups = self.groups_of(name)
            reads = [self.groups[number].reads for number in groups]
            if self.groups and name in DEPLOYING_READS:
                reads.append((*IDENTITY, *DEPLOYING_READS[name]))
            self._views[name] = _onto(tuple(reads), kind, self._places.get(name)) if reads else None
        projection = self._views[name]
        if projection is None:
            return b""
        return orjson.dumps(document.manifest if self._whole else projection.of(document.manifest))

    def cut(self, group: int, view: bytes) -> bytes:
        """What one group reads of a view: two views that are equal in this are the same to its rules."""
        return view if self._whole else self._cut(group, view)

    def _cut_down(self, group: int, view: bytes) -> bytes:
        manifest = orjson.loads(view)
        kind = str(manifest.get("kind", ""))
        place = self._places.get(kind_of(str(manifest.get("apiVersion", "")), kind))
        return orjson.dumps(_onto((self.groups[group].reads,), kind, place).of(manifest))

    def _shared(self, group: int, view: bytes) -> bytes:
        manifest = orjson.loads(view)
        kind = str(manifest.get("kind", ""))
        full = kind_of(str(manifest.get("apiVersion", "")), kind)
        paths = self.groups[group].shared
        said = _onto((IDENTITY,), kind, None).of(manifest)
        whole = _onto(((*IDENTITY, *paths),), kind, self._places.get(full)).of(manifest)
        if _pruned(whole) == said and ("metadata.name" not in paths or self.is_subject(group, full)):
            return b""
        return view if self._whole else orjson.dumps(whole)

    def ask(self, engine: Engine, questions: Sequence[SetQuestion]) -> list[SetAnswer]:
        """The answer to each question, in order; a failure is an error verdict in it."""
        answers = engine.evaluate([self._item(question) for question in questions])
        return [
            _answer(self.groups[question.group], question.views, answer)
            for question, answer in zip(questions, answers, strict=True)
        ]

    def _item(self, question: SetQuestion) -> Item:
        group = self.groups[question.group]
        members = b",".join(self.cut(question.group, view) for view in question.views)
        context: dict[str, Any] = {"environment": question.environment}
        if group.with_workloads:
            pods = {full: self._places[full] for full, mark in self._marks.items() if mark in members}
            context |= {"pods": pods} if pods else {}
        parameters = group.parameters_in(question.environment)
        return Item(group.paths, b"[%b]" % members, parameters, orjson.dumps(context), is_set=True)


def _looks_at_workloads(kinds: Iterable[str]) -> bool:
    """True for rules that look at every kind of Kubernetes that keeps a number of pods: they mean others' too."""
    return _REPLICATED.issubset(kinds)


def _with_workloads(kinds: tuple[str, ...], places: Mapping[str, PodPlace]) -> tuple[str, ...]:
    return tuple(sorted({*kinds, *places})) if _looks_at_workloads(kinds) else kinds


@lru_cache(maxsize=4096)
def _onto(reads: tuple[tuple[str, ...], ...], kind: str, place: PodPlace | None) -> Projection:
    """What several rules read together of a kind; all of it where one declares nothing."""
    if not all(reads):
        return Projection(EVERYTHING)
    return Projection.onto(paths_for({path for one in reads for path in one}, kind, place))


def _pruned(value: Any) -> Any:
    """The value without empty objects: what is left above a field that is not there."""
    if not isinstance(value, dict):
        return value
    left = {key: _pruned(inner) for key, inner in value.items()}
    return {key: inner for key, inner in left.items() if inner != {}}


def _kind_in(view: bytes) -> str:
    manifest = orjson.loads(view)
    return kind_of(str(manifest.get("apiVersion", "")), str(manifest.get("kind", "")))


def _answer(group: SetGroup, views: Sequence[bytes], answer: Answer) -> SetAnswer:
    verdicts: list[tuple[int, Verdict]] = []
    for rule in group.rules:
        key = rule_key(rule.path)
        if key in answer.errors:
            verdicts.append((-1, _error(rule.id, answer.errors[key])))
            continue
        found = answer.findings[key]
        if any(finding["resource"] >= len(views) for finding in found):
            verdicts.append((-1, _error(rule.id, "a finding is about a member that the set does not have")))
            continue
        if group.about and not all(_kind_in(views[finding["resource"]]) in group.about for finding in found):
            verdicts.append(
                (-1, _error(rule.id, "a finding is about a kind that custom.about does not name"))
            )
            continue
        verdicts.extend((finding["resource"], verdict_of(rule.id, finding)) for finding in found)
    verdicts.sort(key=lambda entry: (entry[1].rule_id, entry[0], entry[1].pointer, entry[1].message))
    silent = {verdict.rule_id for _, verdict in verdicts if verdict.outcome is Outcome.ERROR}
    return SetAnswer(
        evaluated=tuple(rule.id for rule in group.rules if rule.id not in silent), verdicts=tuple(verdicts)
    )


def questions_about(
    rules: SetRules, environment: str, members: Iterable[tuple[str, str, bytes]]
) -> list[tuple[SetQuestion, tuple[int, ...]]]:
    """The questions about one set, given as (apiVersion, kind, view) in order, each with its members' numbers."""
    by_group: dict[int, list[tuple[int, bytes]]] = {}
    for number, (api_version, kind, view) in enumerate(members):
        for group in rules.groups_of(kind_of(api_version, kind)):
            by_group.setdefault(group, []).append((number, view))
    return [
        (
            SetQuestion(group, environment, tuple(view for _, view in entries)),
            tuple(number for number, _ in entries),
        )
        for group, entries in sorted(by_group.items())
    ]


def _error(rule_id: str, message: str) -> Verdict:
    return Verdict(rule_id=rule_id, outcome=Outcome.ERROR, pointer="", message=message)
