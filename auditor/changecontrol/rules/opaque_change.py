"""Something landed that a review of the text does not show."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from auditor.changecontrol.evidence import FieldTouch
from auditor.changecontrol.globs import matches
from auditor.changecontrol.interface import Asked, ChangeVerdict, LandedChange
from auditor.model import FileChange

_REMOTE = re.compile(r"[a-z][a-z0-9+.-]*://|git@|git::|github\.com/|[^\n]*\?ref=")
_REF = re.compile(r"[?&](?:ref|version)=([^&\s]+)")
_BRANCH = re.compile(r"(?:refs/heads/.*|main|master|HEAD|develop|latest)")
_RELEASE = re.compile(r"/(?:v?\d+\.\d+(?:\.\d+)?[^/]*|[0-9a-f]{40})/")
_CONTENTS = {
    "binary": "a binary file: no review of the text shows what is in it",
    "lfs": "a pointer to a file that is kept elsewhere (Git LFS): its content is not in the history",
}


class OpaqueChange(Asked):
    """Submodules, files kept elsewhere, binary files, modes and links, and bases from where a branch stands.

    Somebody else's release that was copied in (`vendored`) holds binary files and programs, and may.
    """

    id = "AUD-CHG-0027"

    def judge(self, change: LandedChange) -> Iterable[ChangeVerdict]:
        """One verdict a path."""
        known, sha = change.known, change.commit.sha
        files = known.files.get(sha)
        bases = known.remote_bases.get(sha)
        if not files and not bases:
            return ()
        found = []
        for file in files or ():
            why = _why(file, known.contents, is_vendored=matches(file.path, known.options.vendored))
            if why:
                found.append(ChangeVerdict(message=f"{file.path} is {why}", path=file.path))
        for base in bases or ():
            for address in _unpinned(base):
                found.append(
                    ChangeVerdict(
                        message=f"{address} is taken in from wherever its branch stands: what is deployed changes"
                        " without a change here",
                        environment=base.resource.environment,
                        path=base.resource.path,
                        pointer=base.pointer,
                        about=address,
                    )
                )
        return found


def _why(file: FileChange, contents: Mapping[str, str], *, is_vendored: bool) -> str:
    if file.new_mode == "160000":
        return f"a submodule, now at {file.new_blob[:12]} of another repository, which is not in this history"
    if is_vendored or not file.new_mode:
        return ""
    if file.new_mode == "120000":
        return "a symbolic link: what it shows stands elsewhere" if file.old_blob != file.new_blob else ""
    if file.old_blob != file.new_blob and file.new_blob in contents:
        return _CONTENTS[contents[file.new_blob]]
    if file.new_mode == "100755" and file.old_mode == "100644":
        return "executable now, and was not"
    if file.old_mode == "120000":
        return "a file now, and was a symbolic link"
    return ""


def _unpinned(base: FieldTouch) -> Iterator[str]:
    before = set(_texts(base.old_value))
    for entry in _texts(base.new_value):
        if entry not in before and _REMOTE.match(entry) and not _is_pinned(entry):
            yield entry


def _texts(value: str | None) -> list[str]:
    entries = json.loads(value) if value else []
    return [entry for entry in entries if isinstance(entry, str)] if isinstance(entries, list) else []


def _is_pinned(address: str) -> bool:
    ref = _REF.search(address)
    if ref is not None:
        return not _BRANCH.fullmatch(ref[1])
    return bool(_RELEASE.search(address))
