"""A raw commit object as git stores it (gitformat: headers, blank line, message)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from auditor.git.names import free_text
from auditor.model import Identity

_IDENTITY = re.compile(
    rb"^(?P<name>.*?) ?<(?P<email>[^>]*)>(?: (?P<seconds>-?\d+) (?P<zone>[+-]\d{4,}))?", re.S
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_S = 253402300799 - 86400
"""The last day that a datetime can hold, less a day for the zone; git itself allows more."""
_FORMATS = (
    (b"-----BEGIN PGP", "openpgp"),
    (b"-----BEGIN SSH SIGNATURE", "ssh"),
    (b"-----BEGIN SIGNED MESSAGE", "x509"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class RawCommit:
    """What the object's headers and message say; nothing in it is checked."""

    tree: str
    parents: tuple[str, ...]
    author: Identity
    committer: Identity
    message: str
    signature_format: str


def parse_commit(raw: bytes) -> RawCommit:
    """Reads a commit object. Missing or damaged headers become empty values; it never raises."""
    head, _, message = raw.partition(b"\n\n")
    headers = _headers(head)
    encoding = free_text(headers.get(b"encoding", [b"utf-8"])[0])
    signature = headers.get(b"gpgsig", headers.get(b"gpgsig-sha256", [b""]))[0]
    return RawCommit(
        tree=free_text(headers.get(b"tree", [b""])[0]),
        parents=tuple(free_text(parent) for parent in headers.get(b"parent", [])),
        author=_identity(headers.get(b"author", [b""])[0], encoding),
        committer=_identity(headers.get(b"committer", [b""])[0], encoding),
        message=free_text(message, encoding),
        signature_format=_signature_format(signature),
    )


def _headers(head: bytes) -> dict[bytes, list[bytes]]:
    headers: dict[bytes, list[bytes]] = {}
    last: list[bytes] | None = None
    for line in head.split(b"\n"):
        if line.startswith(b" ") and last is not None:
            last[-1] += b"\n" + line[1:]
            continue
        name, _, value = line.partition(b" ")
        last = headers.setdefault(name, [])
        last.append(value)
    return headers


def _identity(raw: bytes, encoding: str) -> Identity:
    match = _IDENTITY.match(raw)
    if match is None:
        return Identity(name=free_text(raw, encoding), email="", at=_EPOCH)
    at = _moment(match["seconds"], match["zone"])
    return Identity(name=free_text(match["name"], encoding), email=free_text(match["email"], encoding), at=at)


def _moment(seconds: bytes | None, zone: bytes | None) -> datetime:
    if seconds is None or zone is None:
        return _EPOCH
    stamp = min(max(int(seconds), 0), _LATEST_S) if len(seconds) < 20 else _LATEST_S
    hours, minutes = int(zone[1:-2]), int(zone[-2:])
    offset = timedelta(hours=hours, minutes=minutes) if hours < 24 and minutes < 60 else timedelta()
    if zone.startswith(b"-"):
        offset = -offset
    return (_EPOCH + timedelta(seconds=stamp)).astimezone(timezone(offset))


def _signature_format(signature: bytes) -> str:
    if not signature:
        return ""
    for prefix, name in _FORMATS:
        if signature.startswith(prefix):
            return name
    return "unknown"
