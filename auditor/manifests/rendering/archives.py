"""Reads packaged charts (.tgz), which anybody may have made: bounded, and nothing that leads out of them."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from typing import BinaryIO, cast

from auditor.errors import RenderError

MAX_CHART_BYTES = 100 * 1024 * 1024
"""What a chart may hold unpacked: Helm's own bound (its MaxDecompressedChartSize)."""

MAX_FILE_BYTES = 5 * 1024 * 1024
"""What one of its files may hold: Helm's own bound (its MaxDecompressedFileSize)."""

MAX_ARCHIVE_BYTES = 20 * 1024 * 1024
"""How large a packaged chart may be."""

MAX_FILES = 10_000


def read_archive(content: bytes, what: str) -> dict[str, bytes]:
    """The files of a packaged chart by their path in it (`Chart.yaml`, `templates/x.yaml`).

    Links and devices are left out. Raises RenderError naming `what` for anything else that is no chart: too
    large, paths that lead out of it, several charts side by side.
    """
    if len(content) > MAX_ARCHIVE_BYTES:
        raise _refused(what, f"is larger than {MAX_ARCHIVE_BYTES} bytes")
    files: dict[str, bytes] = {}
    left = MAX_CHART_BYTES
    try:
        # Read as a stream, so that no index of a made-up size is built first. Not by tarfile's own "r|gz": that trips
        # over the extra field which `helm package` writes into the gzip header (seen with Python 3.11).
        stream = cast(BinaryIO, _Bounded(content))
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for number, member in enumerate(archive):
                if number >= MAX_FILES:
                    raise _refused(what, f"holds more than {MAX_FILES} files")
                if not member.isreg():
                    continue
                path = _inside(member.name, what)
                left -= member.size
                if left < 0:
                    raise _refused(what, f"holds more than {MAX_CHART_BYTES} bytes unpacked")
                if member.size > MAX_FILE_BYTES:
                    raise _refused(what, f"holds a file of more than {MAX_FILE_BYTES} bytes")
                extracted = archive.extractfile(member)
                if path and extracted is not None:
                    files[path] = extracted.read()
    except (tarfile.TarError, OSError, EOFError, zlib.error, ValueError) as error:
        raise _refused(what, f"cannot be unpacked: {error}") from error
    if "Chart.yaml" not in files:
        raise _refused(what, "holds no Chart.yaml")
    return files


class _Bounded:
    """A packaged chart unpacked bit by bit, which ends with an error beyond what a chart may hold: headers of an archive
    are read into memory whole, whatever size they say they have."""

    def __init__(self, content: bytes) -> None:
        self._stream = gzip.GzipFile(fileobj=io.BytesIO(content))
        self._left = MAX_CHART_BYTES + MAX_FILES * 4 * tarfile.BLOCKSIZE

    def read(self, size: int) -> bytes:
        """At most `size` bytes more, b'' at the end. Raises ValueError beyond the bound."""
        chunk = self._stream.read(size)
        self._left -= len(chunk)
        if self._left < 0:
            raise ValueError(f"it holds more than {MAX_CHART_BYTES} bytes unpacked")
        return chunk


def _inside(name: str, what: str) -> str:
    """The path below the archive's one folder; '' for what lies beside it. Raises RenderError for one outside."""
    parts = name.replace("\\", "/").split("/")
    if name.startswith("/") or ".." in parts or (parts and parts[0].endswith(":")):
        raise _refused(what, f"holds a path that leads out of it: {name[:200]!r}")
    parts = [part for part in parts if part not in ("", ".")]
    if any("\0" in part or len(part.encode("utf-8", "replace")) > 255 for part in parts):
        raise _refused(what, "holds a file name that cannot be written")
    return "/".join(parts[1:])


def _refused(what: str, reason: str) -> RenderError:
    return RenderError(f"{what} {reason}", hint="it is damaged, or made to do harm: fetch it anew")
