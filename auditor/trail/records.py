"""Canonical records: one byte string for one row of a record table, the same when written and when read back.

A record is a JSON object in RFC 8785 form (JCS): `"record"` names its table, every other key is a column (all but
`seq`). Times are UTC texts with microseconds and `Z`, NULL is null, lists are lists, a MAP is an object, and an
integer beyond 2^53 - 1 is a text, since JCS numbers are doubles.

The rows of field_diff are grouped: all fields of one (repo, old_digest, new_digest) are one record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

import orjson
import rfc8785

from auditor.errors import TrailError

MAX_EXACT = 2**53 - 1
"""The largest integer that a double holds with all its neighbours (RFC 8785, section 3.2.2.3)."""
LEAF_PREFIX = b"\x00"
"""Domain separation of leaves from nodes (RFC 6962, section 2.1)."""
NAME_KEY = "record"
"""The key of the table's name. No record table has a column of that name (`kind` is one of resource_change)."""

Row = Sequence[Any]
Canonical = Callable[[Row], bytes]
Field = tuple[str, str | None, str | None]
"""Pointer, old value, new value; the values are JSON text, None where the field is not there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordKind:
    """A record table. `columns` in the table's order, without `seq`; `times` and `maps` are some of them.

    `named_by` are the columns that tell a reader which record it is. `group` columns, where there are any, are
    what all rows of one record have in common.
    """

    name: str
    columns: tuple[str, ...]
    named_by: tuple[str, ...]
    times: frozenset[str] = frozenset()
    maps: frozenset[str] = frozenset()
    group: tuple[str, ...] = ()


def _kind(
    name: str, columns: str, *, named_by: str, times: str = "", maps: str = "", group: str = ""
) -> RecordKind:
    return RecordKind(
        name=name,
        columns=tuple(columns.split()),
        named_by=tuple(named_by.split()),
        times=frozenset(times.split()),
        maps=frozenset(maps.split()),
        group=tuple(group.split()),
    )


RECORD_KINDS: Mapping[str, RecordKind] = {
    kind.name: kind
    for kind in (
        _kind("commit_record", "repo sha tree parents author_name author_email authored_at author_zone_minutes committer_name committer_email committed_at committer_zone_minutes subject body signature_format", named_by="repo sha", times="authored_at committed_at"),
        _kind("generation", "repo generation run reason", named_by="repo generation"),
        _kind("landing", "repo generation sha landed position landed_in actor_kind pull_request", named_by="repo generation sha"),
        _kind("commit_loss", "repo sha lost seen_at run", named_by="repo sha seen_at", times="seen_at"),
        _kind("ref_observation", "repo ref old_sha new_sha move seen_at run", named_by="repo ref seen_at", times="seen_at"),
        _kind("signature_check", "repo sha status signer key trust reason checked_at run", named_by="repo sha checked_at", times="checked_at"),
        _kind("file_change", "repo sha path old_path change old_blob new_blob old_mode new_mode", named_by="repo sha path"),
        _kind("resource_change", "repo generation sha position landed path old_path environment api_version kind namespace name change old_digest new_digest", named_by="repo generation sha path kind namespace name"),
        _kind("field_diff", "repo old_digest new_digest pointer old_value new_value", named_by="repo old_digest new_digest", group="repo old_digest new_digest"),
        _kind("pull_request", "repo forge number url title has_body body state author author_name author_email author_is_bot base_branch head_branch head_sha merge_sha squash_sha created_at updated_at merged_at merged_by labels unknown fetched_at run", named_by="repo number fetched_at", times="created_at updated_at merged_at fetched_at"),
        _kind("review", "repo forge number id reviewer reviewer_name reviewer_email reviewer_is_bot state commit_sha submitted_at stale official gone fetched_at run", named_by="repo number id fetched_at", times="submitted_at fetched_at"),
        _kind("request_commit", "repo forge number sha position author author_is_bot author_name author_email committer committer_email authored_at subject parents co_authors gone fetched_at run", named_by="repo number sha fetched_at", times="authored_at fetched_at"),
        _kind("check_result", "repo forge number sha name state completed_at url gone fetched_at run", named_by="repo number sha name fetched_at", times="completed_at fetched_at"),
        _kind("change_unit", "repo sha forge number url claimed confirmed method reason side same_patch other_patch decided_at run", named_by="repo sha decided_at", times="decided_at"),
        _kind("run", "id repo started_at finished_at tip status engine engine_version bundle_digest settings_digest parser_version kubernetes_version auditor_version counts generation results_digest judging_digest", named_by="repo id", times="started_at finished_at", maps="counts"),
    )
}  # fmt: skip
"""Every record table, one line each. The columns are held against the database's by a test."""

