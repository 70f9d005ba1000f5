"""What each blob says and how it was judged: computed once a blob, kept for the replay of history.

What a blob says depends on its file's name (`reading_of_path`). A manifest says the same everywhere, but for a
kustomization without apiVersion and kind, which is one by its file's name alone: its reading as a kustomization is a
row of its own. A Terraform file and a Dockerfile say something of their own at each path, and are a row a path."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from sys import intern
from typing import NamedTuple

from auditor.manifests.formats import KUSTOMIZATION, reading_of_path

ReadingAt = Callable[[str], str]
"""path -> how the file is read: `reading_of_path` with paths as they are kept."""


def content_key(blob: str, reading: str) -> str:
    """What a reading of a blob is known by: the blob's id, and the reading where it is not a manifest's usual one."""
    return f"{blob}:{reading}" if reading and blob else blob


def reading_of(key: str) -> tuple[str, str]:
    """The blob's id, and how it is read: what `content_key` was given."""
    blob, _, reading = key.partition(":")
    return blob, reading


def format_of_key(key: str) -> str:
    """Equal for contents of one format: '' for every manifest, 'terraform', 'dockerfile'."""
    name, mark, _ = reading_of(key)[1].partition(":")
    return name if mark else ""


class DocumentRow(NamedTuple):
    """One resource of a blob; columns of trail.document after repo and blob, but the last."""

    document: int
    item: int | None
    line: int
    api_version: str
    kind: str
    namespace: str
    name: str
    digest: str


class ProblemRow(NamedTuple):
    """One reason why a blob could not be read whole; columns of trail.problem after repo and blob, but the last."""

    code: str
    message: str
    line: int
    col: int
    document: int


class VerdictRow(NamedTuple):
    """One verdict that is not simply a pass; columns of trail.verdict after repo and digest."""

    rule_id: str
    outcome: str
    pointer: str
    message: str


class BlobRow(NamedTuple):
    """All that one blob says where it is read so; '' for a manifest that says the same under every name."""

    blob: str
    is_kustomization: bool
    fragments: tuple[str, ...]
    documents: tuple[DocumentRow, ...]
    problems: tuple[ProblemRow, ...]
    reading: str

    @property
    def key(self) -> str:
        """The row's `content_key`."""
        return content_key(self.blob, self.reading)


class JudgementRow(NamedTuple):
    """The verdicts on one document content; `evaluated` are rule ids joined by blanks.

    `view` is what rules over several resources read of it (JSON), '' where none looks at its kind. `profile` names the
    parameters that it was judged by: '' for those that hold in general.
    """

    digest: str
    evaluated: str
    verdicts: tuple[VerdictRow, ...]
    view: str = ""
    profile: str = ""

    @property
    def key(self) -> str:
        """The row's `judgement_key`."""
        return judgement_key(self.digest, self.profile)


def no_profile(place: str) -> str:
    """The name of the parameters at every path, or in every environment, where there are only those for all."""
    return ""


def judgement_key(digest: str, profile: str) -> str:
    """What a judgement is known by: the document's digest, and the parameters where they are not those for all."""
    return f"{digest}@{profile}" if profile else digest


class DiffRow(NamedTuple):
    """The fields that differ between two versions of a resource, '' for a version that is not there.

    `fields` is the JSON array of [pointer, old value, new value], sorted by pointer, as `packed` gives it.
    """

    old_digest: str
    new_digest: str
    fields: bytes


_PACKED_FROM = 512
"""Bytes from which a text is packed: nine tenths of all that differs in a history is in longer ones."""


def packed(fields: bytes) -> bytes:
    """A JSON array as it is kept until it is recorded: a long one in a fifth of its bytes."""
    return zlib.compress(fields, 1) if len(fields) > _PACKED_FROM else fields


def unpacked(fields: bytes) -> bytes:
    """What `packed` was given: zlib begins with another byte than a JSON array."""
    return fields if fields.startswith(b"[") else zlib.decompress(fields)


class Batch(NamedTuple):
    """What a worker gives back for a number of blobs."""

    blobs: tuple[BlobRow, ...]
    judgements: tuple[JudgementRow, ...]
    diffs: tuple[DiffRow, ...]


@dataclass(slots=True)
class Contents:
    """Everything known of blobs (by `content_key`) and documents, from this run (`new_*`) and from earlier ones.

    `judgements` are by `judgement_key`, `diffs` as `packed` gives them.
    """

    reading_at: ReadingAt = reading_of_path
    blobs: dict[str, BlobRow] = field(default_factory=dict)
    judgements: dict[str, JudgementRow] = field(default_factory=dict)
    new_blobs: list[BlobRow] = field(default_factory=list)
    new_judgements: list[JudgementRow] = field(default_factory=list)
    diffs: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def know(self, blobs: Iterable[BlobRow], judgements: Iterable[JudgementRow]) -> None:
        """Takes over what an earlier run recorded."""
        self.blobs.update((row.key, row) for row in blobs)
        self.judgements.update((row.key, row) for row in judgements)

    def judgement(self, digest: str, profile: str) -> JudgementRow | None:
        """How a document was judged by the parameters of that name; None where nothing has judged it."""
        return self.judgements.get(judgement_key(digest, profile))

    def is_judged(self, key: str, profile: str) -> bool:
        """True where every document of a known content is judged by the parameters of that name."""
        row = self.blobs.get(key) or self.blobs.get(reading_of(key)[0])
        return row is not None and all(
            judgement_key(document.digest, profile) in self.judgements for document in row.documents
        )

    def key_of(self, path: str, blob: str) -> str:
        """The key in `blobs` of what the blob says in a file with that path."""
        reading = self.reading_at(path)
        key = content_key(blob, reading)
        return blob if reading == KUSTOMIZATION and key not in self.blobs else key

    def add(self, batch: Batch) -> None:
        """Takes what a worker found; a document that another blob brought already is kept once, and so is a
        blob that says the same under both sorts of names.

        Each batch comes with texts of its own: the same kinds, names and messages are one text here, which
        halves what a long history takes of memory.
        """
        for blob in batch.blobs:
            key = blob.key
            if key in self.blobs:
                continue
            row = blob._replace(
                documents=tuple(
                    DocumentRow(
                        document, item, line, intern(api_version), intern(kind), intern(namespace), intern(name),
                        intern(digest),
                    )
                    for document, item, line, api_version, kind, namespace, name, digest in blob.documents
                )
            )  # fmt: skip
            self.blobs[key] = row
            self.new_blobs.append(row)
        for judgement in batch.judgements:
            if judgement.key not in self.judgements:
                kept = JudgementRow(
                    intern(judgement.digest), intern(judgement.evaluated),
                    tuple(VerdictRow(*map(intern, verdict)) for verdict in judgement.verdicts),
                    intern(judgement.view), intern(judgement.profile),
                )  # fmt: skip
                self.judgements[kept.key] = kept
                self.new_judgements.append(kept)
        for diff in batch.diffs:
            self.diffs.setdefault((intern(diff.old_digest), intern(diff.new_digest)), diff.fields)

    def drop(self, keys: Iterable[str]) -> None:
        """Forgets as new the judgements (by key) that an earlier run recorded: another file had brought the same
        document."""
        recorded = set(keys)
        self.new_judgements = [row for row in self.new_judgements if row.key not in recorded]
