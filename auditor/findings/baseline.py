"""A baseline: what was wrong when the checks began, so that only what is new counts.

A finding is known again by its fingerprint (rule, environment, resource and field), wherever its file is moved to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from auditor.errors import UsageError

VERSION = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class BaselineEntry:
    """Findings with one fingerprint: how many there were, and for people what they are about."""

    id: str
    rule_id: str
    resource: str
    pointer: str
    path: str
    count: int


@dataclass(slots=True)
class Baseline:
    """What a file holds, and how much of it has been met."""

    entries: dict[str, BaselineEntry]
    met: Counter[str] = field(default_factory=Counter)

    def takes(self, identifier: str) -> bool:
        """True where one more finding with this fingerprint was there when the baseline was written."""
        entry = self.entries.get(identifier)
        if entry is None or self.met[identifier] >= entry.count:
            return False
        self.met[identifier] += 1
        return True

    def gone(self) -> list[BaselineEntry]:
        """What has been met less often than it was there."""
        return [entry for entry in self.entries.values() if self.met[entry.id] < entry.count]


def read_baseline(content: bytes, path: str) -> Baseline:
    """The baseline in a file. Raises UsageError where it is none."""
    try:
        document = orjson.loads(content)
        if document["version"] != VERSION:
            raise UsageError(
                f"{path}: a baseline of version {document['version']!r} cannot be read",
                hint="write it anew with --write-baseline",
            )
        entries = [_entry(entry) for entry in document["findings"]]
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"{path} is no baseline: {error}", hint="write one with `auditor check --write-baseline FILE`"
        ) from error
    return Baseline({entry.id: entry for entry in entries})


def write_baseline(findings: Iterable[BaselineEntry]) -> bytes:
    """The file's text: equal fingerprints counted together, sorted, one finding a line."""
    together: dict[str, BaselineEntry] = {}
    counts: Counter[str] = Counter()
    for entry in findings:
        together.setdefault(entry.id, entry)
        counts[entry.id] += entry.count
    rows = [
        {
            "id": entry.id,
            "rule_id": entry.rule_id,
            "resource": entry.resource,
            "pointer": entry.pointer,
            "path": entry.path,
            "count": counts[entry.id],
        }
        for entry in sorted(together.values(), key=lambda one: (one.path, one.rule_id, one.pointer, one.id))
    ]
    lines = b",\n".join(b"  " + orjson.dumps(row) for row in rows)
    return b'{"version": %d, "findings": [\n%b\n]}\n' % (VERSION, lines)


def _entry(given: Any) -> BaselineEntry:
    count = given["count"]
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise ValueError(f"count is {count!r}")
    texts = {key: given[key] for key in ("id", "rule_id", "resource", "pointer", "path")}
    if not all(isinstance(text, str) for text in texts.values()):
        raise ValueError("an entry is not of texts")
    return BaselineEntry(**texts, count=count)
