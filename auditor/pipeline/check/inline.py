"""The suppressions that one file holds, and which findings in it they are about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from auditor.findings.suppressions import ANNOTATION, WORD, Suppression, read_annotation, read_comment
from auditor.findings.waiverfile import Mistake
from auditor.findings.waivers import WaiverTerms, wrong_rule
from auditor.manifests.places import Places
from auditor.model import Document
from auditor.reports.check.interface import Excuse, ExcuseKind

_POINTER = f'metadata.annotations["{ANNOTATION}"]'

Key = tuple[int, str]
"""(line, rule) of a suppression."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A rule that is passed over: at fields on a line (of a comment), or in one document (by an annotation)."""

    kind: ExcuseKind
    line: int
    rule: str
    reason: str
    about: int = 0
    document: tuple[int, int | None] | None = None


@dataclass(slots=True)
class Inline:
    """What a file says of findings in it. `used` are those of `keys` that were about one."""

    path: str
    entries: tuple[_Entry, ...] = ()
    mistakes: list[Mistake] = field(default_factory=list)
    used: set[Key] = field(default_factory=set)

    @property
    def keys(self) -> frozenset[Key]:
        """Every suppression that is in order."""
        return frozenset((entry.line, entry.rule) for entry in self.entries)

    def excuse(self, rule_id: str, document: tuple[int, int | None], lines: Sequence[int]) -> Excuse | None:
        """What passes over a finding in a document (index and item), whose field's way is on those lines."""
        for entry in self.entries:
            if entry.rule != rule_id:
                continue
            if entry.document == document if entry.document else entry.about in lines:
                self.used.add((entry.line, entry.rule))
                return Excuse(kind=entry.kind, reason=entry.reason, place=f"{self.path}:{entry.line}")
        return None


def read_inline(
    path: str, content: bytes, places: Places, documents: Iterable[Document], terms: WaiverTerms
) -> Inline:
    """The suppressions of a file at `path` (from the repository's root). Those that are not in order become mistakes."""
    inline = Inline(path)
    entries: list[_Entry] = []
    if WORD.encode() in content:
        for comment in places.comments(WORD):
            read = read_comment(comment.text)
            for rule, reason in _rules(inline, read, comment.line, terms):
                entries.append(_Entry(ExcuseKind.COMMENT, comment.line, rule, reason, about=comment.about))
    if ANNOTATION.encode() in content:
        for document in documents:
            value = _annotation(document)
            if value is None:
                continue
            line, _ = places.locate(document.index, document.item, _POINTER)
            where = (document.index, document.item)
            for read in read_annotation(value):
                for rule, reason in _rules(inline, read, line, terms):
                    entries.append(_Entry(ExcuseKind.ANNOTATION, line, rule, reason, document=where))
    inline.entries = tuple(entries)
    return inline


def _rules(
    inline: Inline, read: Suppression | str, line: int, terms: WaiverTerms
) -> Iterable[tuple[str, str]]:
    if isinstance(read, str):
        inline.mistakes.append(Mistake(line, read))
        return
    for rule in read.rules:
        wrong = wrong_rule(rule, terms)
        if wrong:
            inline.mistakes.append(Mistake(line, wrong[0]))
        else:
            yield rule, read.reason


def _annotation(document: Document) -> object:
    metadata = document.manifest.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    return annotations.get(ANNOTATION) if isinstance(annotations, dict) else None
