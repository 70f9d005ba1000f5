"""A bot or an automation changed more than it is registered for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from auditor.changecontrol.interface import (
    Asked,
    ChangeVerdict,
    FieldTouch,
    Known,
    LandedChange,
    ResourceTouch,
)
from auditor.model import ActorKind, Person

_UNREGISTERED = Person(name="", kind=ActorKind.BOT)
_IMAGE = re.compile(r"(?P<repository>[^\s@]+?)(?::(?P<tag>[\w][\w.-]{0,127}))?(?:@sha256:[0-9a-f]{64})?")
_ADDRESS = re.compile(
    r"(?P<where>(?:[a-z][a-z0-9+.-]*://|git@|github\.com/)[^\s?]+)(?:\?(?:.*&)?ref=[^&\s]*.*)?"
)
_RELEASE = re.compile(r"/v?\d+(?:\.\d+)+[^/]*/")
_SHOWN = 3


class AutomationOutOfScope(Asked):
    """What a bot edits is compared field by field, so that reformatting and comments are no edits.

    Its scope is by registration (`actors`, `people`), and image tags and chart versions where none is registered. A
    tag may change; the repository that the image comes from may not. A resource that a bot adds or deletes as a whole
    is out of scope. Only the registry counts: a name with "bot" in it gives nobody a scope.
    """

    id = "AUD-CHG-0017"

    def judge(self, change: LandedChange) -> Iterable[ChangeVerdict]:
        """One verdict a resource, with the first fields."""
        touches = change.known.program_fields.get(change.commit.sha)
        if not touches:
            return ()
        found = []
        for resource, fields in groupby(touches, key=lambda touch: touch.resource):
            who = self._who(resource, change.known)
            outside = [touch for touch in fields if not _in_scope(touch, who)]
            if outside:
                found.append(_verdict(resource, outside, change, who))
        return found

    def _who(self, resource: ResourceTouch, known: Known) -> Person:
        commit = known.commits.get(resource.sha)
        person = known.claimed(commit.author) if commit is not None else None
        return person if person is not None and person.kind is not ActorKind.PERSON else _UNREGISTERED


def _verdict(
    resource: ResourceTouch, outside: list[FieldTouch], change: LandedChange, who: Person
) -> ChangeVerdict:
    commit = change.known.commits.get(resource.sha, change.commit)
    name = who.name or commit.author.name
    by = "" if resource.sha == change.commit.sha else f" in {resource.sha[:12]}"
    if not outside[0].pointer:
        what = f"{resource.change} {resource}"
    else:
        fields = ", ".join(touch.pointer for touch in outside[:_SHOWN])
        more = f" and {len(outside) - _SHOWN} more fields" if len(outside) > _SHOWN else ""
        what = f"changed {fields}{more} of {resource}"
    return ChangeVerdict(
        message=f"{name} {what}{by}, which is not in its scope",
        environment=resource.environment,
        path=resource.path,
        pointer=outside[0].pointer,
        about=str(resource),
    )


def _in_scope(touch: FieldTouch, who: Person) -> bool:
    if not touch.pointer:
        return False
    if who.may_edit(touch.pointer):
        return _same_source(touch.old_value, touch.new_value)
    # Without a scope of its own, a bot may also raise a version that is part of an address or an image elsewhere.
    return who.scope == _UNREGISTERED.scope and _only_version_differs(
        _json(touch.old_value), _json(touch.new_value)
    )


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
    """An image without tag and digest, an address without its ref or the release in its path."""
    if match := _ADDRESS.fullmatch(text):
        return _RELEASE.sub("/*/", match["where"])
    match = _IMAGE.fullmatch(text)
    return match["repository"] if match else text


def _json(value: str | None) -> Any:
    return None if value is None else json.loads(value)
