"""Recorded cluster state: the product's own format, and what `kubectl get … -o json` prints.

The product's own format is one JSON object, plain or gzipped:

    {"format": "auditor-snapshot/v1", "cluster": "production", "taken_at": "2026-09-01T12:00:00Z",
     "kubernetes_version": "v1.37.2", "kinds": [{"group": "apps", "kind": "Deployment"}, …],
     "secret_key_check": "<digest of a fixed text>", "items": [<object as the API gives it>, …],
     "listed": [{"group", "kind", "api_version", "resource_version", "objects"}, …],
     "unread": [{"group", "kind", "reason", "left_out"}, …]}

`kinds` are the kinds that were listed completely, over all namespaces; only for them does absence mean
deleted. `listed` and `unread`, where they are there, tell how each kind was read and why one was not.
`secret_key_check` is there where Secret values in `items` are digests already.

`kubectl get … -o json --show-managed-fields` prints a `List`, or one object where a name was given. Several
outputs after one another in one file are one snapshot. Every kind that occurs in a List counts as listed
completely, since `kubectl get deployments,configmaps -A` lists each whole; a kind that does not occur is
unknown, for the output does not say whether it was asked for. An object outside a List says nothing about others.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from auditor.cluster.decoding import without_collection
from auditor.cluster.redaction import (
    KEY_CHECK,
    redact_secret,
    with_foreign_digests,
    without_last_applied,
)
from auditor.cluster.snapshot_head import FORMAT, head_of, listed_in, remarks_in, unread_in
from auditor.errors import SnapshotError
from auditor.model import LiveObject, ResourceId, Snapshot

MAX_BYTES = 2 * 1024**3
"""How large a snapshot may be, uncompressed: some 5,000 Deployments take 50 MB."""

_HOW = "record one with `kubectl get <kinds> -A -o json --show-managed-fields > FILE`"
_CHUNK = 1024 * 1024


Redact = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Replaces every secret value of one object, Secret or not, by keyed digests."""


def read_snapshot(
    path: Path,
    *,
    digest: Callable[[str], str],
    cluster: str = "",
    redact: Redact | None = None,
    max_bytes: int = MAX_BYTES,
) -> Snapshot:
    """The snapshot in the file.

    `digest` is the keyed digest (16 hex digits) under which git's Secrets were redacted; live values get the same.
    `redact`, the redaction that git's manifests went through, is for credentials outside Secrets: without it they
    stay as they are, and equal nothing in git. `cluster` names the cluster where the file does not, and overrules the file. Raises SnapshotError, naming
    the place, for anything that is no snapshot or larger than `max_bytes`.
    """
    with without_collection():
        documents = _documents(_content(path, max_bytes), path)
        objects, kinds, head = _gather(documents, path)
        same_key = head.get("secret_key_check") in (None, digest(KEY_CHECK))
        name = cluster or str(head.get("cluster") or "")
        clean = _redaction(digest, redact, same_key)
        live = tuple(_live(item, name, clean, f"{path}: {place}") for place, item in objects)
    return Snapshot(
        cluster=name,
        taken_at=_time(head.get("taken_at"), path),
        kubernetes_version=str(head.get("kubernetes_version") or ""),
        kinds=frozenset(kinds),
        objects=live,
        listed=listed_in(head, path),
        unread=unread_in(head, path),
        remarks=remarks_in(head),
    )


def write_snapshot(snapshot: Snapshot, path: Path, *, digest: Callable[[str], str] | None = None) -> None:
    """Write the snapshot in the product's own format, gzipped where the name ends in `.gz`; equal input, equal bytes.

    `digest` is the one that replaced the Secret values; a reader with another key then knows.
    """
    items = [
        live.manifest for live in sorted(snapshot.objects, key=lambda live: (str(live.id), live.api_version))
    ]
    document = {**head_of(snapshot, digest), "items": items}
    data = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"
    try:
        path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    except OSError as error:
        raise SnapshotError(f"cannot write the snapshot {path}: {error.strerror}") from error


def _content(path: Path, max_bytes: int) -> bytes:
    try:
        with path.open("rb") as file:
            gzipped = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            source = gzip.GzipFile(fileobj=file) if gzipped else file
            chunks, size = [], 0
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                if size > max_bytes:
                    raise SnapshotError(
                        f"the snapshot {path} is larger than {max_bytes:,} bytes uncompressed",
                        hint="record fewer kinds, or one file for each part of the cluster",
                    )
                chunks.append(chunk)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SnapshotError(f"the snapshot {path} is damaged: {error}", hint=_HOW) from error
    except OSError as error:
        raise SnapshotError(
            f"cannot read the snapshot {path}: {error.strerror or error}", hint=_HOW
        ) from error
    return b"".join(chunks)


