"""The distinguished encoding rules (X.690), read strictly: whatever two readers could read in two ways is refused.

Only what a CMS signature takes: definite lengths in their shortest form, tags of one byte.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

BOOLEAN, INTEGER, OCTET_STRING, OID, UTF8_STRING = 0x01, 0x02, 0x04, 0x06, 0x0C
SEQUENCE, SET = 0x30, 0x31


class DerError(ValueError):
    """The bytes are not what they should be."""


@dataclass(frozen=True, slots=True)
class Element:
    """Tag (class and constructed bit included), content, and the whole element as it was encoded."""

    tag: int
    content: bytes
    raw: bytes

    def expect(self, tag: int) -> Element:
        """Itself. Raises DerError where it is of another type."""
        if self.tag != tag:
            raise DerError(f"expected an element of type {tag:#04x}, found {self.tag:#04x}")
        return self

    def parts(self) -> list[Element]:
        """The elements within. Raises DerError where it has none to hold or they are damaged."""
        if not self.tag & 0x20:
            raise DerError(f"an element of type {self.tag:#04x} holds no others")
        return list(_elements(self.content))

    def only(self) -> Element:
        """The one element within."""
        parts = self.parts()
        if len(parts) != 1:
            raise DerError(f"expected one element, found {len(parts)}")
        return parts[0]

    def oid(self) -> str:
        """An object identifier, dotted."""
        content = self.expect(OID).content
        if not content or content[-1] & 0x80:
            raise DerError("an object identifier is cut off")
        numbers: list[int] = []
        value = 0
        for at, byte in enumerate(content):
            if byte == 0x80 and (at == 0 or not content[at - 1] & 0x80):
                raise DerError("an object identifier is not in its shortest form")
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                numbers.append(value)
                value = 0
        first = min(numbers[0] // 40, 2)
        return ".".join(str(number) for number in (first, numbers[0] - 40 * first, *numbers[1:]))

    def integer(self) -> int:
        """A whole number."""
        content = self.expect(INTEGER).content
        if not content or (len(content) > 1 and (content[0], content[1] >> 7) in ((0, 0), (0xFF, 1))):
            raise DerError("a number is not in its shortest form")
        return int.from_bytes(content, "big", signed=True)


def read(data: bytes) -> Element:
    """The one element that the bytes are. Raises DerError where they are none, or more."""
    found = list(_elements(data))
    if len(found) != 1:
        raise DerError(f"expected one element, found {len(found)}")
    return found[0]


def _elements(data: bytes) -> Iterator[Element]:
    at = 0
    while at < len(data):
        tag, start = data[at], at
        if tag & 0x1F == 0x1F:
            raise DerError("tags of several bytes are not used here")
        length, at = _length(data, at + 1)
        if at + length > len(data):
            raise DerError("an element is cut off")
        yield Element(tag, data[at : at + length], data[start : at + length])
        at += length


def _length(data: bytes, at: int) -> tuple[int, int]:
    """(length, where the content begins)."""
    if at >= len(data):
        raise DerError("a length is cut off")
    first = data[at]
    if first < 0x80:
        return first, at + 1
    size = first & 0x7F
    encoded = data[at + 1 : at + 1 + size]
    if not 1 <= size <= 4 or len(encoded) != size:
        raise DerError("a length is indefinite, cut off or too long")
    length = int.from_bytes(encoded, "big")
    if length < 0x80 or encoded[0] == 0:
        raise DerError("a length is not in its shortest form")
    return length, at + 1 + size
