"""Lists of what checks leave out, and the policies that checks are made of."""

from __future__ import annotations

import re

IGNORE_PATHS = (
    r"(^|/)\.(trivyignore|gitleaksignore|semgrepignore|kics-ignore|tfsecignore|grypeignore|dockleignore)(\.ya?ml)?$"
    r"|(^|/)\.checkov\.baseline$"
)
"""Files in which each line is something that a scanner passes over."""

POLICY_PATHS = r"\.rego$"
"""Policies in Rego."""

_RULE = re.compile(r"^(?:deny|violation|warn|findings|fail)\w*\b", re.MULTILINE)


def ignored(old: str | None, new: str | None) -> list[str]:
    """What is newly left out."""
    added = sorted(_entries(new or "") - _entries(old or ""))
    if not added:
        return []
    shown = ", ".join(entry[:80] for entry in added[:3])
    more = f" and {len(added) - 3} more" if len(added) > 3 else ""
    return [f"checks leave out {shown}{more}"]


def fewer_rules(old: str | None, new: str | None) -> list[str]:
    """Policies that deny less: a file that is gone, or has fewer rules of the kind that denies."""
    before, after = _denials(old or ""), _denials(new or "")
    if old is None or not before:
        return []
    if new is None:
        return ["the policy is gone"]
    return [f"the policy has {after} rules that deny, and had {before}"] if after < before else []


def _entries(text: str) -> set[str]:
    lines = (re.sub(r"(^|\s)#.*$", "", line).strip() for line in text.splitlines())
    return {line for line in lines if line}


def _denials(text: str) -> int:
    return len(_RULE.findall(text))