_EXACT = orjson.OPT_STRICT_INTEGER | orjson.OPT_PASSTHROUGH_DATETIME
"""orjson raises for what JCS writes differently: integers beyond 2^53 - 1, times, and texts that are no Unicode."""


def canonical(kind: str) -> Canonical:
    """The function from a row of that table (in its order, without `seq`) to the record's bytes.

    It raises TrailError for a value that has no canonical form. Not for grouped kinds: see `field_diff_record`.
    """
    declared = RECORD_KINDS[kind]
    if declared.group:
        raise ValueError(f"the rows of {kind} are records together, not one by one")
    count = len(declared.columns)
    # JCS orders by UTF-16 units; these keys are ASCII, where that is the order of sorted().
    keys = tuple(sorted((*declared.columns, NAME_KEY)))
    places = [count if key == NAME_KEY else declared.columns.index(key) for key in keys]
    arranged = itemgetter(*places)
    special = tuple(at for at, key in enumerate(keys) if key in declared.times)
    dumps = orjson.dumps

    def in_order(row: Row) -> tuple[Any, ...]:
        if len(row) != count:
            raise ValueError(f"a row of {kind} has {count} columns without seq, not {len(row)}")
        found: tuple[Any, ...] = arranged((*row, kind))
        return found

    def plain(row: Row) -> bytes:
        values = in_order(row)
        try:
            return dumps(dict(zip(keys, values, strict=True)), None, _EXACT)
        except (TypeError, ValueError):
            return _slow(kind, keys, values)

    def timed(row: Row) -> bytes:
        values = list(in_order(row))
        for at in special:
            if values[at] is not None:
                values[at] = time_text(values[at])
        try:
            return dumps(dict(zip(keys, values, strict=True)), None, _EXACT)
        except (TypeError, ValueError):
            return _slow(kind, keys, values)

    def slow(row: Row) -> bytes:
        return _slow(kind, keys, in_order(row))

    if declared.maps:
        return slow  # a map's keys may be any text, and those JCS orders by UTF-16 units
    return timed if special else plain


def _slow(kind: str, keys: Sequence[str], values: Iterable[Any]) -> bytes:
    try:
        return rfc8785.dumps({key: _plain(value) for key, value in zip(keys, values, strict=True)})
    except (rfc8785.CanonicalizationError, TypeError, ValueError) as error:
        raise TrailError(
            f"a row of {kind} has no canonical form: {error}",
            hint="this is a defect of what wrote the row; nothing was recorded",
        ) from error


def _plain(value: Any) -> Any:
    """A value as JCS may hold it; TypeError for what a record cannot hold."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if -MAX_EXACT <= value <= MAX_EXACT else str(value)
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    raise TypeError(f"{type(value).__name__} in a record")


def time_text(moment: datetime) -> str:
    """UTC with six digits of a second and `Z`, whatever zone it is told in; ValueError without a zone."""
    if moment.tzinfo is not UTC:
        if moment.tzinfo is None:
            raise ValueError(f"{moment} has no zone")
        moment = moment.astimezone(UTC)
    return f"{moment.isoformat(timespec='microseconds')[:26]}Z"


def fields_json(fields: Iterable[Field]) -> bytes:
    """The `fields` of a field_diff record: sorted by pointer, in canonical form."""
    return orjson.dumps(sorted(fields, key=_field_order))


def _field_order(field: Field) -> tuple[str, bool, str, bool, str]:
    pointer, old, new = field
    return pointer, old is not None, old or "", new is not None, new or ""


def field_diff_record(repo: str, old_digest: str, new_digest: str, fields: bytes) -> bytes:
    """The record of all that lies between two versions of a resource. `fields` as `fields_json` makes them."""
    ids = b'],"new_digest":%b,"old_digest":%b,"record":"field_diff","repo":%b}' % (
        orjson.dumps(new_digest),
        orjson.dumps(old_digest),
        orjson.dumps(repo),
    )
    return b'{"fields":' + fields[:-1] + ids


def leaf_hash(record: bytes) -> bytes:
    """SHA-256 of the record as a leaf: 32 bytes (RFC 6962, section 2.1)."""
    return hashlib.sha256(LEAF_PREFIX + record).digest()
