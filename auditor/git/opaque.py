"""What a blob is where it is no text: a binary file, or a pointer to a file kept elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.git.blobs import ObjectReader
from auditor.git.mirror import Mirror

_LFS = b"version https://git-lfs.github.com/spec/"
"""How a pointer begins (git-lfs, docs/spec.md); one is under 1,024 bytes."""

_LFS_LIMIT = 1024
_LOOKED_AT = 8000
"""git takes a file for binary where its first 8,000 bytes hold a NUL (xdiff-interface.c)."""


def opaque_contents(mirror: Mirror, blobs: Iterable[str]) -> dict[str, str]:
    """'binary' or 'lfs' for those blobs that are; what is over the size limit is taken for binary."""
    found = {}
    with ObjectReader(mirror.git, mirror.path) as reader:
        for blob, content in reader.read_many(blobs):
            if content is None or b"\0" in content[:_LOOKED_AT]:
                found[blob] = "binary"
            elif len(content) < _LFS_LIMIT and content.startswith(_LFS):
                found[blob] = "lfs"
    return found
