"""A bot or an automation changed more than it is registered for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import orjson

from auditor.changecontrol.evidence import FieldTouch, MarkedField, ResourceTouch
from auditor.changecontrol.interface import Asked, ChangeVerdict, Known, LandedChange
from auditor.model import ActorKind, Person
from auditor.model.people import pointer_glob

_UNREGISTERED = Person(name="", kind=ActorKind.BOT)
_IMAGE = re.compile(r"(?P<repository>[^\s@]+?)(?::(?P<tag>[\w][\w.-]{0,127}))?(?:@sha256:[0-9a-f]{64})?")
_ADDRESS = re.compile(
    r"(?P<where>(?:[a-z][a-z0-9+.-]*://|git@|github\.com/)[^\s?]+)(?:\?(?:.*&)?ref=[^&\s]*.*)?"
)
_ACTION = re.compile(r"(?P<where>[\w.-]+(?:/[\w.-]+)+)@[\w./-]+")
"""An action of a pipeline, of a tag, branch or commit."""

_RELEASE = re.compile(r"/v?\d+(?:\.\d+)+[^/]*/")
_VERSION_KEY = re.compile(
    r"(?:version|revision|tag|digest|checksum|sha(?:1|256|512)?)(?:\"?\])?\Z", re.IGNORECASE
)
_VERSION = re.compile(r"v?\d+(?:\.\d+)*(?:[-+.][\w.+-]+)?|(?:sha(?:256|512)[:-])?[0-9A-Fa-f]{7,128}")
_SHOWN = 3


class AutomationOutOfScope(Asked):
    """What a bot edits is compared field by field, so that reformatting and comments are no edits.

    Its scope is by registration (`actors`, `people`), and image tags, versions of charts and whatever else is called
    a version where none is registered. A tag may change; the repository that the image comes from may not. A resource that a bot adds or deletes as a whole
    is out of scope. Only the registry counts: a name with "bot" in it gives nobody a scope.

    Where a file has markers of Flux' image automation, what automation without a registered scope may set in it are the
    marked fields and nothing else, whatever they are called.
    """

    id = "AUD-CHG-0017"

    def judge(self, change: LandedChange) -> Iterable[ChangeVerdict]:
        """One verdict a file, with its first resource and its first fields."""
        touches = change.known.program_fields.get(change.commit.sha)
        if not touches:
            return ()
        by_file: dict[tuple[str, str], list[FieldTouch]] = {}
        for touch in touches:
            if not self._allows(touch, change.known):
                by_file.setdefault((touch.resource.sha, touch.resource.path), []).append(touch)
        return [
            _verdict(outside, change, self._who(outside[0].resource, change.known))
            for outside in by_file.values()
        ]

    def _allows(self, touch: FieldTouch, known: Known) -> bool:
        who = self._who(touch.resource, known)
        marked = known.marked.get((touch.resource.sha, touch.resource.path))
        if marked is None or who.scope != _UNREGISTERED.scope:
            return _in_scope(touch, who)
        return _is_marked(touch, marked) and _same_source(touch.old_value, touch.new_value)

    def _who(self, resource: ResourceTouch, known: Known) -> Person:
        commit = known.commits.get(resource.sha)
        person = known.claimed(commit.author) if commit is not None else None
        return person if person is not None and person.kind is not ActorKind.PERSON else _UNREGISTERED


def _verdict(outside: list[FieldTouch], change: LandedChange, who: Person) -> ChangeVerdict:
    first = outside[0].resource
    commit = change.known.commits.get(first.sha, change.commit)
    fields = [touch.pointer for touch in outside if touch.resource == first]
    what = f"{first.change} {first}"
    if fields[0]:
        more = f" and {len(fields) - _SHOWN} more fields" if len(fields) > _SHOWN else ""
        what = f"changed {', '.join(fields[:_SHOWN])}{more} of {first}"
    others = len({touch.resource for touch in outside}) - 1
    also = f", and something of {others} more resource{'s' if others > 1 else ''}" if others else ""
    by = "" if first.sha == change.commit.sha else f" in {first.sha[:12]}"
    return ChangeVerdict(
        message=f"{who.name or commit.author.name} {what}{also}{by}, which is not in its scope",
        environment=first.environment,
        path=first.path,
        pointer=fields[0],
        about=first.sha,
    )


def _is_marked(touch: FieldTouch, marked: Mapping[MarkedField, str]) -> bool:
    """True for a field that an ImagePolicy was to set. What has no name of its own has its file's in the trail."""
    resource = touch.resource
    return any(
        field.pointer == touch.pointer
        and field.kind == resource.kind
        and (not field.name or (field.name, field.namespace) == (resource.name, resource.namespace))
        for field in marked
    )


def _in_scope(touch: FieldTouch, who: Person) -> bool:
    if not touch.pointer:
        return False
    if _scope(who.scope).fullmatch(touch.pointer):
        return _same_source(touch.old_value, touch.new_value)
    if who.scope != _UNREGISTERED.scope:
        return False
    # Without a scope of its own, a bot may also raise what is called a version, whatever tool reads it, and a version
    # that is part of an address or an image.
    old, new = _json(touch.old_value), _json(touch.new_value)
    return _only_version_differs(old, new) or (
        _VERSION_KEY.search(touch.pointer) is not None and _is_version(old) and _is_version(new)
    )


def _is_version(value: Any) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool)) or (
        isinstance(value, str) and _VERSION.fullmatch(value) is not None
    )


@lru_cache(maxsize=64)
def _scope(globs: tuple[str, ...]) -> re.Pattern[str]:
    """All globs as one expression: `Person.may_edit` asks them one by one."""
    return re.compile("|".join(f"(?:{pointer_glob(glob).pattern})" for glob in globs) or r"(?!)")


def _same_source(old: str | None, new: str | None) -> bool:
    """False where an image comes from another repository than before; other values have no source."""
    before, after = _json(old), _json(new)
    if not isinstance(before, str) or not isinstance(after, str):
        return True
    if "/" not in before and "/" not in after:
        return True
    return _source(before) == _source(after)


def _only_version_differs(old: Any, new: Any) -> bool:
    if isinstance(old, str) and isinstance(new, str):
        return old == new or ("/" in old and _source(old) == _source(new) and _source(old) != old)
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return all(_only_version_differs(one, other) for one, other in zip(old, new, strict=True))
    return False


def _source(text: str) -> str:
    """An image without tag and digest, an address without its ref or the release in its path, an action without its
    version."""
    if match := _ADDRESS.fullmatch(text):
        return _RELEASE.sub("/*/", match["where"])
    match = _IMAGE.fullmatch(text)
    if match:
        return match["repository"]
    match = _ACTION.fullmatch(text)
    return match["where"] if match else text


def _json(value: str | None) -> Any:
    return None if value is None else orjson.loads(value)
