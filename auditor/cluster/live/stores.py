"""Where the pages of a kind go: into memory, or into a recording. Secret values are gone before either has them."""

from __future__ import annotations

import gzip
import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Any, Protocol, cast

import orjson

from auditor.cluster.live.listing import PageSink
from auditor.cluster.redaction import redact_secret, without_last_applied
from auditor.cluster.snapshot_head import head_of
from auditor.errors import ClusterError, SnapshotError
from auditor.model import LiveObject, ResourceId, Snapshot

Redact = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Replaces every secret value of one object by keyed digests."""

_IN_MEMORY = 8 * 2**20
_CHUNK = 2**20


class KindStore(PageSink, Protocol):
    """Takes kind after kind; what was begun counts only once it is kept."""

    def keep(self) -> None:
        """The kind was read whole."""
        ...

    def drop(self) -> None:
        """The kind was not read whole: nothing of it counts."""
        ...


def cleaning(digest: Callable[[str], str], redact: Redact | None) -> Redact:
    """The redaction of live objects: Secrets lose their values and the annotation that repeats them.

    `redact` is the redaction that git's manifests go through; without it only Secrets are redacted.
    """

    def clean(item: Mapping[str, Any]) -> Mapping[str, Any]:
        is_secret = (item["apiVersion"], item["kind"]) == ("v1", "Secret")
        if redact is not None:
            return redact(without_last_applied(item) if is_secret else item)
        return redact_secret(item, digest) if is_secret else item

    return clean


class _Total:
    """How much was kept, over all kinds."""

    def __init__(self, most: int) -> None:
        self._most, self._kept, self._pending = most, 0, 0

    def begin(self) -> None:
        self._pending = 0

    def add(self, size: int) -> None:
        self._pending += size
        if self._kept + self._pending > self._most:
            raise ClusterError(
                f"with it the cluster's state would be larger than {self._most:,} bytes",
                hint="leave kinds out with --without, or record parts of the cluster",
            )

    def keep(self) -> None:
        self._kept += self._pending
        self._pending = 0


class MemoryStore:
    """Keeps the objects, to be compared at once."""

    def __init__(self, cluster: str, clean: Redact, most: int) -> None:
        self._cluster, self._clean, self._total = cluster, clean, _Total(most)
        self.objects: list[LiveObject] = []
        self._pending: list[LiveObject] = []

    def begin(self) -> None:
        """As the protocol says."""
        self._total.begin()
        self._pending = []

    def add(self, items: list[Mapping[str, Any]], size: int) -> None:
        """As the protocol says."""
        self._total.add(size)
        self._pending += [_live(self._clean(item), self._cluster) for item in items]

    def keep(self) -> None:
        """As the protocol says."""
        self.objects += self._pending
        self._total.keep()
        self._pending = []

    def drop(self) -> None:
        """As the protocol says."""
        self.begin()


class RecordingStore:
    """Writes the objects to a file as they come; no more than one kind's page is in memory.

    The file is readable by its owner alone and takes its name only once it is whole. Use as a context manager.
    """

    def __init__(self, path: Path, clean: Redact, most: int) -> None:
        """Gzipped where the name ends in `.gz`. Raises SnapshotError where it cannot be written."""
        self._path, self._clean, self._total = path, clean, _Total(most)
        self._draft = path.with_name(f".{path.name}.{os.getpid()}")
        self._stack = ExitStack()
        self._is_first = True
        try:
            descriptor = os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            file: IO[bytes] = self._stack.enter_context(os.fdopen(descriptor, "wb"))
            if path.suffix == ".gz":
                packed = gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0)
                file = cast(IO[bytes], self._stack.enter_context(packed))
            self._file = file
            pending = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by the stack
            self._pending = self._stack.enter_context(pending)
            self._file.write(b'{"items": [\n')
        except OSError as error:
            self._stack.close()
            raise self._unwritable(error) from error

    def __enter__(self) -> RecordingStore:
        return self

    def __exit__(self, *_: object) -> None:
        """Leaves nothing behind where `finish` was not called."""
        with suppress(OSError):
            self._stack.close()
        with suppress(OSError):
            self._draft.unlink(missing_ok=True)

    def begin(self) -> None:
        """As the protocol says."""
        self._total.begin()
        self._pending.seek(0)
        self._pending.truncate()

    def add(self, items: list[Mapping[str, Any]], size: int) -> None:
        """As the protocol says."""
        self._total.add(size)
        try:
            for item in items:
                line = orjson.dumps(self._clean(item), option=orjson.OPT_SORT_KEYS)
                self._pending.write(line + b"\n")
        except OSError as error:
            raise self._unwritable(error) from error

    def keep(self) -> None:
        """As the protocol says."""
        self._total.keep()
        self._pending.seek(0)
        try:
            for line in self._pending:
                self._file.write(line.rstrip(b"\n") if self._is_first else b",\n" + line.rstrip(b"\n"))
                self._is_first = False
        except OSError as error:
            raise self._unwritable(error) from error
        self.begin()

    def drop(self) -> None:
        """As the protocol says."""
        self.begin()

    def finish(self, snapshot: Snapshot, digest: Callable[[str], str]) -> None:
        """Writes what the recording says of itself (`snapshot` without objects) and gives the file its name."""
        head = orjson.dumps(head_of(snapshot, digest), option=orjson.OPT_INDENT_2)
        try:
            self._file.write(b"\n],\n" + head.lstrip(b"{\n"))
            self._file.write(b"\n")
            self._stack.close()
            self._draft.replace(self._path)
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> SnapshotError:
        return SnapshotError(
            f"the recording {self._path} cannot be written: {error.strerror or error}",
            hint="name a file in a folder that is yours and has room",
        )


def _live(item: Mapping[str, Any], cluster: str) -> LiveObject:
    metadata = item["metadata"]
    group = str(item["apiVersion"]).rpartition("/")[0]
    identity = ResourceId(
        group=group,
        kind=str(item["kind"]),
        namespace=str(metadata.get("namespace") or ""),
        name=metadata["name"],
    )
    return LiveObject(cluster=cluster, id=identity, api_version=str(item["apiVersion"]), manifest=item)
