"""Which files of a commit hold a text."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.git.mirror import Mirror
from auditor.git.names import path_text


def files_holding(mirror: Mirror, commit: str, texts: Sequence[str]) -> list[str]:
    """The paths of the files in which any of the texts stands, sorted; binary files are passed over."""
    wanted = [argument for text in texts for argument in ("-e", text)]
    listed = mirror.git.run(
        "grep", "-l", "-z", "-I", "-F", "--full-name", *wanted, commit,
        repository=mirror.path, accepted=(0, 1),
    )  # fmt: skip
    prefix = f"{commit}:".encode()
    return sorted(path_text(name.removeprefix(prefix)) for name in listed.split(b"\0") if name)
