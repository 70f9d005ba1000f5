"""What each blob says and how it was judged: computed once a blob, kept for the replay of history.

A kustomization without apiVersion and kind is one by its file's name alone. Such a blob is read once for each
sort of names, and its reading as a kustomization is a row of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from sys import intern
from typing import NamedTuple

from auditor.manifests.layout import is_kustomization_name

_AS_KUSTOMIZATION = ":kustomization"


def content_key(blob: str, as_kustomization: bool) -> str:
    """What a reading of a blob is known by: the blob's id, marked where its file is named as a kustomization."""
    return blob + _AS_KUSTOMIZATION if as_kustomization and blob else blob


def reading_of(key: str) -> tuple[str, bool]:
    """The blob's id, and whether it is read as a kustomization: what `content_key` was given."""
    blob, _, marked = key.partition(":")
    return blob, bool(marked)


def key_at(path: str, blob: str) -> str:
    """The `content_key` of what a file with that path and blob asks for; '' for no blob."""
    return content_key(blob, is_kustomization_name(path))


class DocumentRow(NamedTuple):
    """One Kubernetes object of a blob; columns of trail.document after repo and blob, but the last."""

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
    """All that one blob says. `as_kustomization`: it says so only where its file is named as a kustomization."""

    blob: str
    is_kustomization: bool
    fragments: tuple[str, ...]
    documents: tuple[DocumentRow, ...]
    problems: tuple[ProblemRow, ...]
    as_kustomization: bool

    @property
    def key(self) -> str:
        """The row's `content_key`."""
        return content_key(self.blob, self.as_kustomization)


class JudgementRow(NamedTuple):
    """The verdicts on one document content; `evaluated` are rule ids joined by blanks.

    `view` is what rules over several resources read of it (JSON), '' where none looks at its kind.
    """

    digest: str
    evaluated: str
    verdicts: tuple[VerdictRow, ...]
    view: str = ""


class DiffRow(NamedTuple):
    """The fields that differ between two versions of a resource, '' for a version that is not there.

    `fields` is the JSON array of [pointer, old value, new value], sorted by pointer.
    """

    old_digest: str
    new_digest: str
    fields: bytes


class Batch(NamedTuple):
    """What a worker gives back for a number of blobs."""

    blobs: tuple[BlobRow, ...]
    judgements: tuple[JudgementRow, ...]
    diffs: tuple[DiffRow, ...]


@dataclass(slots=True)
class Contents:
    """Everything known of blobs (by `content_key`) and documents, from this run (`new_*`) and from earlier ones."""

    blobs: dict[str, BlobRow] = field(default_factory=dict)
    judgements: dict[str, JudgementRow] = field(default_factory=dict)
    new_blobs: list[BlobRow] = field(default_factory=list)
    new_judgements: list[JudgementRow] = field(default_factory=list)
    diffs: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def know(self, blobs: Iterable[BlobRow], judgements: Iterable[JudgementRow]) -> None:
        """Takes over what an earlier run recorded."""
        self.blobs.update((row.key, row) for row in blobs)
        self.judgements.update((row.digest, row) for row in judgements)

    def key_of(self, path: str, blob: str) -> str:
        """The key in `blobs` of what the blob says in a file with that path."""
        key = content_key(blob, True)
        return key if key in self.blobs and is_kustomization_name(path) else blob

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
            if judgement.digest not in self.judgements:
                kept = JudgementRow(
                    intern(judgement.digest), intern(judgement.evaluated),
                    tuple(VerdictRow(*map(intern, verdict)) for verdict in judgement.verdicts),
                    intern(judgement.view),
                )  # fmt: skip
                self.judgements[kept.digest] = kept
                self.new_judgements.append(kept)
        for diff in batch.diffs:
            self.diffs.setdefault((intern(diff.old_digest), intern(diff.new_digest)), diff.fields)

    def drop(self, digests: Iterable[str]) -> None:
        """Forgets as new what an earlier run recorded: another file had brought the same document."""
        recorded = set(digests)
        self.new_judgements = [row for row in self.new_judgements if row.digest not in recorded]
