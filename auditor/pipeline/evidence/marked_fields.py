"""Which fields image automation was told to set, in the files that its commits changed, as they were before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from auditor.changecontrol.evidence import FieldTouch, MarkedField
from auditor.git.blobs import ObjectReader
from auditor.git.mirror import Mirror
from auditor.manifests.formats import parse_file
from auditor.manifests.image_markers import SETTER, markers_in
from auditor.manifests.secrets import Redactor
from auditor.model import ActorKind, Commit
from auditor.store.landed import LandedEvidence

Marked = dict[tuple[str, str], Mapping[MarkedField, str]]
"""(commit, path) → the marked fields with `namespace/name` of their ImagePolicy; files without markers are missing."""


def marked_fields(
    mirror: Mirror,
    redactor: Redactor,
    facts: LandedEvidence,
    touches: Iterable[Sequence[FieldTouch]],
    commits: Mapping[str, Commit],
) -> Marked:
    """The markers of all files that commits of automation changed. A marker counts where it stood before the commit:
    one that the commit itself brings allows nothing."""
    shas = {touch.resource.sha for landed in touches for touch in landed}
    automated = {sha for sha in shas if sha not in commits or commits[sha].actor_kind is ActorKind.AUTOMATION}
    rows = list(facts.blobs_before(automated)) if automated else []
    if not rows:
        return {}
    by_blob: dict[tuple[str, str], Mapping[MarkedField, str]] = {}
    found: Marked = {}
    with ObjectReader(mirror.git, mirror.path) as reader:
        blobs = sorted({blob for _, _, blob in rows})
        holding = {
            blob: text for blob, text in reader.read_many(blobs) if text is not None and SETTER in text
        }
    for sha, path, blob in rows:
        if blob not in holding:
            continue
        key = blob, path.rpartition("/")[2]
        if key not in by_blob:
            by_blob[key] = _fields(holding[blob], path, redactor)
        found[sha, path] = by_blob[key]
    return found


def _fields(content: bytes, path: str, redactor: Redactor) -> Mapping[MarkedField, str]:
    documents = {
        (document.index, document.item): document
        for document in parse_file(content, path, redactor=redactor).documents
    }
    fields: dict[MarkedField, str] = {}
    for marker in markers_in(content):
        document = documents.get((marker.document, marker.item))
        if document is not None:
            field = MarkedField(document.kind, document.namespace, document.name, marker.pointer)
            fields[field] = marker.policy
    return fields
