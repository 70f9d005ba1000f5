"""The first copy of a local repository's objects, pack by pack, instead of having git compose a pack of them.

`index-pack` computes the id of every object from its content, as it does for what a server sends, so nothing
is believed of the source but bytes. Nothing but regular files is read, no link is followed, and whatever is
unusual (alternates, a shallow clone, grafts, a repack at the same moment) is left to an ordinary fetch.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from auditor.errors import GitError
from auditor.git.command import Git

_LOOSE_LIMIT = 20_000
_LOOSE_BYTES_LIMIT = 64 * 1024 * 1024
"""Of all loose objects together, unpacked; git itself packs them at 6,700."""

_LOOSE_FOLDER = re.compile(r"[0-9a-f]{2}")
_LOOSE_NAME = re.compile(r"[0-9a-f]{38}")
_TYPES = {b"commit": 1, b"tree": 2, b"blob": 3, b"tag": 4}


def take_refs(git: Git, draft: Path, address: str, *, time_limit_s: float) -> None:
    """The branches, tags and HEAD of the repository at `address`, whose objects are in `draft`.

    Raises GitError where one is not.
    """
    commands = []
    for line in git.run("ls-remote", "--quiet", address, time_limit_s=time_limit_s).splitlines():
        sha, _, ref = line.partition(b"\t")
        if ref == b"HEAD":
            commands.append(b"create refs/auditor/HEAD\0%b\0" % sha)
        elif ref.startswith((b"refs/heads/", b"refs/tags/")) and not ref.endswith(b"^{}"):
            commands.append(b"create %b\0%b\0" % (ref, sha))
    git.run("update-ref", "--stdin", "-z", repository=draft, stdin=b"".join(commands))


class _UnusualError(Exception):
    """An ordinary fetch has to do it."""


def import_objects(git: Git, draft: Path, git_folders: Iterable[Path], *, time_limit_s: float) -> bool | None:
    """Copies all objects of a local repository into the empty one at `draft`.

    `git_folders` are where the source's git data may be. Returns None where nothing could be copied, True where
    every object that another refers to is known to be there, False where that has yet to be found out.
    """
    try:
        objects = _objects_folder(git_folders)
        before = _packs(objects)
        loose = list(_loose(objects))
        # A partial clone lacks objects, which `index-pack` would take for damage.
        whole = len(before) == 1 and not loose and not before[0].with_suffix(".promisor").exists()
        for pack in before:
            with _regular(pack) as content:
                _index(git, draft, content, time_limit_s, check=whole)
        if loose:
            packed = draft / "loose.pack"
            with packed.open("w+b") as content:
                _pack(content, loose)
                content.seek(0)
                _index(git, draft, content, time_limit_s, check=False)
            packed.unlink()
        if _packs(objects) != before:
            raise _UnusualError
    except (_UnusualError, GitError, OSError, ValueError, zlib.error):
        return None
    return whole


def _objects_folder(git_folders: Iterable[Path]) -> Path:
    found = [folder for folder in git_folders if (folder / "objects").is_dir()]
    if not found:
        raise _UnusualError
    folder = found[-1]
    objects = folder / "objects"
    odd = (folder / "shallow", folder / "info/grafts", objects / "info/alternates")
    if any(os.path.lexists(file) for file in odd) or any(
        place.is_symlink() for place in (objects, objects / "pack")
    ):
        raise _UnusualError
    return objects


def _packs(objects: Path) -> list[Path]:
    packs = sorted((objects / "pack").glob("*.pack"))
    if not packs:
        raise _UnusualError
    return packs


def _loose(objects: Path) -> Iterator[Path]:
    count = 0
    for folder in objects.iterdir():
        if not _LOOSE_FOLDER.fullmatch(folder.name):
            continue
        if folder.is_symlink():
            raise _UnusualError
        for file in folder.iterdir():
            if _LOOSE_NAME.fullmatch(file.name):
                count += 1
                if count > _LOOSE_LIMIT:
                    raise _UnusualError
                yield file


@contextmanager
def _regular(path: Path) -> Iterator[BinaryIO]:
    """A regular file, opened; a link or a pipe is none."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _UnusualError
        yield file


def _index(git: Git, draft: Path, content: IO[bytes], time_limit_s: float, *, check: bool) -> None:
    options = ["--check-self-contained-and-connected"] if check else []
    git.run("index-pack", "--stdin", *options, repository=draft, stdin=content, time_limit_s=time_limit_s)


def _pack(out: BinaryIO, loose: list[Path]) -> None:
    """Writes a pack of loose objects (gitformat-pack: header, entries, SHA-1 of all that)."""
    digest = hashlib.sha1(usedforsecurity=False)
    left = _LOOSE_BYTES_LIMIT

    def write(data: bytes) -> None:
        digest.update(data)
        out.write(data)

    write(b"PACK" + (2).to_bytes(4, "big") + len(loose).to_bytes(4, "big"))
    for path in loose:
        with _regular(path) as file:
            content = zlib.decompressobj().decompress(file.read(left), left)
        head, _, body = content.partition(b"\0")
        kind, _, size = head.partition(b" ")
        left -= len(content)
        # Cut off at the limit, damaged, or not what git writes.
        if left <= 0 or kind not in _TYPES or int(size) != len(body):
            raise _UnusualError
        write(_entry_header(_TYPES[kind], len(body)) + zlib.compress(body, 1))
    out.write(digest.digest())


def _entry_header(kind: int, size: int) -> bytes:
    """Type and size of an entry: four bits of the size, then seven a byte, the lowest first."""
    byte = kind << 4 | size & 0x0F
    size >>= 4
    out = bytearray()
    while size:
        out.append(byte | 0x80)
        byte = size & 0x7F
        size >>= 7
    out.append(byte)
    return bytes(out)
