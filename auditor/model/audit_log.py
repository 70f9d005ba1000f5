"""What a Kubernetes audit log says: who wrote what, and how much of the time it covers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

ElementKey = tuple[tuple[str, Any], ...]
"""An element of a keyed list: its key fields and their values, sorted by field."""

FieldPath = tuple[str | int | ElementKey, ...]
"""Steps into an object: a field's name, a position in a list, or an element's key."""


_REPLACED = re.compile(r"auditor-redacted:(?:secret|credential):([0-9a-f]{16})")


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenField:
    """One field that a request's body sets, or takes away (`removed`).

    Its value never comes along: `digest` is that of `value_digest` (of a Secret's entry after base64), '' where it
    is removed, or where the log does not hold the value; `shown` is the value where it is a number or true/false.
    """

    path: FieldPath
    digest: str
    shown: str = ""
    removed: bool = False

    def wrote(self, value: Any, digest: Callable[[str], str]) -> bool:
        """True where the value, or what stands for it in a snapshot, is the one written; the same key is needed."""
        if not self.digest:
            return False
        replaced = _REPLACED.fullmatch(value) if isinstance(value, str) else None
        return self.digest == (replaced[1] if replaced else value_digest(value, digest))


def value_digest(value: Any, digest: Callable[[str], str]) -> str:
    """The keyed digest of a JSON value: of a text that of its characters, as secrets have it in snapshots."""
    return digest(value if isinstance(value, str) else "\0json:" + json_text(value))


def json_text(value: Any) -> str:
    """The value as JSON with sorted keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEvent:
    """One successful write: a request that the API server completed with 2xx and that was no dry run.

    `verb` is create, update, patch, delete or deletecollection; `resource` is the plural of the API, `kind` is ''
    where no body tells it, `name` is '' where the log does not hold it. `user` is who was authenticated,
    `impersonated` whom they acted as; both are the API server's word. `user_agent`, `field_manager` and all but the
    last of `source_ips` are the client's own. `fields` is None where the log's level keeps no body, or the body
    could not be read as fields; `whole` is true where the body is the whole object, so that what it lacks is gone.
    `created` is true where the API server answered that there is a new object. `webhooks` are those that changed
    the request on its way. `place` is file and line.
    """

    audit_id: str
    verb: str
    group: str
    resource: str
    subresource: str
    kind: str
    namespace: str
    name: str
    selector: str
    user: str
    groups: tuple[str, ...]
    impersonated: str
    impersonated_groups: tuple[str, ...]
    user_agent: str
    source_ips: tuple[str, ...]
    field_manager: str
    level: str
    code: int
    received_at: datetime
    completed_at: datetime
    uid: str
    resource_version: str
    fields: tuple[WrittenField, ...] | None
    whole: bool
    created: bool
    webhooks: tuple[str, ...]
    place: str

    @property
    def manager(self) -> str:
        """The field manager under which the API server notes the write: the parameter, else the program's name.

        Source: `managerOrUserAgent` of k8s.io/apiserver, cut at 128 bytes.
        """
        return self.field_manager or self.user_agent.partition("/")[0][:128]


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditGap:
    """A time of which the log may lack a part, and why; None is the log's own beginning or end."""

    after: datetime | None
    before: datetime | None
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditCoverage:
    """What was read. `first` and `last` are the times of the first and the last event; None where there is none.

    Where several API servers' logs were read, `first` is when the last of them begins. `unreadable` lines could not
    be read; `problems` names them and unreadable files, the first of many. `unfinished` names writes whose end is
    not in the log; `open_end` is true where the last line of a log was still being written.
    """

    first: datetime | None
    last: datetime | None
    files: int
    lines: int
    writes: int
    unreadable: int
    problems: tuple[str, ...]
    unfinished: tuple[str, ...]
    gaps: tuple[AuditGap, ...]
    open_end: bool = False

    @property
    def is_whole(self) -> bool:
        """True where nothing is known to be missing between the first and the last event."""
        return not (self.unreadable or self.problems or self.gaps)

    def covers(self, at: datetime) -> bool:
        """True where the log reaches over the time, and no known gap holds it."""
        if self.first is None or self.last is None or not self.first <= at <= self.last:
            return False
        return not any(
            (gap.after is None or gap.after <= at) and (gap.before is None or at <= gap.before)
            for gap in self.gaps
        )
