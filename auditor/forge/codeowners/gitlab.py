"""CODEOWNERS as GitLab reads it (docs.gitlab.com, "Syntax of CODEOWNERS file" and "Advanced configuration").

Each section asks on its own: in each, the last line that matches a path decides, and asks for the section's
number of approvals. Lines before the first section are a section without a name. A line without owners takes the
heading's; where there are none either, GitLab approves by itself. `!` leaves paths out of a section for good.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from auditor.forge.codeowners.pattern import GLOBSTAR, matched_lengths, split_pattern
from auditor.forge.codeowners.requirement import OwnerRequirement, checked

PLACES = ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""The first of these that is there is read."""

_HEADING = re.compile(r"(\^?)\[([^\]]+)\](?:\[([^\]]*)\])?(?:\s+(.*))?")
_OWNER = re.compile(r"@{1,2}[^\s@]+|[^\s@]+@[^\s@]+")
_WORD = re.compile(r"(?:\\.|[^\s\\])+")


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    pattern: str
    segments: tuple[str, ...]
    owners: tuple[str, ...]


@dataclass(slots=True)
class _Section:
    name: str
    optional: bool = False
    approvals: int = 1
    lines: list[_Line] = field(default_factory=list)
    exclusions: list[tuple[str, ...]] = field(default_factory=list)


def required_owners(text: str, paths: Sequence[str]) -> tuple[OwnerRequirement, ...]:
    """What the file asks for when these paths change: one requirement a deciding line of each section."""
    sections = _sections(text)
    checked(sum(len(section.lines) + len(section.exclusions) for section in sections), len(paths))
    found = []
    for section in sections:
        decided: dict[_Line, list[str]] = {}
        for path in paths:
            line = _deciding(section, path.split("/"))
            if line is not None and line.owners:
                decided.setdefault(line, []).append(path)
        found += [
            OwnerRequirement(
                where=f"CODEOWNERS line {line.number}: {f'[{section.name}] ' if section.name else ''}{line.pattern}",
                owners=line.owners,
                approvals=section.approvals,
                paths=tuple(owned),
                optional=section.optional,
            )
            for line, owned in sorted(decided.items(), key=lambda entry: entry[0].number)
        ]
    return tuple(found)


def _deciding(section: _Section, path: Sequence[str]) -> _Line | None:
    if any(len(path) in matched_lengths(one, path, classes=True) for one in section.exclusions):
        return None
    for line in reversed(section.lines):
        if len(path) in matched_lengths(line.segments, path, classes=True):
            return line
    return None


def _sections(text: str) -> list[_Section]:
    """Sections of the same name (whatever its case) are one: required if any is, with the most approvals."""
    sections = {"": _Section("")}
    section, defaults = sections[""], tuple[str, ...]()
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        heading = _HEADING.fullmatch(line)
        if heading is not None:
            optional, name, count, owners = heading.groups()
            known = sections.get(name.casefold())
            section = sections.setdefault(name.casefold(), _Section(name, optional=bool(optional)))
            section.optional = bool(optional) and (known is None or known.optional)
            # "Valid entries for n are integers >= 1 … Invalid values for n are treated as 1."
            wanted = int(count[:3]) if count and count.isascii() and count.isdigit() else 1
            section.approvals = max(section.approvals, wanted, 1)
            defaults = _owners((owners or "").split())
            continue
        words = _WORD.findall(line)
        if not words:
            continue
        pattern, *rest = words
        if pattern.startswith("!"):
            section.exclusions.append(_segments(pattern[1:]))
        else:
            section.lines.append(_Line(number, pattern, _segments(pattern), _owners(rest) or defaults))
    return list(sections.values())


def _owners(words: Sequence[str]) -> tuple[str, ...]:
    """Those that are owners: GitLab ignores malformed ones."""
    return tuple(word for word in words if _OWNER.fullmatch(word))


def _segments(pattern: str) -> tuple[str, ...]:
    """A pattern as fnmatch with FNM_PATHNAME takes it: from the root with `/`, else anywhere; a folder is its files.

    Only `**/` crosses folders: at the end, `**` is `*`.
    """
    segments = split_pattern(pattern)
    if not pattern.startswith("/"):
        segments = (GLOBSTAR, *segments)
    if pattern.endswith("/"):
        return (*segments, GLOBSTAR, "*")
    return (*segments[:-1], "*") if segments and segments[-1] == GLOBSTAR else segments
