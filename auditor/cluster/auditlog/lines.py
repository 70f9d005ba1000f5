"""Lines of a stream, each of at most so many bytes: what an attacker writes into a log takes no memory of ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

_CHUNK = 1024 * 1024


class Readable(Protocol):
    """What lines are read from: a file, a gzipped one, a pipe."""

    def readline(self, size: int = -1, /) -> bytes:
        """The next line, or so many bytes of it; b"" at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """`data` is None where the line was too long to be kept; `ended` is false for a last line without its end."""

    number: int
    data: bytes | None
    ended: bool


def bounded_lines(stream: Readable, most_bytes: int, first_number: int = 1) -> Iterator[Line]:
    """Every line that is not blank. Raises what reading the stream raises."""
    number = first_number
    while data := stream.readline(most_bytes + 1):
        ended = data.endswith(b"\n")
        if ended or len(data) <= most_bytes:
            bare = data.strip(b"\0 \t\r\n")
            if bare:
                yield Line(number, bare, ended)
        else:
            yield Line(number, None, _skip_rest(stream))
        number += 1


def _skip_rest(stream: Readable) -> bool:
    while data := stream.readline(_CHUNK):
        if data.endswith(b"\n"):
            return True
    return False
