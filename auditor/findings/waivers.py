"""Waivers: the repository's own reviewed word that a finding is accepted, by whom, why and until when.

A waiver holds until the day before `expires` (UTC): on the day that it names it no longer works. What is wrong
with an entry makes that entry waive nothing, and is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from difflib import get_close_matches
from typing import Any, Protocol

from auditor.findings.patterns import is_glob, name_glob, path_glob
from auditor.findings.waiverfile import Mistake, ReadMapping, read_mapping
from auditor.model.people import pointer_glob

DEFAULT_PATH = ".auditor/waivers.yaml"
NOT_WAIVABLE = "AUD-WAIVER-*"
"""Findings about waivers are settled by correcting the waiver."""

_TEXTS = ("rule", "reason", "owner", "ticket")
_REQUIRED = ("rule", "resource", "reason", "owner", "expires")
_KNOWN = (*_REQUIRED, "ticket", "granted")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, kw_only=True, slots=True)
class ResourcePattern:
    """Globs over what a finding is about; '' takes anything. `kind` fits `Kind` or `group/Kind`.

    `path` is of the repository, and fits one of the places of a finding; `pointer` is a glob over pointers by list key.
    """

    environment: str = ""
    namespace: str = ""
    kind: str = ""
    name: str = ""
    path: str = ""
    pointer: str = ""

    def __str__(self) -> str:
        return " ".join(f"{key}={value}" for key, value in self.given())

    def given(self) -> list[tuple[str, str]]:
        """What is said, in one order."""
        values = [(one.name, str(getattr(self, one.name))) for one in fields(self)]
        return [(name, value) for name, value in values if value]

    def fits(self, subject: Subject) -> bool:
        """True where every glob fits."""
        kind = f"{subject.group}/{subject.kind}" if subject.group else subject.kind
        names = (
            (self.environment, subject.environment),
            (self.namespace, subject.namespace),
            (self.name, subject.name),
        )
        return (
            all(not glob or name_glob(glob).match(value) for glob, value in names)
            and (not self.kind or any(name_glob(self.kind).match(text) for text in (kind, subject.kind)))
            and (not self.path or any(path_glob(self.path).match(place) for place in subject.places))
            and (not self.pointer or pointer_glob(self.pointer).fullmatch(subject.pointer) is not None)
        )


class Subject(Protocol):
    """A finding, as far as waivers look at it."""

    @property
    def rule_id(self) -> str:
        """The rule that was broken."""
        ...

    @property
    def environment(self) -> str:
        """Where."""
        ...

    @property
    def group(self) -> str:
        """The API group of what the finding is about."""
        ...

    @property
    def kind(self) -> str:
        """Its kind."""
        ...

    @property
    def namespace(self) -> str:
        """Its namespace."""
        ...

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def places(self) -> tuple[str, ...]:
        """The file's path from the repository's root; of what is rendered also a path in the folder that it is
        rendered from."""
        ...

    @property
    def pointer(self) -> str:
        """The field, by list key."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiver:
    """One entry that is in order. `line` is where it stands in its file, from 1."""

    rule: str
    resource: ResourcePattern
    reason: str
    owner: str
    expires: date
    line: int
    granted: date | None = None
    ticket: str = ""

    @property
    def label(self) -> str:
        """Its name in findings about it: the same wherever it stands in the file."""
        return f"{self.rule} {self.resource}"

    def holds(self, day: date) -> bool:
        """True on days (UTC) before `expires`."""
        return day < self.expires

    def fits(self, subject: Subject) -> bool:
        """True where it is about this finding, expired or not."""
        return bool(name_glob(self.rule).match(subject.rule_id)) and self.resource.fits(subject)


@dataclass(frozen=True, kw_only=True, slots=True)
class WaiverTerms:
    """What the operator allows. `rules` are the ids there are; `never` ids or globs that are not waived.

    `days_at_most` bounds the days from `granted` to `expires`, which then have to be given; 0 does not.
    """

    rules: frozenset[str]
    never: tuple[str, ...] = ()
    days_at_most: int = 0

    def forbids(self, rule_id: str) -> bool:
        """True for a rule that is not waived."""
        return any(name_glob(glob).match(rule_id) for glob in (*self.never, NOT_WAIVABLE))


