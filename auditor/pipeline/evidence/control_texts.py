"""Texts and manifests of the few controls that changed, read again from the mirror."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from auditor.changecontrol.evidence import ResourceTouch
from auditor.changecontrol.rules.control_weakened import CONTROL_FILES
from auditor.changecontrol.weakening.resources import is_compared
from auditor.errors import GitError
from auditor.git.blobs import ObjectReader
from auditor.git.mirror import Mirror
from auditor.manifests.formats import parse_reading
from auditor.manifests.secrets import Redactor
from auditor.model import FileChange
from auditor.store.landed import LandedEvidence

_CONTROL = re.compile(CONTROL_FILES)
_TEXTS_LIMIT = 32 * 1024 * 1024
"""Bytes of controls' files that are held at a time; what is beyond is read one by one."""


class ControlTexts:
    """Call `close` when no rule asks any more."""

    def __init__(
        self,
        mirror: Mirror,
        redactor: Redactor,
        facts: LandedEvidence,
        touched: Mapping[str, Sequence[ResourceTouch]],
    ) -> None:
        self._mirror = mirror
        self._redactor = redactor
        digests = {
            digest
            for resources in touched.values()
            for resource in resources
            if is_compared(resource.group, resource.kind)
            for digest in (resource.old_digest, resource.new_digest)
            if digest
        }
        rows = facts.blobs_of(digests) if digests else ()
        self._blobs = {digest: (blob, reading) for digest, blob, reading in rows}
        self._of_blob = lru_cache(maxsize=64)(self._parsed)
        self._reader: ObjectReader | None = None
        self._texts: dict[str, bytes | None] = {}

    def text(self, blob: str) -> bytes | None:
        """A blob's bytes; None where it is over the size limit or cannot be read."""
        if blob in self._texts:
            return self._texts[blob]
        if self._reader is None:
            self._reader = ObjectReader(self._mirror.git, self._mirror.path)
        try:
            return self._reader.read(blob)
        except GitError:
            return None

    def ask_for(self, files: Mapping[str, Sequence[FileChange]]) -> None:
        """Reads both sides of the files that are controls at once, as far as they are kept in memory."""
        wanted: dict[str, None] = {}
        for changes in files.values():
            for file in changes:
                if _CONTROL.search(file.path) or _CONTROL.search(file.old_path):
                    wanted.update(dict.fromkeys(blob for blob in (file.old_blob, file.new_blob) if blob))
        held = 0
        with ObjectReader(self._mirror.git, self._mirror.path) as reader:
            for blob, content in reader.read_many(wanted):
                held += len(content or b"")
                if held > _TEXTS_LIMIT:
                    break
                self._texts[blob] = content

    def close(self) -> None:
        """Ends the process that reads."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def manifest(self, digest: str) -> Mapping[str, Any] | None:
        """The manifest with that digest; None where it cannot be had."""
        blob, reading = self._blobs.get(digest, ("", ""))
        return self._of_blob(blob, reading).get(digest) if blob else None

    def _parsed(self, blob: str, reading: str) -> Mapping[str, Mapping[str, Any]]:
        content = self.text(blob)
        if content is None:
            return {}
        parsed = parse_reading(content, reading, redactor=self._redactor)
        return {document.digest: document.manifest for document in parsed.documents}
