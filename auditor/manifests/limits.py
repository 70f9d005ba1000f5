"""How much of a repository's content is read before it is refused.

These bounds protect the process that reads hostile files. They are the product's own: nothing in a
repository may raise them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Bounds on one blob. What exceeds one is reported as a Problem with code 'limit', never read on.

    `blob_bytes` is the size of the file; `documents` counts its YAML documents; `depth` is how deep
    mappings and sequences may nest; `nodes` and `expanded_bytes` count keys, values and the bytes of
    scalars *after* aliases are followed, over the whole file, so that a few lines of nested aliases
    cannot become gigabytes.
    """

    blob_bytes: int = 8 * 1024 * 1024
    documents: int = 10_000
    depth: int = 200
    nodes: int = 500_000
    expanded_bytes: int = 32 * 1024 * 1024


DEFAULT_LIMITS = Limits()
"""What every command uses. etcd holds 1.5 MiB an object, so a larger manifest could not be applied."""
