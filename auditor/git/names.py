"""Bytes of git as text: paths, identities and messages are not promised to be UTF-8."""

from __future__ import annotations

import codecs

_ESCAPES = {
    0x07: "a",
    0x08: "b",
    0x09: "t",
    0x0A: "n",
    0x0B: "v",
    0x0C: "f",
    0x0D: "r",
    0x22: '"',
    0x5C: "\\",
}
_QUOTE = 0x22


def path_text(raw: bytes) -> str:
    """A path as text, one text for one path: UTF-8 as it is, anything else quoted as git quotes it.

    A path that itself begins with a double quote is quoted too, so that no two paths share a text.
    """
    if not raw.startswith(b'"'):
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            pass
    return '"' + "".join(_quoted_byte(byte) for byte in raw) + '"'


def path_bytes(text: str) -> bytes:
    """The path that `path_text` made the text of."""
    if not text.startswith('"'):
        return text.encode("utf-8")
    body = text[1:-1].encode("ascii")
    unescaped = {letter.encode(): bytes([byte]) for byte, letter in _ESCAPES.items()}
    out = bytearray()
    at = 0
    while at < len(body):
        if body[at] != 0x5C:
            out.append(body[at])
            at += 1
        elif body[at + 1 : at + 2].isdigit():
            out.append(int(body[at + 1 : at + 4], 8))
            at += 4
        else:
            out += unescaped[body[at + 1 : at + 2]]
            at += 2
    return bytes(out)


_NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined", "utf-7"})
"""Codecs of Python that are no charsets git knows; two of them take quadratic time, which a commit could use."""


def _charset(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if name in _NO_CHARSETS else name


def free_text(raw: bytes, encoding: str = "utf-8") -> str:
    """A message or a name: in its own encoding, else UTF-8, bytes that fit neither shown as U+FFFD.

    NUL has no place in a text column and becomes U+2400 (its picture).
    """
    try:
        text = raw.decode("utf-8" if encoding == "utf-8" else _charset(encoding))
    except (LookupError, UnicodeDecodeError, ValueError):
        text = raw.decode("utf-8", "replace")
    return storable(text)


def storable(text: str) -> str:
    """The text without what a UTF-8 column cannot hold: lone surrogates and NUL."""
    if "\x00" in text:
        text = text.replace("\x00", "\u2400")
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = text.encode("utf-8", "replace").decode("utf-8")
    return text


def _quoted_byte(byte: int) -> str:
    if byte in _ESCAPES:
        return "\\" + _ESCAPES[byte]
    if 0x20 <= byte < 0x7F:
        return chr(byte)
    return f"\\{byte:03o}"
