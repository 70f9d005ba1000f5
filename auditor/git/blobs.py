"""Objects by id, through one `git cat-file --batch`.

Objects over the size limit are skipped in the stream and never held in memory.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO

from auditor.errors import GitError, IncompleteHistoryError
from auditor.git.command import Git

SIZE_LIMIT = 8 * 1024 * 1024
"""Bytes; the largest file that is read. Larger ones are reported, not judged."""

_CHUNK = 1 << 20

_DELTA_BASES = "16m"
"""What git may keep of the objects that others are stored as differences to. Its own 96 MB are no quicker here: versions
of a file are asked for side by side."""


class ObjectReader:
    """A running `cat-file`; one a process or thread. `read` gives an object's bytes."""

    def __init__(self, git: Git, repository: Path, *, size_limit: int = SIZE_LIMIT) -> None:
        self._size_limit = size_limit
        self._process = subprocess.Popen(
            [
                "git",
                "-c",
                f"core.deltaBaseCacheLimit={_DELTA_BASES}",
                "--git-dir",
                str(repository),
                "cat-file",
                "--batch",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=git.environment(),
        )

    def read(self, sha: str) -> bytes | None:
        """The object's bytes, None where it is over the size limit.

        Raises IncompleteHistoryError where the repository lacks it.
        """
        stdin, stdout = self._pipes()
        try:
            stdin.write(sha.encode("ascii") + b"\n")
            stdin.flush()
        except BrokenPipeError as error:
            raise GitError("git cat-file ended in the middle of reading") from error
        return self._answer(stdout, sha)

    def read_many(self, shas: Iterable[str], *, ahead: int = 64) -> Iterator[tuple[str, bytes | None]]:
        """(sha, bytes) in the given order, asking `ahead` objects in advance to hide the pipe's latency."""
        stdin, stdout = self._pipes()
        waiting: list[str] = []
        for sha in shas:
            waiting.append(sha)
            if len(waiting) == ahead:
                yield from self._ask(stdin, stdout, waiting)
                waiting = []
        yield from self._ask(stdin, stdout, waiting)

    def _ask(
        self, stdin: IO[bytes], stdout: IO[bytes], shas: list[str]
    ) -> Iterator[tuple[str, bytes | None]]:
        if not shas:
            return
        stdin.write("".join(f"{sha}\n" for sha in shas).encode("ascii"))
        stdin.flush()
        for sha in shas:
            yield sha, self._answer(stdout, sha)

    def _answer(self, stdout: IO[bytes], sha: str) -> bytes | None:
        header = stdout.readline().split()
        if len(header) != 3:
            if header[1:] == [b"missing"]:
                raise IncompleteHistoryError(
                    f"object {sha} is missing from the repository",
                    hint="run `git fsck` in it, then fetch what it lacks",
                )
            raise GitError(f"git cat-file gave no answer for {sha}", hint="run `git fsck` in the repository")
        size = int(header[2])
        if size > self._size_limit:
            left = size + 1
            while left:
                left -= len(stdout.read(min(_CHUNK, left)))
            return None
        content = stdout.read(size)
        stdout.read(1)
        return content

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        assert self._process.stdin is not None  # noqa: S101 - opened as pipes above
        assert self._process.stdout is not None  # noqa: S101
        return self._process.stdin, self._process.stdout

    def close(self) -> None:
        """Ends the process."""
        for pipe in self._pipes():
            pipe.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> ObjectReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
