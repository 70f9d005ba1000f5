"""CODEOWNERS as Gitea and Forgejo read it (docs.gitea.com, "Code Owners"): regular expressions over whole paths.

Every rule that matches asks its owners, not only the last; `!` turns a rule around. One owner of each rule is
asked for here: the forge itself only requests their reviews. It reads the file of the default branch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.errors import ForgeError, MissingPartError
from auditor.forge.codeowners.requirement import OwnerRequirement, checked

if TYPE_CHECKING:
    import regex

PLACES = ("CODEOWNERS", "docs/CODEOWNERS", ".forgejo/CODEOWNERS", ".gitea/CODEOWNERS")
"""The first of these that is there is read."""
MATCH_TIME_S = 0.1
"""For one expression on one path: the expressions are the repository's."""


@dataclass(frozen=True, slots=True)
class _Rule:
    number: int
    pattern: str
    negative: bool
    expression: regex.Pattern[str]
    owners: tuple[str, ...]


def required_owners(text: str, paths: Sequence[str]) -> tuple[OwnerRequirement, ...]:
    """What the file asks for when these paths change: one requirement a matching rule.

    Raises ForgeError where an expression takes too long, since nothing is known of its paths then.
    """
    rules = [rule for number, line in enumerate(text.split("\n"), 1) if (rule := _rule(number, line))]
    checked(len(rules), len(paths))
    found = []
    for rule in rules:
        owned = tuple(path for path in paths if _matches(rule, path))
        if owned:
            found.append(
                OwnerRequirement(
                    where=f"CODEOWNERS line {rule.number}: {rule.pattern}",
                    owners=rule.owners,
                    approvals=1,
                    paths=owned,
                    author_counts=True,
                )
            )
    return tuple(found)


def words(line: str) -> list[str]:
    """The line's words: a backslash keeps the next character (so two make one), `#` begins a comment."""
    found: list[str] = []
    word, escaped = "", False
    for letter in line.strip().replace("\t", " "):
        if escaped:
            word, escaped = word + letter, False
        elif letter == "\\":
            escaped = True
        elif letter == "#":
            break
        elif letter == " ":
            if word:
                found.append(word)
            word = ""
        else:
            word += letter
    return [*found, word] if word else found


def _rule(number: int, line: str) -> _Rule | None:
    """The line's rule; None where there is none, or one that the forge leaves out with a warning."""
    pattern, *owners = words(line) or [""]
    if not owners:
        return None
    try:
        import regex  # only this dialect needs it
    except ModuleNotFoundError as error:
        raise MissingPartError(
            "reading CODEOWNERS as Gitea does needs the package regex",
            hint="pip install 'auditor[forge]' brings it",
        ) from error
    bare = pattern.removeprefix("!").removeprefix("/")
    try:
        expression = regex.compile(f"^{bare}$")
    except (regex.error, RecursionError, OverflowError):
        return None
    named = tuple(f"@{owner.removeprefix('@')}" for owner in owners)
    return _Rule(number, pattern, pattern.startswith("!"), expression, named)


def _matches(rule: _Rule, path: str) -> bool:
    try:
        matched = rule.expression.search(path, timeout=MATCH_TIME_S) is not None
    except TimeoutError as error:
        raise ForgeError(
            f"CODEOWNERS line {rule.number} takes too long on {path}: {rule.pattern}",
            hint="an expression that repeats a repetition can take for ever; write it simpler",
        ) from error
    return matched is not rule.negative
