"""Image references, taken apart by the grammar of the container runtimes.

    reference := [host [":" port] "/"] path [":" tag] ["@" digest]

The first segment is a host only where it holds "." or ":", is "localhost", or has upper case, which a path cannot
have. Otherwise the image is on docker.io, there under library/ where its path is one segment. The library's Rego
(`policies/lib/image.rego`) reads the same; both are tested on one table.

The grammar: https://github.com/distribution/reference (reference.go, normalize.go).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

DOCKER_HUB = "docker.io"

_HOST = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_PATH = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?P<name>(?:(?:{_HOST}(?:\.{_HOST})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?/)?{_PATH}(?:/{_PATH})*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}))?",
    re.ASCII,
)
_IMAGE_ID = re.compile(r"[a-f0-9]{64}")
_LONGEST = 2048


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageReference:
    """An image by registry (with its port), repository, tag and digest; the last two '' where there is none."""

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    @property
    def pinned(self) -> bool:
        """True where a digest says exactly what runs."""
        return self.digest != ""

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.registry}/{self.repository}{tag}{digest}"


def parse_reference(text: str) -> ImageReference | None:
    """The parts of a reference; None for a placeholder and for what no runtime can read."""
    if len(text) > _LONGEST or _IMAGE_ID.fullmatch(text):
        return None
    match = _REFERENCE.fullmatch(text)
    if match is None:
        return None
    first, slash, rest = match["name"].partition("/")
    if slash and (any(mark in first for mark in ".:") or first == "localhost" or first != first.lower()):
        registry, repository = (DOCKER_HUB if first == "index.docker.io" else first), rest
    else:
        registry, repository = DOCKER_HUB, match["name"]
    if registry == DOCKER_HUB and "/" not in repository:
        repository = f"library/{repository}"
    return ImageReference(
        registry=registry, repository=repository, tag=match["tag"] or "", digest=match["digest"] or ""
    )
