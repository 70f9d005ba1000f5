"""Files of signed notes: one after the other, only ever appended to; and the small file that remembers the head."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from pathlib import Path

import orjson

from auditor.errors import TrailError

MAX_FILE_BYTES = 64 * 1024 * 1024
"""Of a file of notes that is read: some 200,000 checkpoints. What is larger is none of ours."""

_SIGNATURE = "— "


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptHead:
    """The log's size and root after the last run, as kept beside the database."""

    size: int
    root: bytes
    run: str


def split_notes(text: str) -> list[str]:
    """The checkpoints of a file. One ends after its signature lines; what was torn comes as it is, to be refused.

    A checkpoint's text has no empty line, so one that no signature follows ends what a power failure has cut off.
    """
    notes: list[str] = []
    lines: list[str] = []
    for line in text.splitlines(keepends=True):
        if (
            lines
            and not line.startswith(_SIGNATURE)
            and (lines[-1] == "\n" or lines[-1].startswith(_SIGNATURE))
        ):
            notes.append("".join(lines))
            lines = []
        if lines or line != "\n":
            lines.append(line)
    return [*notes, "".join(lines)] if lines else notes


def read_notes(path: Path) -> list[str]:
    """The notes of a file, oldest first; none where there is no file. TrailError where it cannot be read."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
        if len(content) > MAX_FILE_BYTES:
            raise TrailError(f"{path} is too large for checkpoints", hint="name a file of signed notes")
        return split_notes(content.decode("utf-8", errors="replace"))  # a write may end within a character
    except FileNotFoundError:
        return []
    except OSError as error:
        raise TrailError(f"{path} cannot be read: {error.strerror}", hint="check its permissions") from error


def append_note(path: Path, note: str) -> bool:
    """Adds the note to the file, through to the disk; False where it is the last one already. OSError as it comes."""
    notes = read_notes(path)
    if notes and notes[-1] == note:
        return False
    is_new = not path.exists()
    with path.open("ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            torn = file.read(1) != b"\n"  # a write that power failed on; the next note must not join it
            file.write(b"\n\n" if torn else b"\n")
        file.write(note.encode())
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        sync_folder(path.parent)
    return True


def keep_head(path: Path, head: KeptHead) -> None:
    """Replaces the file, through to the disk. OSError as it comes."""
    text = {"version": 1, "size": head.size, "root": base64.b64encode(head.root).decode(), "run": head.run}
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with draft.open("wb") as file:
        file.write(orjson.dumps(text) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def read_head(path: Path) -> KeptHead | None:
    """What the file says; None where there is none. TrailError where it says nothing that can be."""
    try:
        text = orjson.loads(path.read_bytes())
        head = KeptHead(
            size=text["size"], root=base64.b64decode(text["root"], validate=True), run=str(text["run"])
        )
        if not isinstance(head.size, int) or head.size < 0:
            raise ValueError(f"{head.size} is no size")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise TrailError(f"{path} cannot be read: {error.strerror}", hint="check its permissions") from error
    except (ValueError, KeyError, TypeError) as error:
        raise TrailError(
            f"{path} is damaged", hint="`auditor trail verify` tells what else is; restore it from a backup"
        ) from error
    return head


def sync_folder(folder: Path) -> None:
    """Makes a new name in the folder last."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
