"""Text of hostile origin, made harmless to look at."""

from __future__ import annotations

import unicodedata


def visible(text: str) -> str:
    r"""The text on one line with nothing in it that moves a cursor, colours a terminal or reverses reading.

    Control and format characters (C0, C1, bidirectional overrides, zero-width) become `\xNN` or `\uNNNN`.
    """
    if text.isprintable():
        return text
    return "".join(character if _shown(character) else _escape(character) for character in text)


def _shown(character: str) -> bool:
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _escape(character: str) -> str:
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    code = ord(character)
    return named.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")
