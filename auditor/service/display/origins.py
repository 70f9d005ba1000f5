"""Words on where a finding is in a file, and on where the field of something rendered comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from auditor.service.display.text import heading

NOT_TOLD = "Where this comes from in the repository could not be told."
"""Of an open finding on something rendered that nothing traces."""


def certainty(trace: Sequence[Mapping[str, Any]]) -> str:
    """How sure the first place of a trace is, with a shape of its own: it gives the value, is near it, or is all that is
    known."""
    source = trace[0]
    if source["exact"]:
        return "✓ this place gives the value"
    if source["line"]:
        return "≈ the nearest place: the value itself is not written there"
    return "? only the file is known"


def explained(trace: Sequence[Mapping[str, Any]], pointer: str) -> str:
    """The sentence over a trace."""
    source = trace[0]
    if source["exact"] and not pointer:
        return "The first place is where the resource is written; the others are what it goes through, up to what deploys it."
    if source["exact"]:
        return "The first place gives the field its value; the others are what it goes through, up to what deploys it."
    if source["line"]:
        return (
            "No place says what the field says in the cluster: nobody wrote it, or it is made while rendering. The first"
            " place is the nearest one; the others are what the resource goes through, up to what deploys it."
        )
    return (
        "The resource comes from the first file, but no line of it could be told: the field is made while rendering."
        " The others are what it goes through, up to what deploys it."
    )


def marked_line(finding: Mapping[str, Any], trace: Sequence[Mapping[str, Any]]) -> str:
    """What the marked line of the file under a finding is; '' where no line is marked. Safe in Markdown.

    `trace` is that of the finding, empty where there is none.
    """
    line = finding["line"]
    if not line:
        return ""
    if trace and trace[0]["path"] == finding["path"] and trace[0]["line"] == line:
        if not trace[0]["exact"]:
            return f"The nearest place to this field is {_place(finding)}."
        if finding["pointer"]:
            return f"This field comes from {_place(finding)}."
    elif finding["source"] in ("file", "rendered"):
        return f"The finding is about line {line:,} (→)."
    return f"The resource begins at line {line:,} (→)."


def _place(finding: Mapping[str, Any]) -> str:
    return f"{heading(finding['path'])}, line {finding['line']:,} (→)"
