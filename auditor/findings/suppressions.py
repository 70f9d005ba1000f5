"""Suppressions in a manifest itself: a comment at a field or document, or an annotation of the resource.

    # auditor:ignore AUD-POD-0003 reason: the agent reads the node's metrics
    metadata:
      annotations:
        auditor/ignore: "AUD-POD-0003: the agent reads the node's metrics"

Several rules stand in a comment with commas between them, in the annotation a line each.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

WORD = "auditor:ignore"
ANNOTATION = "auditor/ignore"

NEVER_INLINE = ("AUD-CHG-", "AUD-YAML-", "AUD-WAIVER-")
"""Rules on how changes landed, on files that cannot be read, and on waivers have no manifest that could speak."""

_COMMENT = re.compile(rf"{re.escape(WORD)}(?P<rules>[^:]*?)(?:\breason:(?P<reason>.*))?\Z", re.DOTALL)
_RULE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\Z")


@dataclass(frozen=True, slots=True)
class Suppression:
    """Rules (ids) that are to be passed over, and why."""

    rules: tuple[str, ...]
    reason: str


def read_comment(text: str) -> Suppression | str:
    """What a comment says from `auditor:ignore` on; in words what is wrong with it where it suppresses nothing."""
    match = _COMMENT.match(text)
    if match is None:
        return f"a suppression is written `{WORD} RULE reason: WHY`"
    rules = tuple(rule for rule in re.split(r"[,\s]+", match["rules"].strip()) if rule)
    return _suppression(rules, (match["reason"] or "").strip())


def read_annotation(value: object) -> list[Suppression | str]:
    """What the annotation says, a line each; in words what is wrong with a line that suppresses nothing."""
    if not isinstance(value, str):
        return ["the annotation is not a text"]
    found: list[Suppression | str] = []
    for line in value.splitlines():
        if line.strip():
            rules, _, reason = line.partition(":")
            found.append(_suppression(tuple(re.split(r"[,\s]+", rules.strip())), reason.strip()))
    return found or ["the annotation names no rule"]


def _suppression(rules: tuple[str, ...], reason: str) -> Suppression | str:
    if not rules or not all(_RULE.match(rule) for rule in rules):
        return "a suppression names the rules it is about, by their ids"
    never = [rule for rule in rules if rule.startswith(NEVER_INLINE)]
    if never:
        return f"{never[0]} cannot be suppressed in a manifest"
    if not reason:
        return f"the suppression of {', '.join(rules)} gives no reason, and so suppresses nothing"
    return Suppression(rules, reason)
