"""What the JSON that a document became says about it, line by line: is there a secret in it, a doubtful scalar?

JSON is printed with a line for each pair or item, and the lines of a repository's history repeat: those that
say nothing are remembered, so that only new ones are looked at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from auditor.manifests.credentials import has_shapes, is_literal_secret, key_facts
from auditor.manifests.remembering import Remembered
from auditor.manifests.scalars import ScalarError, value_of

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""The annotation in which kubectl keeps a whole manifest as text."""

STARTS_NOTHING = "]},@`%?"
"""Characters that no plain scalar starts with."""

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"(:?)|([{}\[\]])|([^\s"{}\[\],:]+)')
_PAIR = re.compile(r'[ ]*(?:"([^"\\]+)": )?"([^"\\]*)",?\Z')
_SIMPLE_NUMBER = re.compile(r"(?!-0\Z)-?(?:0|[1-9][0-9]{0,17})\Z")
_WORDS = frozenset({"true", "false", "null"})
_SECRET_WITHIN = re.compile(r"kind(?:\\[nrt]|[^A-Za-z])*Secret\b")
_DOUBTFUL = re.compile(
    r"\"(?<![^ \[{,\n]\")(?=(?:("
    r"(?!(?:true|false|null)\")[yYnNoOtTfFiI~]"
    r"(?:es|ES|o|O|n|N|ff|FF|rue|RUE|alse|ALSE|ull|ULL|nf|NF|nfinity|NFINITY|a[nN]|AN)?"
    r"|[-+.](?:\.?(?:[iI]nf|INF|[nN]a[nN]|NAN|[iI]nfinity|INFINITY))"
    r"|[-+]?(?:0[0-9_xXbBoO]|\.[0-9])[0-9a-fA-F_.+-]*"
    r"|[-+]?[0-9][0-9.eE+-]*_[0-9.eE_+-]*"
    r"|[\]},@`%?][^\"\\]*"
    r")\""
    r"|((?:null|[-+]?[0-9]*\.[0-9]*|[-+]?[0-9]*(?:\.[0-9]*)?[eE][-+]?[0-9]+|[-+]?[0-9]{18,}|\+[0-9]+|)\": )"
    r"|[\]},@`%?][^\"\\]*\\"
    r"))"
)


DOUBTFUL = 1
"""A line of JSON has a scalar that go-yaml may read otherwise."""

NUMBER = 2
"""It has a number that is no plain integer of 18 digits."""

NAMED = 4
"""It has a value that its name, or being in a Secret, makes secret."""

VARIABLE = 8
"""It has a `name` that would make the `value` beside it secret."""

SHAPED = 16
"""It has a text with the shape of a credential."""

_silent: Remembered[int] = Remembered()
_telling: Remembered[int] = Remembered()


def facts_of(lines: Iterable[str]) -> int:
    """All that the lines of one printed JSON text say: DOUBTFUL, NUMBER, NAMED, VARIABLE and SHAPED, or 0."""
    # A list and not a set: to build one costs as much as to look up every line.
    silent = _silent.lines
    facts = 0
    for line in [line for line in lines if line not in silent]:
        said = _telling.lines.get(line)
        if said is None:
            said = _facts(line)
            (_telling if said else _silent).add(line, said)
        facts |= said
    return facts


def doubtful(emitted: str) -> Iterator[str | None]:
    """The texts that go-yaml reads otherwise if they are plain; None for one that cannot be told at all."""
    return (match[1] for match in _DOUBTFUL.finditer(emitted) if is_doubtful(match[1]))


def is_doubtful(word: str | None) -> bool:
    """True where the text, if it is plain in YAML, may be another value to go-yaml, or none at all."""
    return word is None or word[0] in STARTS_NOTHING or is_infinite(word) or not _is_text(word)


def is_infinite(word: str) -> bool:
    """True for what `rapidyaml` emits for words of its own: it writes `inf` as `.inf`."""
    return word.lstrip("+-.").lower() in ("inf", "nan", "infinity")


def _is_text(word: str) -> bool:
    try:
        return value_of(word) == word
    except ScalarError:
        return False


def _facts(line: str) -> int:
    pair = _PAIR.match(line) if "kind" not in line else None
    if pair is not None:
        # Most lines by far; what follows would say the same of them, later.
        name, value = pair.groups("")
        doubt = (name != "" and _key_may_be_doubtful(name)) or _may_be_doubtful(value, is_key=False)
        return _of_text(name, value) | (DOUBTFUL if doubt else 0)
    facts = 0
    if "kind" in line and _SECRET_WITHIN.search(line):
        facts |= NAMED
    key = ""
    for match in _TOKEN.finditer(line):
        text, colon, bracket, word = match.groups()
        if bracket:
            if bracket == "[" and key == "literals":
                facts |= NAMED
            key = "" if bracket != "{" else key
        elif word is not None:
            facts |= _of_word(key, word)
            key = ""
        else:
            if _may_be_doubtful(text, is_key=bool(colon)):
                facts |= DOUBTFUL
            value = json.loads(f'"{text}"') if "\\" in text else text
            if colon:
                key = value
            else:
                facts |= _of_text(key, value)
                key = ""
    return facts


def _may_be_doubtful(text: str, *, is_key: bool) -> bool:
    """As `doubtful` finds it in the whole JSON, for one of its texts."""
    if text[:1] and text[0] in STARTS_NOTHING:
        return True
    match = _DOUBTFUL.match(f'"{text}": ' if is_key else f'"{text}"')
    return match is not None and is_doubtful(match[1])


@lru_cache(maxsize=4096)
def _key_may_be_doubtful(name: str) -> bool:
    return _may_be_doubtful(name, is_key=True)


def _of_word(key: str, word: str) -> int:
    if word in _WORDS:
        return 0
    if not _SIMPLE_NUMBER.match(word):
        # Whatever it is, it is not judged here.
        return NUMBER | (NAMED if key_facts(key).sort else 0)
    return NAMED if _is_secret(key, int(word)) else 0


def _of_text(key: str, value: str) -> int:
    facts = SHAPED if has_shapes(value) else 0
    if key == LAST_APPLIED or _is_secret(key, value):
        facts |= NAMED
    if key == "name" and key_facts(value).sort:
        facts |= VARIABLE
    return facts


def _is_secret(key: str, value: object) -> bool:
    sort = key_facts(key).sort
    return sort != "" and (
        is_literal_secret(sort, value, in_reference=False)
        or is_literal_secret(sort, value, in_reference=True)
    )
