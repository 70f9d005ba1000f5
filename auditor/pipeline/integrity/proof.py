"""Exports proofs that can be checked without this product: docs/verify_proof.py needs Python and nothing else."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from auditor.errors import TrailError, UsageError
from auditor.pipeline.integrity.checkpoints import verifier_keys
from auditor.pipeline.state import state_folder
from auditor.settings import Settings
from auditor.store.database import Database, open_database
from auditor.store.log import (
    finding_shas,
    joined_leaves,
    newest_head,
    record_rows,
    record_tables,
    stored_notes,
    tree_heads,
)
from auditor.trail.log import HASH_BYTES
from auditor.trail.merkle import consistency_proof, inclusion_proof, tree_root
from auditor.trail.notes import Checkpoint, VerifierKey, open_note, parse_checkpoint
from auditor.trail.records import RECORD_KINDS, canonical, field_diff_record, fields_json, leaf_hash

_SHA = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_SEQ = re.compile(r"\d{1,18}")
_MOST_RECORDS = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class _Head:
    """A tree and the note that signs it; '' where it is not signed."""

    size: int
    root: bytes
    note: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "size": self.size,
            "root": base64.b64encode(self.root).decode(),
            "checkpoint": self.note or None,
        }


def inclusion_proofs(database: Path, settings: Settings, subjects: Sequence[str]) -> dict[str, Any]:
    """Proofs that records are in the log, as JSON.

    A subject is a commit's whole sha (all records that name it), a record's place, or a finding's id (the records of
    the commits that opened and fixed it). The proofs lead to the newest signed checkpoint, or, where nothing was ever
    signed, to the newest tree head. Raises UsageError for a subject that the trail does not know, TrailError where
    a record is newer than the newest checkpoint or differs from its leaf.
    """
    folder = state_folder(database)
    with open_database(database, read_only=True) as opened:
        head = _newest(opened, verifier_keys(settings, folder))
        wanted = _records_of(opened, subjects)
        leaves = joined_leaves(opened.cursor(), head.size)
        _hold(leaves, head)
        return {
            "version": 1,
            **head.as_dict(),
            "records": [_proof(leaves, head, seq, record) for seq, record in sorted(wanted.items())],
        }


def consistency_proofs(database: Path, settings: Settings, old: int, new: int) -> dict[str, Any]:
    """A proof that the log of `old` records is the beginning of the one of `new`, as JSON.

    Checkpoints of those sizes come with it where there are any. Raises UsageError for sizes that the log never had.
    """
    folder = state_folder(database)
    with open_database(database, read_only=True) as opened:
        keys = verifier_keys(settings, folder)
        log = newest_head(opened.cursor())
        most = log.size if log else 0
        if not 0 <= old <= new <= most:
            raise UsageError(
                f"there is no log of {old:,} records within one of {new:,}",
                hint=f"the log has {most:,} records; `auditor query` tells the sizes of its checkpoints",
            )
        leaves = joined_leaves(opened.cursor(), new)
        signed = {head.size: head for head in _signed(opened, keys)}
        before, after = (
            signed.get(at) or _Head(size=at, root=tree_root(leaves[: at * HASH_BYTES]), note="")
            for at in (old, new)
        )
        _hold(leaves, after)
        _hold(leaves[: old * HASH_BYTES], before)
        proof = [node.hex() for node in consistency_proof(leaves, old)]
        return {"version": 1, "old": before.as_dict(), "new": after.as_dict(), "consistency": proof}


def write_proofs(out: Path, proofs: dict[str, Any]) -> None:
    """Writes the JSON file; TrailError where that fails."""
    try:
        out.write_bytes(orjson.dumps(proofs, option=orjson.OPT_INDENT_2) + b"\n")
    except OSError as error:
        raise TrailError(
            f"{out} cannot be written: {error.strerror}", hint="name another file with --out"
        ) from error


def _proof(leaves: bytes, head: _Head, seq: int, record: bytes) -> dict[str, Any]:
    if seq >= head.size:
        raise TrailError(
            f"record {seq} is newer than the newest checkpoint, which has {head.size:,} records",
            hint="run `auditor trail checkpoint` first",
        )
    leaf = leaf_hash(record)
    if leaves[seq * HASH_BYTES : (seq + 1) * HASH_BYTES] != leaf:
        raise TrailError(
            f"record {seq} differs from its leaf: there is no proof of it", hint="run `auditor trail verify`"
        )
    path = [node.hex() for node in inclusion_proof(leaves, seq)]
    return {"seq": seq, "record": record.decode(), "leaf": leaf.hex(), "proof": path}


def _hold(leaves: bytes, head: _Head) -> None:
    if len(leaves) != head.size * HASH_BYTES or tree_root(leaves) != head.root:
        raise TrailError(
            f"the log's leaves do not make the root of its {head.size:,} records: nothing can be proven",
            hint="run `auditor trail verify`",
        )


def _newest(database: Database, keys: Sequence[VerifierKey]) -> _Head:
    signed = list(_signed(database, keys))
    if signed:
        return max(signed, key=lambda head: head.size)
    heads = tree_heads(database.cursor())
    if not heads:
        raise UsageError("the trail is empty", hint="run `auditor scan` first")
    return _Head(size=heads[-1].size, root=heads[-1].root, note="")


def _signed(database: Database, keys: Sequence[VerifierKey]) -> Iterator[_Head]:
    for note in stored_notes(database.cursor()):
        try:
            checkpoint: Checkpoint = parse_checkpoint(open_note(note, keys)[0])
        except TrailError:
            continue  # another key's; `trail verify` tells of it
        yield _Head(size=checkpoint.size, root=checkpoint.root, note=note)


def _records_of(database: Database, subjects: Sequence[str]) -> dict[int, bytes]:
    tables = [kind for name, kind in RECORD_KINDS.items() if name in record_tables(database.cursor())]
    found: dict[int, bytes] = {}
    for subject in subjects:
        before = len(found)
        for where, column, values in _conditions(database, subject):
            for kind in tables:
                if column in (*kind.columns, "seq"):
                    rows = record_rows(database.cursor(), kind.name, kind.columns, where, values)
                    found.update(_canonical_records(kind.name, rows))
                if len(found) > _MOST_RECORDS:
                    raise UsageError(
                        f"{subject} has more than {_MOST_RECORDS:,} records",
                        hint="name single places instead",
                    )
        if len(found) == before:
            raise UsageError(
                f"the log has no record of {subject}",
                hint="name a commit by its whole sha, a record by its place, or a finding by its id",
            )
    return found


def _conditions(database: Database, subject: str) -> Iterator[tuple[str, str, list[Any]]]:
    """(SQL condition, the column that a table must have for it, values)."""
    if _SEQ.fullmatch(subject):
        yield "seq = ?", "seq", [int(subject)]
    elif _SHA.fullmatch(subject):
        yield "sha = ?", "sha", [subject]
    for repo, *shas in finding_shas(database.cursor(), subject):
        for sha in filter(None, shas):
            yield "repo = ? AND sha = ?", "sha", [repo, sha]


def _canonical_records(kind: str, rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[int, bytes]]:
    if RECORD_KINDS[kind].group:
        groups: dict[tuple[Any, ...], list[tuple[str, str | None, str | None]]] = {}
        for repo, old, new, pointer, before, after, seq in rows:
            groups.setdefault((seq, repo, old, new), []).append((pointer, before, after))
        for (seq, repo, old, new), fields in groups.items():
            yield seq, field_diff_record(repo, old, new, fields_json(fields))
        return
    record_of = canonical(kind)
    for row in rows:
        yield row[-1], record_of(row[:-1])
