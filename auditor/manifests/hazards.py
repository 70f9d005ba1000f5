"""What in a YAML text the fast reader must not judge, because parsers differ there.

Every test is on one line, and the lines of a repository's history repeat, so each line is looked at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from auditor.manifests.remembering import Remembered

_MAX_GROWTH = 2 * 1024 * 1024
_MAX_SCALAR_ALIASES = 200
_MAX_ALIASES = 60
_GROWTH_BY_ALIAS = 3 ** (1 / 3)
"""Nested aliases multiply a text at most by this to the power of their number: three of each at every level."""

_CHARACTERS = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff"
_COLON_IN_FLOW = r":[,?\[\]{}]|[,\[{] *(?:[:?]|-(?![0-9.]))|: +[:?]"
_HAZARDS = rf"\t|<<|- - - - |^%|^\.\.\.|{_COLON_IN_FLOW}|(?:^[ -]*|[,\[{{] *)\?(?: |$)"
_UNUSUAL_CHARACTER = re.compile(f"[{_CHARACTERS}]")
_UNUSUAL_OR_TAB = re.compile(f"[\t{_CHARACTERS}]")
_HAZARD = re.compile(rf"[{_CHARACTERS}]|{_HAZARDS}")
_ESCAPE = re.compile(r"\\(?:[uUxNLP_0]|$)")
_TAG = re.compile("!")
_TOKEN_MAY_START = re.compile(r"(?:^|[:,\[{?-]|(?:^|[\s\[{,])[&!]\S*)[ ]*\Z")
_ANCHOR_OR_ALIAS = re.compile(r"(?<![^ ,\[{])[&*][^\s,\[\]{}]*")
_ANCHOR_NAME = re.compile(r"[A-Za-z0-9_-]+\Z")
_ON_A_SCALAR = re.compile(r" [^\s\[{|>&!#\"']")
_ANY_ON_A_LINE = re.compile(rf"[{_CHARACTERS}]|{_HAZARDS}|\\(?:[uUxNLP_0]|$)|!|(?:^|[ ,\[{{])[&*]")

_harmless: Remembered[None] = Remembered()
_hazardous: Remembered[tuple[str, ...]] = Remembered()


@dataclass(frozen=True, slots=True)
class Hazards:
    """What is dangerous in a text: `is_unusual` where two parsers may differ on it, whether it has `anchors`
    that all aliases come behind, and `must_look` where aliases could multiply or have no anchor."""

    is_unusual: bool = False
    has_anchors: bool = False
    must_look: bool = False


_NONE = Hazards()
_UNUSUAL = Hazards(is_unusual=True)
_MUST_LOOK = Hazards(must_look=True)
_ANCHORS = Hazards(has_anchors=True)


def hazards_in(text: str, length: int) -> Hazards:
    """The hazards of a text, whatever stands around them; it says yes too often rather than too rarely.

    `length` is that of the whole file, of which the text may be a part.
    """
    lines = text.split("\n")
    # A list and not a set: to build one costs as much as to look up every line.
    harmless = _harmless.lines
    fresh = [line for line in lines if line not in harmless]
    marked: set[str] = set()
    for line in fresh:
        facts = _line_facts(line)
        if facts is _UNUSUAL_LINE:
            return _UNUSUAL
        if facts:
            marked.add(line)
        else:
            _harmless.add(line, None)
    if not marked:
        return _NONE
    if "\n---" in text:
        marked.update(line for line in lines if line.startswith("---"))
    return _anchors_and_aliases([line for line in lines if line in marked], length)


_UNUSUAL_LINE = ("unusual",)


def _line_facts(line: str) -> tuple[str, ...]:
    facts = _hazardous.lines.get(line)
    if facts is None:
        facts = _look_at(line)
        if facts:
            _hazardous.add(line, facts)
    return facts


def _look_at(line: str) -> tuple[str, ...]:
    """Empty for a harmless line, _UNUSUAL_LINE, or what anchors and aliases are on it: `&name` on a mapping or
    sequence, `=name` on a scalar, `*name`, and `?` for a name that may be none."""
    if not _ANY_ON_A_LINE.search(line):
        return ()
    if _is_comment_or_content(line):
        return ()
    if _is_unusual(line):
        return _UNUSUAL_LINE
    facts = []
    for match in _ANCHOR_OR_ALIAS.finditer(line):
        name = match[0][1:]
        if not _ANCHOR_NAME.match(name):
            if _may_start_token(line, match.start()):
                return ("?",)
        elif match[0][0] == "*":
            facts.append(match[0])
        else:
            facts.append(("=" if _ON_A_SCALAR.match(line, match.end()) else "&") + name)
    return tuple(facts)


def _is_comment_or_content(line: str) -> bool:
    """True for what is a comment, or text in a scalar that does not end here, wherever it stands."""
    return (
        line.lstrip(" ")[:1] == "#"
        and '"' not in line
        and "'" not in line
        and "\\" not in line
        and not _UNUSUAL_OR_TAB.search(line)
    )


def _is_unusual(line: str) -> bool:
    return (
        _HAZARD.search(line) is not None
        or ("\\" in line and _ESCAPE.search(line) is not None)
        or ("!" in line and any(_may_start_token(line, match.start()) for match in _TAG.finditer(line)))
    )


def _anchors_and_aliases(lines: list[str], length: int) -> Hazards:
    """Anchors on scalars cannot nest, so that many aliases of them stay small."""
    anchors: set[str] = set()
    found = False
    only_scalars = True
    aliases = 0
    for line in lines:
        if line.startswith("---"):
            anchors.clear()
        for fact in _line_facts(line):
            sort, name = fact[0], fact[1:]
            if sort == "*":
                if name not in anchors:
                    return _MUST_LOOK
                aliases += 1
            elif sort == "?":
                return _MUST_LOOK
            else:
                found = True
                only_scalars = only_scalars and sort == "="
                anchors.add(name)
    if aliases > (_MAX_SCALAR_ALIASES if only_scalars else _MAX_ALIASES):
        return _MUST_LOOK
    if not only_scalars and length * _GROWTH_BY_ALIAS**aliases > _MAX_GROWTH:
        return _MUST_LOOK
    return _ANCHORS if found else _NONE


def has_unusual_characters(text: str) -> bool:
    """True where a character in it is a line break, a mark or no character at all to some parser."""
    return _UNUSUAL_CHARACTER.search(text) is not None


def _may_start_token(line: str, position: int) -> bool:
    return _TOKEN_MAY_START.search(line[max(0, position - 200) : position]) is not None
