"""Words on one place that names an image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.service.display.text import one_line, when

NOT_ASKED = "not asked"
"""Of an image whose registry nobody asked: nothing is known, which is neither good nor bad."""

_DIGITS = 12
"""Hex digits of a digest that a table shows."""


def version(row: Mapping[str, Any]) -> str:
    """Tag and digest, the digest shortened; '–' where there is neither."""
    digest = row["digest"]
    algorithm, _, digits = digest.partition(":")
    short = f"@{algorithm}:{digits[:_DIGITS]}…" if digest else ""
    return one_line(f"{row['tag']}{short}") or "–"


def registry_says(row: Mapping[str, Any]) -> str:
    """The registry's last answer in words; NOT_ASKED where there is none."""
    if row["observed_at"] is None:
        return NOT_ASKED
    if row["failure"]:
        return one_line(f"! no answer: {row['failure']}")
    if row["moved"]:
        said = "▲ the tag means another digest now"
    elif not row["digest_now"]:
        said = "? not there"
    else:
        said = "✓ the pinned digest" if row["pinned"] else f"{row['digest_now'][: 7 + _DIGITS]}…"
    signed = {True: "signed", False: "no signature seen", None: "signature not known"}[row["signed"]]
    return one_line(f"{said}, {signed}")


def asked_on(row: Mapping[str, Any]) -> str:
    """When the registry was asked last."""
    return when(row["observed_at"]) if row["observed_at"] else NOT_ASKED
