"""The slow and obvious way: check out every landed commit and list what is wrong in it.

Of a file that cannot be read nobody knows what is wrong in it but that: what was last known of it stays.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from auditor.findings.fingerprint import fingerprint
from auditor.git.names import path_text
from auditor.manifests.environment import environment_of
from auditor.manifests.formats import format_of, is_readable_name, parse_file
from auditor.manifests.layout import is_kustomization_name
from auditor.manifests.secrets import Redactor
from auditor.model import ResourceId
from auditor.pipeline.check import check
from auditor.reports.check.interface import CheckReport

from .builder import FILE, PROGRAM, History

Life = tuple[str, int, str, str]
"""Finding id, occurrence, the sha that opened it, the sha that fixed it ('' while open)."""

REDACTOR = Redactor(b"0" * 32)
KUSTOMIZE = "kustomize.config.k8s.io"
UNREADABLE = ("AUD-YAML-0001", "AUD-YAML-0003")


class Wrong(NamedTuple):
    """Something wrong in a file; `about` None is the file itself."""

    rule: str
    about: ResourceId | None
    pointer: str


@dataclass(frozen=True)
class Known:
    """What a file is known to hold by its own content: what is wrong, what it declares, and what is not known."""

    wrong: frozenset[Wrong]
    declares: frozenset[ResourceId]
    unreadable: bool
    unanswered: frozenset[tuple[str, str]]


def first_parent_line(history: History, tip: str) -> list[str]:
    """Landed commits, oldest first, as git walks them."""
    return history.git("rev-list", "--first-parent", "--reverse", tip).split()


def lives(history: History, tip: str, judge: Any) -> list[Life]:
    """Every lifetime along the line, found by looking at each commit's files as they are."""
    look = Look(judge)
    held: dict[str, frozenset[Wrong]] = {}
    found: list[Life] = []
    open_since: dict[str, tuple[int, str]] = {}
    occurrences: dict[str, int] = {}
    before = ""
    listing: dict[str, bytes] = {}
    for sha in first_parent_line(history, tip):
        files, renamed = files_of(history, sha), renames(history, before, sha)
        held = look.held(files, held, renamed)
        listing = look.listing(files, listing, renamed)
        before = sha
        judged = look.judged(files | listing)
        now = {identifier(path, wrong) for path in judged for wrong in held[path]}
        for finding in sorted(now - open_since.keys()):
            occurrences[finding] = occurrences.get(finding, 0) + 1
            open_since[finding] = (occurrences[finding], sha)
        for finding in sorted(open_since.keys() - now):
            occurrence, opened = open_since.pop(finding)
            found.append((finding, occurrence, opened, sha))
    found += [(finding, occurrence, opened, "") for finding, (occurrence, opened) in open_since.items()]
    return sorted(found)


def files_of(history: History, sha: str) -> dict[str, bytes]:
    """The files of a commit that are read, by their names."""
    return {
        path_text(path): entry.content
        for path, entry in history.trees[sha].items()
        if entry.mode in (FILE, PROGRAM) and is_readable_name(path_text(path))
    }


def renames(history: History, before: str, sha: str) -> dict[str, str]:
    """New path to old path, as git finds them."""
    if not before:
        return {}
    told = iter(history.git("diff-tree", "-r", "-z", "-M", "--name-status", before, sha).split("\0"))
    found = {}
    for status in told:
        if not status:
            continue
        path = next(told)
        if status.startswith("R"):
            found[next(told)] = path
    return found


def before_it(path: str, renamed: Mapping[str, str]) -> str:
    """What the file was called; '' where that was a file of another format, which said other things."""
    old = renamed.get(path, path)
    return old if format_of(old) == format_of(path) else ""


class Look:
    """Looks at files, remembering what it has seen."""

    def __init__(self, judge: Any) -> None:
        self._judge = judge
        # What rules over several resources say is no matter of one file.
        self._over_sets = {rule.id for group in judge.sets.groups for rule in group.rules}
        self._known: dict[tuple[str, bytes], Known] = {}
        self._roles: dict[tuple[tuple[str, bytes], ...], frozenset[str]] = {}

    def held(
        self,
        files: Mapping[str, bytes],
        before: Mapping[str, frozenset[Wrong]],
        renamed: Mapping[str, str],
    ) -> dict[str, frozenset[Wrong]]:
        """All that is wrong in each file, given what was wrong in the files of the commit before."""
        held = {}
        for path, content in files.items():
            known = self._know(path, content)
            old = before_it(path, renamed)
            kept = {wrong for wrong in before.get(old, ()) if _nobody_knows(wrong, known)}
            held[path] = known.wrong | kept
        return held

    def listing(
        self, files: Mapping[str, bytes], before: Mapping[str, bytes], renamed: Mapping[str, str]
    ) -> dict[str, bytes]:
        """What each kustomization's name says of other files: its content, or the last one that could be read."""
        told = {}
        for path, content in files.items():
            if is_kustomization_name(path):
                known = self._know(path, content)
                is_told = not known.unreadable or any(about.group == KUSTOMIZE for about in known.declares)
                told[path] = content if is_told else before.get(renamed.get(path, path), content)
        return told

    def judged(self, files: Mapping[str, bytes]) -> frozenset[str]:
        """The files that are neither pieces of a kustomization nor a chart's."""
        key = tuple(sorted(files.items()))
        if key not in self._roles:
            self._roles[key] = frozenset(self._check(files).judged)
        return self._roles[key]

    def _know(self, path: str, content: bytes) -> Known:
        if (path, content) not in self._known:
            result = self._check({path: content})
            wrong = {
                Wrong(found.rule_id, found.resource, found.pointer)
                for found in result.findings
                if found.rule_id not in self._over_sets
            }
            parsed = parse_file(content, path, redactor=REDACTOR)
            self._known[path, content] = Known(
                wrong=frozenset(wrong),
                declares=frozenset(document.id for document in parsed.documents),
                unreadable=any(found.rule in UNREADABLE for found in wrong),
                unanswered=frozenset(
                    (entry.resource, entry.reason.partition(":")[0]) for entry in result.skipped
                ),
            )
        return self._known[path, content]

    def _check(self, files: Mapping[str, bytes]) -> CheckReport:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / ".git").mkdir()
            for path, content in files.items():
                file = folder / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            with contextlib.chdir(folder):
                return check([Path()], judge=self._judge, redactor=REDACTOR)


def _nobody_knows(wrong: Wrong, known: Known) -> bool:
    """True where the file's content does not say whether what was wrong still is."""
    if wrong.rule in UNREADABLE:
        return False
    if wrong.about in known.declares:
        return (str(wrong.about), wrong.rule) in known.unanswered
    return known.unreadable


def identifier(path: str, wrong: Wrong) -> str:
    """The finding's id where the file stands at `path`."""
    environment, about = environment_of(path), wrong.about
    if about is None:
        return fingerprint(wrong.rule, environment, "", "", "", path, wrong.pointer)
    where = path.rpartition("/")[0] or "." if about.group == "kustomize.config.k8s.io" else path
    return fingerprint(
        wrong.rule, environment, about.group, about.kind, about.namespace, about.name or where, wrong.pointer
    )
