"""CODEOWNERS: paths that somebody had to approve and need not be approved any more.

Compared by pattern, so that comments, blanks and the order of patterns with different files are no changes. Adding an
owner, or a pattern with owners, takes nothing away from anybody.
"""

from __future__ import annotations

import re

PATHS = r"(^|/)CODEOWNERS$"
"""Files whose name makes them one, wherever the forge looks for it."""

_SECTION = re.compile(
    r"(?P<optional>\^)?\[(?P<name>[^\]]+)\](?:\[(?P<approvals>\d+)\])?(?P<owners>(?:\s+\S+)*)\s*$"
)


def loosened(old: str | None, new: str | None) -> list[str]:
    """What was given up, in words; `new` None where no CODEOWNERS is left."""
    if old is None:
        return []
    before, after = _lines(old), _lines(new or "")
    if new is None:
        return ["CODEOWNERS is gone"] if before else []
    found = []
    for key, owners in before.items():
        where = key if isinstance(key, str) else f"{key[1]} in [{key[0]}]"
        if key not in after:
            found.append(f"nobody owns {where} any more by a line of its own")
            continue
        dropped = owners - after[key]
        if not after[key] and owners:
            found.append(f"{where} needs nobody's approval any more")
        elif dropped and not dropped >= owners:
            found.append(f"{where} is not owned by {', '.join(sorted(dropped))} any more")
        elif dropped:
            found.append(
                f"{where} is owned by {', '.join(sorted(after[key]))} instead of {', '.join(sorted(dropped))}"
            )
    for key, owners in after.items():
        if key not in before and not owners:
            found.append(f"{key if isinstance(key, str) else key[1]} was taken out of what needs approval")
    old_sections, new_sections = _sections(old), _sections(new)
    for name, (optional, approvals) in old_sections.items():
        now = new_sections.get(name)
        if now is None:
            continue
        if now[0] and not optional:
            found.append(f"[{name}] is optional now")
        if now[1] < approvals:
            found.append(f"[{name}] needs {now[1]} approvals instead of {approvals}")
    return found


def _lines(text: str) -> dict[str | tuple[str, str], frozenset[str]]:
    """Pattern (with its section) → owners; of a pattern that stands twice the last line holds."""
    found: dict[str | tuple[str, str], frozenset[str]] = {}
    section, default = "", frozenset[str]()
    for line in _meaningful(text):
        match = _SECTION.match(line)
        if match:
            section, default = match["name"].casefold(), frozenset(match["owners"].split())
            continue
        pattern, *owners = re.split(r"(?<!\\)\s+", line)
        found[(section, pattern) if section else pattern] = frozenset(owners) or default
    return found


def _sections(text: str) -> dict[str, tuple[bool, int]]:
    """Section → (is optional, approvals that it needs); of one name, what is strictest."""
    found: dict[str, tuple[bool, int]] = {}
    for line in _meaningful(text):
        if match := _SECTION.match(line):
            name = match["name"].casefold()
            optional, approvals = found.get(name, (True, 0))
            found[name] = (optional and bool(match["optional"]), max(approvals, int(match["approvals"] or 1)))
    return found


def _meaningful(text: str) -> list[str]:
    lines = (re.sub(r"(^|\s)#.*$", "", line).strip() for line in text.splitlines())
    return [line for line in lines if line]
