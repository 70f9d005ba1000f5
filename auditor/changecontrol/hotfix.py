"""Whether a change was announced as a hotfix, and which stages it left out. Two rules ask both."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.changecontrol.evidence import StageEntry
from auditor.changecontrol.interface import Known, LandedChange
from auditor.changecontrol.messages import trailers

NO_ORDER = "no order of environments is configured (`change_control.promotion`)"


def promotion_lacking(known: Known) -> str:
    """Why nothing can be said of promotion; '' where it can."""
    return "" if len(known.options.promotion) > 1 else NO_ORDER


def announced(change: LandedChange) -> str:
    """How the change is announced as a hotfix, in words; '' where it is not."""
    marks = change.known.options.hotfix
    request = change.request
    if request is not None:
        wanted = {label.casefold() for label in marks.labels}
        for label in request.labels:
            if label.casefold() in wanted:
                return f"by the label {label!r} of request {request.number}"
    keys = {key.casefold() for key in marks.trailers}
    for commit in change.commits:
        if marks.subject is not None and marks.subject.search(commit.subject):
            return "by its subject, which is a claim"
        if any(key.casefold() in keys for key, _ in trailers(commit.body)):
            return "by a trailer, which is a claim"
    if request is not None and marks.subject is not None and marks.subject.search(request.title):
        return f"by the title of request {request.number}"
    return ""


def unstaged(change: LandedChange) -> Sequence[StageEntry]:
    """Versions that it brought into the last stage and that had not landed in the stage before.

    What lands in both at once was never tried in the first.
    """
    entries = change.known.stage_entries.get(change.commit.sha)
    if not entries:
        return ()
    position = change.commit.position
    return [
        entry
        for entry in entries
        if entry.earlier_position is None or position is None or entry.earlier_position >= position
    ]
