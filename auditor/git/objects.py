"""A raw commit object as git stores it (gitformat: headers, blank line, message)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from auditor.git.names import free_text
from auditor.model import Identity

_DATE = re.compile(rb" (-?\d+) ([+-]\d{4,})")
_ORDINARY_IDENTITY = re.compile(
    rb"[^\x00-\x20<>][^\x00-\x1f<>]{0,200} <[^\x00-\x1f<>]{1,200}> [1-9]\d{0,9} [+-](?:0\d|1[0-4])[0-5]\d"
)
_ORDINARY_HEAD_BYTES = 64 * 1024
_PERSON = rb"([^\x00-\x20<>][^\x00-\x1f<>]{0,200}) <([^\x00-\x1f<>]{1,200})> ([1-9]\d{0,9}) ([+-](?:0\d|1[0-4])[0-5]\d)"
_ORDINARY_HEAD = re.compile(
    rb"tree ([0-9a-f]{40})((?:\nparent [0-9a-f]{40})*)\nauthor %b\ncommitter %b"
    rb"(?:\ngpgsig(?:-sha256)? ([^\n]*(?:\n [^\n]*)*))?" % (_PERSON, _PERSON)
)
_BLANKS = " \t\r\n"
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
    """What the object's headers and message say; nothing in it is checked.

    `is_ordinary` is true for a commit as git itself makes them: UTF-8, one author, one committer, sane dates.
    Libraries read such a commit as git does; of others they get names and dates wrong, or never come back.
    """

    tree: str
    parents: tuple[str, ...]
    author: Identity
    committer: Identity
    message: str
    signature_format: str
    is_ordinary: bool


def parse_commit(raw: bytes) -> RawCommit:
    """Reads a commit object. Missing or damaged headers become empty values; it never raises."""
    head, _, message = raw.partition(b"\n\n")
    match = _ORDINARY_HEAD.fullmatch(head) if len(head) <= _ORDINARY_HEAD_BYTES else None
    return parse_any_commit(head, message) if match is None else _ordinary(match, message)


def _ordinary(match: re.Match[bytes], message: bytes) -> RawCommit:
    """What nearly every commit is: the headers that git writes, in its order, and no others."""
    tree, parents, *people, signature = match.groups()
    author, author_is_clean = _person(*people[:2])
    committer, committer_is_clean = _person(*people[4:6])
    return RawCommit(
        tree=tree.decode("ascii"),
        parents=tuple(parents.decode("ascii").split("\nparent ")[1:]),
        author=Identity(
            name=author[0], email=author[1], at=datetime.fromtimestamp(int(people[2]), _zone(people[3]))
        ),
        committer=Identity(
            name=committer[0], email=committer[1], at=datetime.fromtimestamp(int(people[6]), _zone(people[7]))
        ),
        message=free_text(message),
        signature_format=_signature_format(signature.replace(b"\n ", b"\n")) if signature else "",
        is_ordinary=author_is_clean and committer_is_clean,
    )


@lru_cache(maxsize=4096)
def _person(name: bytes, email: bytes) -> tuple[tuple[str, str], bool]:
    """A name and an address as text, and whether Python sees no blanks around them."""
    texts = free_text(name).strip(_BLANKS), free_text(email)
    return texts, all(text == text.strip() for text in texts)


@lru_cache(maxsize=4096)
def _zone(zone: bytes) -> timezone:
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
    return timezone(-offset if zone.startswith(b"-") else offset)


def parse_any_commit(head: bytes, message: bytes) -> RawCommit:
    """As `parse_commit` for headers and message apart, whatever they are: what its short way is tested against."""
    headers = _headers(head)
    encoding = free_text(headers.get(b"encoding", [b"utf-8"])[0])
    signature = headers.get(b"gpgsig", headers.get(b"gpgsig-sha256", [b""]))[0]
    author = _identity(headers.get(b"author", [b""])[0], encoding)
    committer = _identity(headers.get(b"committer", [b""])[0], encoding)
    return RawCommit(
        tree=free_text(headers.get(b"tree", [b""])[0]),
        parents=tuple(free_text(parent) for parent in headers.get(b"parent", [])),
        author=author,
        committer=committer,
        message=free_text(message, encoding),
        signature_format=_signature_format(signature),
        # Blanks that git keeps and Python strips (U+0085 and its like) make a name no ordinary one.
        is_ordinary=_is_ordinary(head, headers)
        and all(text == text.strip() for who in (author, committer) for text in (who.name, who.email)),
    )


def _headers(head: bytes) -> dict[bytes, list[bytes]]:
    headers: dict[bytes, list[list[bytes]]] = {}
    last: list[bytes] | None = None
    for line in head.split(b"\n"):
        if line.startswith(b" ") and last is not None:
            last.append(line[1:])
            continue
        name, _, value = line.partition(b" ")
        last = [value]
        headers.setdefault(name, []).append(last)
    return {name: [b"\n".join(lines) for lines in values] for name, values in headers.items()}


def _is_ordinary(head: bytes, headers: dict[bytes, list[bytes]]) -> bool:
    people = headers.get(b"author", []) + headers.get(b"committer", [])
    return (
        len(head) <= _ORDINARY_HEAD_BYTES
        and b"encoding" not in headers
        and len(people) == 2
        and all(_ORDINARY_IDENTITY.fullmatch(person) for person in people)
    )


def _identity(raw: bytes, encoding: str) -> Identity:
    """As git splits it (ident.c): the address is between the first '<' and the next '>', the date behind it.

    By searching and not by one expression, which would take quadratic time on a line made for that.
    """
    start = raw.find(b"<")
    end = raw.find(b">", start + 1)
    if start < 0 or end < 0:
        return Identity(name=free_text(raw, encoding).strip(_BLANKS), email="", at=_EPOCH)
    date = _DATE.match(raw, raw.rfind(b">") + 1)
    at = _moment(date[1], date[2]) if date else _EPOCH
    return Identity(
        name=free_text(raw[:start], encoding).strip(_BLANKS),
        email=free_text(raw[start + 1 : end], encoding),
        at=at,
    )


def _moment(seconds: bytes, zone: bytes) -> datetime:
    stamp = min(max(int(seconds), 0), _LATEST_S) if len(seconds) < 20 else _LATEST_S
    # git writes four digits; of more, Python refuses to make a number at some length.
    hours, minutes = (int(zone[1:3]), int(zone[3:5])) if len(zone) == 5 else (24, 0)
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
