"""The trail's key, and what is signed with it: the tree's head after each run, beside the database and elsewhere."""

from __future__ import annotations

import base64
import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from auditor.errors import TrailError
from auditor.settings import Settings
from auditor.store.database import Database
from auditor.store.log import TreeHead, add_checkpoint, has_head, newest_head
from auditor.trail.notefile import KeptHead, append_note, keep_head, read_head, read_notes, sync_folder
from auditor.trail.notes import (
    Checkpoint,
    SigningKey,
    VerifierKey,
    new_key,
    open_note,
    parse_checkpoint,
    read_signing_key,
    read_verifier_key,
    sign,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedHead:
    """The newest head and where its signed note stands. `note` is '' where there is no key, so nothing is signed.

    `failed` names each place that could not be written, with the reason.
    """

    size: int
    root: bytes
    note: str
    key_id: str
    written: tuple[Path, ...]
    failed: tuple[tuple[Path, str], ...]

    def complain(self) -> None:
        """Raises TrailError naming the places that could not be written, where there are any."""
        if self.failed:
            places = "; ".join(f"{path}: {reason}" for path, reason in self.failed)
            raise TrailError(
                f"the checkpoint of {self.size:,} records is not everywhere: {places}",
                hint="mend the place and run `auditor trail checkpoint`; the other places have it",
            )


def head_file(database: Path) -> Path:
    """The file that remembers the log's head, for when the database forgets it."""
    return database.with_name(f"{database.name}.head")


def notes_file(database: Path) -> Path:
    """The file of signed notes beside the database."""
    return database.with_name(f"{database.name}.checkpoints")


def key_file(settings: Settings, folder: Path) -> Path:
    """Where the signing key is, or would be."""
    return settings.trail.key or folder / "trail.key"


def copy_file(place: Path, key: VerifierKey) -> Path:
    """The file of a key's checkpoints in one of `trail.copies`: several databases may share a folder."""
    name = "".join(char if char.isalnum() or char in ".-" else "_" for char in key.name)
    return place / f"{name}+{key.id.hex()}.checkpoints"


def init_key(settings: Settings, folder: Path, *, given: Path | None = None, name: str = "") -> VerifierKey:
    """Makes the trail's key, or takes the one in the file `given`; its public half.

    A name is made where none is given. Raises TrailError where there is a key already, where others may read the
    given one, and where nothing can be written.
    """
    path = key_file(settings, folder)
    if path.exists():
        raise TrailError(
            f"there is a key already: {path}",
            hint="it is never overwritten; move it away to begin with another",
        )
    key = (
        read_signing_key(_secret_text(given), name=name)
        if given is not None
        else new_key(name or f"audit-trail.local/{secrets.token_hex(4)}")
    )
    try:
        _write_new(path, key.secret_line())
        with _public_file(path).open(
            "a", encoding="utf-8"
        ) as public:  # earlier keys still verify what they signed
            public.write(f"{key.verifier}\n")
    except OSError as error:
        raise TrailError(f"{error.filename} cannot be written: {error.strerror}", hint="nothing is signed yet") from error  # fmt: skip
    return key.verifier


def signing_key(settings: Settings, folder: Path) -> SigningKey | None:
    """The trail's key; None where there is none. TrailError where it is damaged, or others may read it."""
    path = key_file(settings, folder)
    if not path.exists():
        if settings.trail.key is not None:
            raise TrailError(f"there is no signing key {path}", hint="`auditor trail init` makes it")
        return None
    return read_signing_key(_secret_text(path))


def verifier_keys(settings: Settings, folder: Path, given: tuple[str, ...] = ()) -> tuple[VerifierKey, ...]:
    """Whose signatures count: the given keys, those of the settings, and the trail's own."""
    keys = [read_verifier_key(text) for text in (*given, *settings.trail.verifier_keys)]
    public = _public_file(key_file(settings, folder))
    try:
        keys += [read_verifier_key(line) for line in public.read_text(encoding="utf-8").splitlines() if line]
    except FileNotFoundError:
        key = signing_key(settings, folder) if key_file(settings, folder).exists() else None
        keys += [key.verifier] if key else []
    except (OSError, UnicodeDecodeError) as error:
        raise TrailError(f"{public} cannot be read", hint="name the key with --key") from error
    return tuple(dict.fromkeys(keys))


def sign_head(database: Database, settings: Settings, folder: Path, now: datetime) -> SignedHead:
    """What follows every run: remembers the log's head beside the database, and signs it where there is a key.

    The note goes into trail.checkpoint, the file beside the database, and a file in each of `trail.copies`.
    Raises TrailError where there is no run yet, where the head does not follow from the one remembered or signed
    before (then nothing is signed: a log never signs two histories), and where the key cannot be used.
    """
    cursor = database.cursor()
    head = newest_head(cursor)
    if head is None:
        raise TrailError("there is nothing to sign: the trail has no run", hint="run `auditor scan` first")
    _remember(database, head)
    key = signing_key(settings, folder)
    if key is None:
        return SignedHead(size=head.size, root=head.root, note="", key_id="", written=(), failed=())
    beside = notes_file(database.path)
    note, is_new = _note(database, head, key, beside)
    if is_new:
        add_checkpoint(
            cursor,
            size=head.size,
            root=base64.b64encode(head.root).decode(),
            signed_at=now,
            key_id=key.verifier.key_id,
            note=note,
        )
    written, failed = [], []
    places = [(beside, beside), *((place, copy_file(place, key.verifier)) for place in settings.trail.copies)]
    for place, path in places:
        try:
            if append_note(path, note):
                written.append(path)
        except OSError as error:
            failed.append((place, error.strerror or str(error)))
        except TrailError as error:
            failed.append((place, error.message))
    return SignedHead(
        size=head.size,
        root=head.root,
        note=note,
        key_id=key.verifier.key_id,
        written=tuple(written),
        failed=tuple(failed),
    )


def refuse_other_log(database: Database) -> None:
    """Raises TrailError where the log is not the one that the head beside the database remembers: whoever adds to it
    would hide that records are missing."""
    path = head_file(database.path)
    kept = read_head(path)
    if kept is not None and not has_head(database.cursor(), kept.size, kept.root):
        raise TrailError(
            f"{database.path} does not follow from what {path} remembers: the log had {kept.size:,} records after"
            f" run {kept.run}, and this database knows nothing of it",
            hint="`auditor trail verify` tells more; restore the database; if it was begun anew on purpose, move"
            f" {path.name} and {notes_file(database.path).name} away",
        )


def _remember(database: Database, head: TreeHead) -> None:
    refuse_other_log(database)
    path = head_file(database.path)
    try:
        keep_head(path, KeptHead(size=head.size, root=head.root, run=head.run))
    except OSError as error:
        raise TrailError(
            f"{path} cannot be written: {error.strerror}",
            hint="without it, a loss of the last run is not noticed",
        ) from error


def _note(database: Database, head: TreeHead, key: SigningKey, beside: Path) -> tuple[str, bool]:
    """The signed note, and whether it is a new one: the same head is not signed twice."""
    for note in reversed(read_notes(beside)):
        try:
            text, _ = open_note(note, [key.verifier])
        except TrailError:
            continue  # another key's, or torn by a power failure
        last = parse_checkpoint(text)
        if (last.size, last.root) == (head.size, head.root):
            return note, False
        if not has_head(database.cursor(), last.size, last.root):
            raise TrailError(
                f"nothing was signed: {beside} holds a checkpoint of {last.size:,} records that the database"
                " knows nothing of",
                hint="`auditor trail verify` tells more; a key signs one history only",
            )
        break
    checkpoint = Checkpoint(origin=key.name, size=head.size, root=head.root)
    return sign(checkpoint.text(), key), True


def _secret_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if mode & 0o077:
                raise TrailError(
                    f"others may read the signing key {path}", hint=f"chmod 600 {path}, if nobody has read it"
                )
            return file.read(10_000).decode("ascii")
    except OSError as error:
        raise TrailError(f"{path} cannot be read: {error.strerror}", hint="check the path") from error
    except UnicodeDecodeError as error:
        raise TrailError(f"{path} is no signing key", hint="`auditor trail init` makes one") from error


def _write_new(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, text.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(path.parent)


def _public_file(key: Path) -> Path:
    return key.with_name(f"{key.name}.pub")