@dataclass(slots=True)
class Waivers:
    """The entries of a file. `used` are the places (in `entries`) of those that fitted a finding."""

    entries: tuple[Waiver, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    terms: WaiverTerms = field(default_factory=lambda: WaiverTerms(rules=frozenset()))
    used: set[int] = field(default_factory=set)

    def waive(self, subject: Subject, day: date) -> Waiver | None:
        """The waiver that holds for a finding on a day, the one that holds longest; None where there is none."""
        holding = [entry for entry in self.all_for(subject) if entry.holds(day)]
        return max(holding, key=lambda entry: entry.expires, default=None)

    def all_for(self, subject: Subject) -> list[Waiver]:
        """Every entry that is about a finding, expired or not; none for a rule that is not waived."""
        if self.terms.forbids(subject.rule_id):
            return []
        fitting = [number for number, entry in enumerate(self.entries) if entry.fits(subject)]
        self.used.update(fitting)
        return [self.entries[number] for number in fitting]

    def expired(self, day: date) -> list[Waiver]:
        """What no longer works."""
        return [entry for entry in self.entries if not entry.holds(day)]

    def unused(self, day: date) -> list[Waiver]:
        """What holds and fitted nothing that was put to `waive`."""
        return [
            entry for number, entry in enumerate(self.entries) if number not in self.used and entry.holds(day)
        ]


def read_waivers(content: bytes, terms: WaiverTerms, today: date) -> Waivers:
    """A file's waivers, and what is wrong with the rest, each with its line. Never raises."""
    document, mistakes = read_mapping(content)
    if document is None:
        return Waivers(mistakes=tuple(mistakes), terms=terms)
    mistakes += _unknown(document, ("version", "waivers"), "the file")
    if document.values.get("version") != "1":
        mistakes.append(Mistake(document.line_of("version"), "`version: 1` is missing"))
        return Waivers(mistakes=tuple(mistakes), terms=terms)
    listed = document.values.get("waivers", [])
    if not isinstance(listed, list):
        mistakes.append(Mistake(document.line_of("waivers"), "`waivers` is not a list"))
        return Waivers(mistakes=tuple(mistakes), terms=terms)
    entries: list[Waiver] = []
    for entry in listed:
        if not isinstance(entry, ReadMapping):
            mistakes.append(Mistake(document.line_of("waivers"), "an entry of `waivers` is not a mapping"))
            continue
        wrong = _wrong(entry, terms, today)
        if wrong:
            mistakes += wrong
        else:
            entries.append(_made(entry))
    return Waivers(entries=tuple(entries), mistakes=tuple(mistakes), terms=terms)


def _wrong(entry: ReadMapping, terms: WaiverTerms, today: date) -> list[Mistake]:
    """Everything that is wrong with an entry: none of it waives."""
    found = _unknown(entry, _KNOWN, "a waiver")
    missing = [key for key in _REQUIRED if not entry.values.get(key)]
    if missing:
        found.append(Mistake(entry.line, f"a waiver without {', '.join(missing)}"))
    for key in _TEXTS:
        value = entry.values.get(key)
        if key in entry.values and key not in missing and not (isinstance(value, str) and value.strip()):
            found.append(Mistake(entry.line_of(key), f"`{key}` is not a text"))
    found += _wrong_resource(entry)
    dates = {key: _date(entry.values.get(key)) for key in ("granted", "expires")}
    for key, day in dates.items():
        if entry.values.get(key) and day is None:
            found.append(Mistake(entry.line_of(key), f"`{key}` is not a date such as 2027-03-31"))
    rule = entry.values.get("rule")
    if isinstance(rule, str) and rule:
        found += [Mistake(entry.line_of("rule"), text) for text in wrong_rule(rule, terms)]
    if not found and terms.days_at_most:
        found += _too_long(entry, dates["granted"], dates["expires"], terms.days_at_most, today)
    return found


def _wrong_resource(entry: ReadMapping) -> list[Mistake]:
    given = entry.values.get("resource")
    if given is None:
        return []
    if not isinstance(given, ReadMapping):
        return [Mistake(entry.line_of("resource"), "`resource` is not a mapping of globs")]
    known = tuple(one.name for one in fields(ResourcePattern))
    found = _unknown(given, known, "`resource`")
    if not given.values:
        found.append(Mistake(given.line, "`resource` names nothing"))
    for key, value in given.values.items():
        if not isinstance(value, str) or not value:
            found.append(Mistake(given.line_of(key), f"`resource.{key}` is not a text"))
    return found


def wrong_rule(rule: str, terms: WaiverTerms) -> list[str]:
    """What is wrong with a rule's id or glob in a waiver, a comment or an annotation: nothing, or one reason."""
    if is_glob(rule):
        if not any(name_glob(rule).match(known) for known in terms.rules):
            return [f"no rule fits {rule!r}"]
        return []
    if rule not in terms.rules:
        near = get_close_matches(rule, sorted(terms.rules), n=1, cutoff=0.6)
        return [f"there is no rule {rule!r}" + (f"; did you mean {near[0]}?" if near else "")]
    if terms.forbids(rule):
        return [f"{rule} may not be waived"]
    return []


def _too_long(
    entry: ReadMapping, granted: date | None, expires: date | None, days: int, today: date
) -> list[Mistake]:
    if granted is None or expires is None:
        return [
            Mistake(entry.line, f"`granted` is missing: a waiver is for {days} days at most, from that day")
        ]
    if granted > today:
        return [Mistake(entry.line_of("granted"), f"`granted` is in the future: {granted}")]
    if (expires - granted).days > days:
        return [
            Mistake(
                entry.line_of("expires"),
                f"{(expires - granted).days} days from `granted` to `expires`; {days} are allowed",
            )
        ]
    return []


def _made(entry: ReadMapping) -> Waiver:
    resource = entry.values["resource"]
    assert isinstance(resource, ReadMapping)  # noqa: S101 - it was looked at
    text: Mapping[str, Any] = entry.values
    expires = _date(text["expires"])
    assert expires is not None  # noqa: S101 - it was looked at
    return Waiver(
        rule=text["rule"],
        resource=ResourcePattern(**{key: str(value) for key, value in resource.values.items()}),
        reason=text["reason"].strip(),
        owner=text["owner"].strip(),
        expires=expires,
        granted=_date(text.get("granted")),
        ticket=text.get("ticket", "").strip(),
        line=entry.line,
    )


def _date(value: Any) -> date | None:
    """A date as ISO 8601 writes it, with all its digits; None for anything else."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _unknown(mapping: ReadMapping, known: Sequence[str], where: str) -> list[Mistake]:
    found = []
    for key in mapping.values:
        if key not in known:
            near = _nearest(key, known)
            found.append(Mistake(mapping.line_of(key), f"{where} has no {key!r}{near}"))
    return found


def _nearest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(known)}"
