"""git objects, made without git, so that the same story gives the same ids with every version of it.

Format: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects. SHA-1 repositories only.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

_FILE = b"100644"
_EXECUTABLE = b"100755"
_FOLDER = b"40000"


class Signature(NamedTuple):
    """Who and when, as a commit writes it. `at` carries the zone."""

    name: str
    email: str
    at: datetime

    def encode(self) -> bytes:
        """`Name <email> seconds zone`."""
        return f"{self.name} <{self.email}> {int(self.at.timestamp())} {self.at.strftime('%z')}".encode()


class ObjectWriter:
    """Writes loose objects below `git_folder`/objects; each id once."""

    def __init__(self, git_folder: Path) -> None:
        self._objects = git_folder / "objects"
        self._written: set[str] = set()

    def _write(self, kind: str, content: bytes) -> str:
        data = f"{kind} {len(content)}\0".encode() + content
        name = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        if name not in self._written:
            self._written.add(name)
            path = self._objects / name[:2] / name[2:]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(zlib.compress(data, 1))
        return name

    def tree(self, files: Mapping[str, bytes]) -> str:
        """The id of the tree that holds `files` (path relative to it -> content)."""
        folders: dict[str, dict[str, bytes]] = {}
        entries: list[tuple[bytes, bytes, bytes, str]] = []
        for path, content in files.items():
            folder, slash, rest = path.partition("/")
            if slash:
                folders.setdefault(folder, {})[rest] = content
                continue
            mode = _EXECUTABLE if content.startswith(b"#!") else _FILE
            entries.append((path.encode(), mode, path.encode(), self._write("blob", content)))
        for folder, below in folders.items():
            # git sorts a folder as if its name ended in '/'
            entries.append((f"{folder}/".encode(), _FOLDER, folder.encode(), self.tree(below)))
        return self._write(
            "tree",
            b"".join(
                mode + b" " + name + b"\0" + bytes.fromhex(object_id)
                for _, mode, name, object_id in sorted(entries)
            ),
        )

    def commit(
        self, *, tree: str, parents: tuple[str, ...], author: Signature, committer: Signature, message: str
    ) -> str:
        """The id of a commit of these parts; the message gets exactly one newline at its end."""
        lines = [f"tree {tree}".encode()]
        lines += [f"parent {parent}".encode() for parent in parents]
        lines += [b"author " + author.encode(), b"committer " + committer.encode(), b""]
        return self._write("commit", b"\n".join(lines) + b"\n" + message.strip("\n").encode() + b"\n")
