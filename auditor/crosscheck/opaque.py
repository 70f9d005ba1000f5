"""Declared values that cannot be held against anything: encrypted, not substituted yet, digested otherwise."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_VARIABLE = re.compile(r"\$\{[^{}]*\}")
_ENCRYPTED = re.compile(r"ENC\[[A-Z0-9_]+,.*\]", re.DOTALL)
_OTHER_KEY = "auditor-redacted:other-key:"
_LONGEST = 100_000
"""A text longer than this is not matched against its variables; it counts as different."""


def why_opaque(declared: Any, live: Any) -> str:
    """Why the two cannot be compared, '' where they can.

    A text with `${VARIABLE}` in it is opaque only where the live text fits around it; otherwise it differs.
    """
    if isinstance(declared, str) and isinstance(live, str):
        if _ENCRYPTED.fullmatch(declared):
            return "encrypted in git (SOPS), so the value was not compared"
        if live.startswith(_OTHER_KEY) or declared.startswith(_OTHER_KEY):
            return "recorded under another digest key, so the value was not compared"
        if _VARIABLE.search(declared) and _fits(declared, live):
            return "holds a variable that is substituted on the way to the cluster, so it was not compared"
        return ""
    if isinstance(declared, Mapping) and isinstance(live, Mapping) and declared.keys() == live.keys():
        return _parts([(declared[name], live[name]) for name in declared])
    if isinstance(declared, list) and isinstance(live, list) and len(declared) == len(live):
        return _parts(list(zip(declared, live, strict=True)))
    return ""


def _parts(pairs: list[tuple[Any, Any]]) -> str:
    """The reason of a part, where every part that differs is opaque."""
    reasons = [why_opaque(ours, theirs) for ours, theirs in pairs if ours != theirs]
    return reasons[0] if reasons and all(reasons) else ""


def _fits(template: str, text: str) -> bool:
    """True where `text` is `template` with something in place of each variable; linear, no backtracking."""
    if len(text) > _LONGEST or len(template) > _LONGEST:
        return False
    first, *rest = _VARIABLE.split(template)
    if not text.startswith(first):
        return False
    position = len(first)
    for part in rest[:-1]:
        found = text.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    return len(text) - position >= len(rest[-1]) and text.endswith(rest[-1])
