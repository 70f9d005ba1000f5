"""The images that the tip declares, as it is written and as it is rendered, into the store.

Each content is looked at once: what it says of images is known by its documents' digests, and a later run reads only
what is new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from auditor.git.blobs import ObjectReader
from auditor.git.mirror import Mirror
from auditor.manifests.formats import parse_reading
from auditor.manifests.image_fields import images_in
from auditor.manifests.image_markers import SETTER, ImageMarker, markers_in
from auditor.manifests.secrets import Redactor
from auditor.model import Document, Resource
from auditor.pipeline.mining.contents import reading_of
from auditor.store.database import Database
from auditor.store.images import NOTHING_KNOWN, forget_images, known_images, record_images
from auditor.store.writer import Writer

_MARKS = (b"mage", b"repository", b"FROM", b"from", b"From")
"""One of these is in every file that names an image."""


@dataclass(frozen=True, kw_only=True)
class TipImages:
    """`references`, `markers` and `contents` are new rows of trail.image_reference, .image_marker and .image_file
    without repo; `marked` all of trail.marked_file."""

    references: list[tuple[Any, ...]] = field(default_factory=list)
    markers: list[tuple[Any, ...]] = field(default_factory=list)
    contents: list[tuple[str]] = field(default_factory=list)
    marked: list[tuple[str, str]] = field(default_factory=list)

    def record(self, writer: Writer, repo: str, *, anew: bool) -> None:
        """Into the store; `anew` says that what earlier runs have read counts no more."""
        if anew:
            forget_images(writer, repo)
        record_images(
            writer,
            repo,
            references=self.references,
            markers=self.markers,
            contents=self.contents,
            marked=self.marked,
        )


class ImageReading:
    """Reads the images of a tip; `read` gives what the database does not hold yet."""

    def __init__(
        self, mirror: Mirror, *, database: Database, repo: str, redactor: Redactor, resumes: bool
    ) -> None:
        """`resumes`: what earlier runs have read counts still."""
        self._mirror = mirror
        self._known = known_images(database, repo) if resumes else NOTHING_KNOWN
        self._redactor = redactor
        self._digests = set(self._known.digests)
        self._rendered: list[tuple[Any, ...]] = []

    def look(self, document: Document) -> None:
        """Takes the images of a document as it was rendered: what is kept of it has no manifest."""
        if document.manifest:
            self._rendered.extend(_rows(document, self._digests, self._redactor.redact_text))

    def read(
        self, shown: Mapping[str, str], *, carried: Iterable[str], rendered: Iterable[Resource]
    ) -> TipImages:
        """`shown` are the judged files of the tip with the keys of their contents, `carried` the keys of earlier
        contents that files stand for which cannot be read, `rendered` what the tip renders to."""
        for item in rendered:
            self.look(item.document)
        found = TipImages(references=self._rendered)
        digests = self._digests
        new = sorted({key for key in (*shown.values(), *carried) if key not in self._known.contents})
        with_markers = set(self._known.marked)
        if new:
            with ObjectReader(self._mirror.git, self._mirror.path) as reader:
                blobs = [reading_of(key)[0] for key in new]
                for key, (_, content) in zip(new, reader.read_many(blobs), strict=True):
                    found.contents.append((key,))
                    self._file(key, content or b"", digests, found)
        with_markers.update(row[0] for row in found.markers)
        found.marked.extend((path, key) for path, key in sorted(shown.items()) if key in with_markers)
        return found

    def _file(self, key: str, content: bytes, digests: set[str], found: TipImages) -> None:
        if not any(mark in content for mark in _MARKS):
            return
        blob = parse_reading(content, reading_of(key)[1], redactor=self._redactor)
        for document in blob.documents:
            found.references.extend(_rows(document, digests, self._redactor.redact_text))
        if SETTER in content:
            found.markers.extend(_marker_rows(key, blob.documents, markers_in(content)))


def _rows(document: Document, digests: set[str], redact: Callable[[str], str]) -> Iterator[tuple[Any, ...]]:
    if document.digest in digests:
        return
    digests.add(document.digest)
    for image in images_in(document.manifest):
        parts = image.reference
        yield (
            document.digest,
            image.pointer,
            image.field,
            redact(image.image),
            *((parts.registry, parts.repository, parts.tag, parts.digest) if parts else ("", "", "", "")),
            list(image.pointers),
        )


def _marker_rows(
    key: str, documents: Iterable[Document], markers: Iterable[ImageMarker]
) -> Iterator[tuple[Any, ...]]:
    by_place = {(document.index, document.item): document.digest for document in documents}
    for marker in markers:
        digest = by_place.get((marker.document, marker.item))
        if digest is not None:
            yield key, digest, marker.pointer, marker.policy, marker.part, marker.line