def _documents(data: bytes, path: Path) -> list[Any]:
    if not data.strip():
        raise SnapshotError(f"the snapshot {path} is empty", hint=_HOW)
    try:
        return [orjson.loads(data)]
    except orjson.JSONDecodeError as first:
        return _stream(data, path, first)


def _stream(data: bytes, path: Path, first: orjson.JSONDecodeError) -> list[Any]:
    """JSON documents one after another, as several kubectl calls into one file leave them."""
    decoder = json.JSONDecoder()
    documents: list[Any] = []
    position = 0
    try:
        text = data.decode("utf-8-sig")
        while True:
            while position < len(text) and text[position].isspace():
                position += 1
            if position == len(text):
                return documents
            document, position = decoder.raw_decode(text, position)
            documents.append(document)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise SnapshotError(f"the snapshot {path} is not JSON at {place}: {error.msg}", hint=_HOW) from first
    except (UnicodeDecodeError, RecursionError) as error:
        raise SnapshotError(f"the snapshot {path} is not JSON: {error}", hint=_HOW) from first


Placed = tuple[str, Any]


def _gather(documents: list[Any], path: Path) -> tuple[list[Placed], set[tuple[str, str]], Mapping[str, Any]]:
    """Every object with its place, the kinds that are complete, and the own format's head ({} for kubectl's)."""
    objects: list[Placed] = []
    kinds: set[tuple[str, str]] = set()
    head: Mapping[str, Any] = {}
    for number, document in enumerate(documents):
        where = f"document {number}, " if len(documents) > 1 else ""
        if not isinstance(document, Mapping):
            raise SnapshotError(f"{path}: {where}a JSON object should stand here", hint=_HOW)
        if "format" in document:
            if document["format"] != FORMAT or len(documents) > 1:
                raise SnapshotError(
                    f"{path}: the snapshot format {document['format']!r} is not {FORMAT!r} in a file of its own",
                    hint="use the version of auditor that recorded it, or record it again",
                )
            head = document
            kinds |= _declared_kinds(document, path)
        if "items" not in document:
            objects.append((f"{where}the object", document))
            continue
        items = _items(document, path, where)
        objects += [(f"{where}item {index}", item) for index, item in enumerate(items)]
        if "format" not in document:
            kinds |= {_group_kind(item) for item in items if isinstance(item, Mapping)}
    return objects, kinds, head


def _items(document: Mapping[str, Any], path: Path, where: str) -> list[Any]:
    items = document["items"]
    if not isinstance(items, list):
        raise SnapshotError(f"{path}: {where}`items` is no list", hint=_HOW)
    kind, version = str(document.get("kind", "")), document.get("apiVersion", "v1")
    if kind.endswith("List") and kind != "List":
        # The API's own typed lists (`kubectl get --raw`) leave each item's kind out.
        item_kind = {"apiVersion": version, "kind": kind.removesuffix("List")}
        return [{**item_kind, **item} if isinstance(item, Mapping) else item for item in items]
    return items


def _declared_kinds(document: Mapping[str, Any], path: Path) -> set[tuple[str, str]]:
    try:
        return {(str(entry["group"]), str(entry["kind"])) for entry in document["kinds"]}
    except (KeyError, TypeError) as error:
        raise SnapshotError(f"{path}: `kinds` is no list of group and kind", hint=_HOW) from error


def _group_kind(item: Mapping[str, Any]) -> tuple[str, str]:
    return str(item.get("apiVersion", "")).rpartition("/")[0], str(item.get("kind", ""))


def _redaction(digest: Callable[[str], str], redact: Redact | None, same_key: bool) -> Redact:
    def clean(item: Mapping[str, Any]) -> Mapping[str, Any]:
        recorded = item if same_key else with_foreign_digests(item)
        is_secret = _group_kind(item) == ("", "Secret")
        if redact is not None:
            return redact(without_last_applied(recorded) if is_secret else recorded)
        return redact_secret(recorded, digest) if is_secret else recorded

    return clean


def _live(item: Any, cluster: str, clean: Redact, place: str) -> LiveObject:
    metadata = item.get("metadata") if isinstance(item, Mapping) else None
    named = isinstance(metadata, Mapping) and all(
        isinstance(text, str) and text
        for text in (item.get("apiVersion"), item.get("kind"), metadata.get("name"))
    )
    if not named or metadata is None:
        raise SnapshotError(f"{place} has no apiVersion, kind or metadata.name", hint=_HOW)
    group, kind = _group_kind(item)
    identity = ResourceId(
        group=group, kind=kind, namespace=str(metadata.get("namespace") or ""), name=metadata["name"]
    )
    return LiveObject(cluster=cluster, id=identity, api_version=item["apiVersion"], manifest=clean(item))


def _time(value: Any, path: Path) -> datetime | None:
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise SnapshotError(f"{path}: `taken_at` {value!r} is no time (RFC 3339)", hint=_HOW) from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)
