"""What stands beside the database: the mirrors and the key of the secret digests."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from auditor.errors import StoreError

DEFAULT_DATABASE = Path(".auditor/audit.duckdb")
KEY_BYTES = 32


def state_folder(database: Path) -> Path:
    """The folder of the database, made where it is missing, and kept out of any git repository around it.

    Raises StoreError where it cannot be made.
    """
    folder = database.resolve().parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        ignore = folder / ".gitignore"
        if folder.name == ".auditor" and (not ignore.exists() or ignore.read_text("utf-8") == "*\n"):
            # The repository's waivers stand here too, and they are its own.
            ignore.write_text("*\n!waivers.yaml\n", encoding="utf-8")
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be written: {error.strerror}",
            hint="name a database in a writable folder with --db",
        ) from error
    return folder


def redaction_key(folder: Path) -> bytes:
    """The key of the digests that stand for secret values; made at the first call, readable by its owner.

    It never enters the database: who has both could try values against the digests.
    """
    path = folder / "redaction.key"
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        return _new_key(path)
    if len(key) != KEY_BYTES:
        raise StoreError(
            f"{path} is damaged: it holds {len(key)} bytes, not {KEY_BYTES}",
            hint="restore it from a backup; with another key, digests of unchanged secrets change",
        )
    return key


def _new_key(path: Path) -> bytes:
    key = secrets.token_bytes(KEY_BYTES)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, key)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(draft, path)  # fails where another process was quicker, whose key then counts
    except FileExistsError:
        return path.read_bytes()
    finally:
        draft.unlink()
    return key
