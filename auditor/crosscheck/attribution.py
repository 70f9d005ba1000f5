"""Who holds a value, since when, and how sure that is.

managedFields names managers, not people, and every client chooses its own name; `time` belongs to a whole entry.
So nothing from here is more than 'medium': only an audit log can confirm it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from auditor.crosscheck.managedfields import Owner, Ownership

_COLLAPSED = frozenset({"ancient-changes", "before-first-apply"})
"""Names under which the API server gathers what it no longer tells apart."""

_START = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Attribution:
    """A manager's name ('' where nobody is known), the time of its entry, evidence in words, and how sure it is."""

    manager: str
    at: datetime | None
    evidence: str
    confidence: str


def attribute(
    owners: tuple[Owner, ...], ownership: Ownership, is_gitops: Callable[[Owner], bool]
) -> Attribution:
    """Who most likely set the value that `owners` own; strangers come before the GitOps manager."""
    if not ownership.recorded:
        return Attribution("", None, "the snapshot has no managedFields, so nobody can be named", "low")
    strangers = [owner for owner in owners if not is_gitops(owner)]
    candidates = strangers or list(owners)
    if not candidates:
        return _by_elimination(ownership, is_gitops)
    owner = max(candidates, key=lambda entry: entry.time or _START)
    since = f" since {stamp(owner.time)}" if owner.time else " (its entry has no time)"
    evidence = f"field owned by manager {owner}{since}; manager names are self-declared"
    others = sorted({str(entry) for entry in owners if entry is not owner})
    if others:
        evidence += f"; also owned by {', '.join(others)}"
    unsure = len(candidates) > 1 or owner.manager in _COLLAPSED or owner.time is None
    if owner.manager in _COLLAPSED:
        evidence += "; under this name the API server gathers managers that it no longer tells apart"
    return Attribution(owner.manager, owner.time, evidence, "low" if unsure else "medium")


def _by_elimination(ownership: Ownership, is_gitops: Callable[[Owner], bool]) -> Attribution:
    """A field that is gone leaves no owner; the last stranger who wrote the object is the best that can be said."""
    strangers = [owner for owner in ownership.owners if not is_gitops(owner)]
    if not strangers:
        return Attribution("", None, "nobody owns the field (a deleted field leaves no owner)", "low")
    owner = max(strangers, key=lambda entry: entry.time or _START)
    since = f" at {stamp(owner.time)}" if owner.time else ""
    return Attribution(
        owner.manager,
        owner.time,
        f"nobody owns the field (a deleted field leaves no owner); the last manager besides the GitOps manager "
        f"to write this object was {owner}{since}; manager names are self-declared",
        "low",
    )


def stamp(at: datetime) -> str:
    """A time as Kubernetes writes it: UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
