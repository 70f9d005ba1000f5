"""A control was loosened: who must approve, what CI checks, what policies deny, who may do what, what is verified."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from auditor.changecontrol.evidence import ResourceTouch
from auditor.changecontrol.interface import Asked, ChangeVerdict, Known, LandedChange
from auditor.changecontrol.weakening import ci, codeowners, ignored
from auditor.changecontrol.weakening.resources import CONSTRAINT_GROUP, is_compared, loosened
from auditor.model import FileChange, Outcome

Comparison = Callable[[str | None, str | None], list[str]]

_FILES: tuple[tuple[str, Comparison], ...] = (
    (codeowners.PATHS, codeowners.loosened),
    (ci.PATHS, ci.loosened),
    (ignored.IGNORE_PATHS, ignored.ignored),
    (ignored.POLICY_PATHS, ignored.fewer_rules),
)

CONTROL_FILES = "|".join(f"(?:{expression})" for expression, _ in _FILES)
"""Paths of files that are controls, for whoever chooses what the rule is to see."""

CONTROL_GROUPS = f"^{re.escape(CONSTRAINT_GROUP)}$"

_SHOWN = 3


class ControlWeakened(Asked):
    """By meaning: what only reads differently, or stands elsewhere with the same content, is no finding."""

    id = "AUD-CHG-0025"

    def judge(self, change: LandedChange) -> Iterable[ChangeVerdict]:
        """One verdict a file or resource."""
        known, sha = change.known, change.commit.sha
        files, touched = known.files.get(sha), known.resources.get(sha)
        if (not files and not touched) or not change.commit.parents:
            return ()  # before the first commit there was nothing to weaken
        return [*self._files(files or (), known), *self._resources(touched or (), known)]

    def _files(self, files: Iterable[FileChange], known: Known) -> Iterator[ChangeVerdict]:
        files = tuple(files)
        arrived = {file.new_blob for file in files if file.new_blob and file.old_blob != file.new_blob}
        for file in files:
            compare = _comparison(file)
            if compare is None or (not file.new_blob and file.old_blob in arrived):
                continue
            if (
                compare is codeowners.loosened
                and not file.new_blob
                and _another(files, codeowners.PATHS, file)
            ):
                continue  # it moved to where the forge also looks; that file is compared with this one below
            old_blob = file.old_blob or _predecessor(files, file)
            old, new = (_text(blob, known) for blob in (old_blob, file.new_blob))
            try:
                found = compare(old, new)
            except ci.UnreadableError as error:
                yield ChangeVerdict(
                    message=f"a control's file could not be compared: {error}",
                    outcome=Outcome.ERROR,
                    path=file.path,
                )
                continue
            if found:
                yield ChangeVerdict(message=f"{file.path}: {_shown(found)}", path=file.path)

    def _resources(self, touched: Iterable[ResourceTouch], known: Known) -> Iterator[ChangeVerdict]:
        for resource in touched:
            if not is_compared(resource.group, resource.kind) or not _may_loosen(resource):
                continue
            old, new = (
                known.manifest(digest) if digest else None
                for digest in (resource.old_digest, resource.new_digest)
            )
            if (resource.old_digest and old is None) or (resource.new_digest and new is None):
                yield ChangeVerdict(
                    message="a control's manifest cannot be read again", outcome=Outcome.ERROR
                )
                continue
            found = loosened(resource.group, resource.kind, old, new)
            if found:
                yield ChangeVerdict(
                    message=f"{resource}: {_shown(found)}",
                    environment=resource.environment,
                    path=resource.path,
                    about=str(resource),
                )


def _may_loosen(resource: ResourceTouch) -> bool:
    """What comes loosens nothing that was there, but for exceptions; a role that goes loosens nothing."""
    if resource.change == "added":
        return resource.kind == "PolicyException"
    return resource.change != "deleted" or resource.group != "rbac.authorization.k8s.io"


def _comparison(file: FileChange) -> Comparison | None:
    for expression, compare in _FILES:
        if re.search(expression, file.path) or (file.old_path and re.search(expression, file.old_path)):
            return compare
    return None


def _another(files: Iterable[FileChange], expression: str, file: FileChange) -> bool:
    return any(other.new_blob and other is not file and re.search(expression, other.path) for other in files)


def _predecessor(files: Iterable[FileChange], file: FileChange) -> str:
    """The blob of a CODEOWNERS that went away in the same change, for one that came."""
    if not re.search(codeowners.PATHS, file.path):
        return ""
    return next(
        (one.old_blob for one in files if not one.new_blob and re.search(codeowners.PATHS, one.path)), ""
    )


def _text(blob: str, known: Known) -> str | None:
    if not blob:
        return None
    content = known.text(blob)
    return content.decode("utf-8", "replace") if content is not None else ""


def _shown(found: list[str]) -> str:
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return "; ".join(found[:_SHOWN]) + more
