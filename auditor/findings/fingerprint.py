"""A finding's name: what it is about, never where it stands in a file or how it is worded."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache

_ENCODER = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"))

_KEPT = 100_000
"""Names that are kept: over a history the same violations are met again and again."""


@lru_cache(maxsize=_KEPT)
def fingerprint(
    rule_id: str, environment: str, group: str, kind: str, namespace: str, name: str, pointer: str
) -> str:
    """'F-' and 16 hex digits (64 bits of SHA-256) over rule, resource identity and pointer by list key.

    The API version is not part of it: a resource that moves from v1beta1 to v1 is the same resource.
    64 bits make a collision among a million findings less likely than one in 30 million.
    """
    parts = [rule_id, environment, group, kind, namespace, name, pointer]
    canonical = _ENCODER.encode(parts)
    return "F-" + hashlib.sha256(canonical.encode("ascii")).hexdigest()[:16]
