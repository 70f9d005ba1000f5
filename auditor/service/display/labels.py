"""Words, shapes and colours: severity, state, drift verdict, control status.

Nothing is told by colour alone: each label has a word and a shape of its own. The colours keep apart
for people with red-green and blue-yellow blindness by differing in lightness as well, and have at
least 3:1 contrast with their background.
"""

from __future__ import annotations

SEVERITIES = ("critical", "high", "medium", "low")
"""Worst first."""

STATES = ("open", "fixed", "waived")

SEVERITY_SHAPES = {"critical": "■", "high": "▲", "medium": "◆", "low": "●"}
STATE_SHAPES = {"open": "○", "fixed": "✓", "waived": "~"}
CONTROL_SHAPES = {
    "pass": "✓",
    "fail": "✕",
    "error": "!",
    "not evaluated": "?",
    "manual": "☐",
    "not applicable": "–",
}

CONTROL_STATUSES = ("fail", "error", "not evaluated", "manual", "pass", "not applicable")

SEVERITY_COLOURS = {
    "light": {"critical": "#8f1d14", "high": "#d9730d", "medium": "#2f6fb5", "low": "#8a94a3"},
    "dark": {"critical": "#ff6b57", "high": "#ffb638", "medium": "#5aa9f0", "low": "#8b95a5"},
}
EVENT_COLOURS = {
    "light": {"opened": "#d9730d", "fixed": "#2f6fb5"},
    "dark": {"opened": "#ffb638", "fixed": "#5aa9f0"},
}
WAY_COLOURS = {
    "light": {"request": "#2f6fb5", "automation": "#8a94a3", "none": "#d9730d"},
    "dark": {"request": "#5aa9f0", "automation": "#8b95a5", "none": "#ffb638"},
}
ACCENT = {"light": "#2f6fb5", "dark": "#5aa9f0"}

DRIFT_VERDICTS = {
    "unauthorised": "The cluster holds another value than git declares, and no declared version explains it.",
    "stale": "The cluster holds an older declared version: a later commit has not arrived.",
    "added": "The cluster holds a field that git does not declare and somebody else owns.",
    "unpruned": "Removed from git, still in the cluster.",
    "deleted": "Declared in git, missing from the cluster.",
    "orphan": "Tracked by a GitOps tool, but no longer in git.",
    "unmanaged": "In the cluster without git and without a controller that owns it.",
    "healed": "Changed in the cluster past git, and put back since; only the audit log tells.",
}
"""What each verdict means, in the order in which an auditor asks."""

CONFIDENCE = {
    "high": "an audit event confirms it",
    "medium": "the record of one field manager fits; such names are self-declared",
    "low": "the evidence fits several, or names nobody",
}

WAYS = {
    "request": "With a pull request",
    "automation": "By automation",
    "none": "Without a pull request",
}
"""How a commit landed, in the order in which charts stack it."""

SOURCES = {
    "resources": "resources and files",
    "changes": "how changes landed",
    "all": "resources, files and how changes landed",
}
"""What findings are about, by the word that stands in the filter and in the address."""

PINNING = {"unpinned": "○ Not pinned", "pinned": "✓ Pinned", "watched": "– Watched"}
"""Whether a digest pins an image, with a shape of its own."""

ACTOR_KINDS = {
    "person": "Person",
    "bot": "Bot",
    "automation": "GitOps automation",
    "forge": "Forge",
}


def severity(word: str) -> str:
    """A severity with its shape: '■ Critical'."""
    return f"{SEVERITY_SHAPES.get(word, '·')} {word.capitalize()}"


def state(word: str, *, advisory: bool = False) -> str:
    """A finding's state with its shape: '✓ Fixed'. An open one that fails nothing is '○ Advisory'."""
    shown = "advisory" if advisory and word == "open" else word
    return f"{STATE_SHAPES.get(word, '·')} {shown.capitalize()}"


def control(word: str) -> str:
    """A control's status with its shape: '✕ Fail'."""
    return f"{CONTROL_SHAPES.get(word, '·')} {word.capitalize()}"


def actor_kind(word: str) -> str:
    """What a kind of actor is called."""
    return ACTOR_KINDS.get(word, word)
