"""Files of checkpoints: what was appended is read back, whatever power failures left between."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.errors import TrailError
from auditor.trail.notefile import KeptHead, append_note, keep_head, read_head, read_notes, split_notes
from auditor.trail.notes import Checkpoint, new_key, parse_note, sign

KEY = new_key("example.com/a")
NOTES = [sign(Checkpoint(origin=KEY.name, size=size, root=b"r" * 32).text(), KEY) for size in range(3)]


def test_notes_are_read_back_as_they_were_appended(tmp_path: Path) -> None:
    path = tmp_path / "notes"
    assert read_notes(path) == []
    assert [append_note(path, note) for note in NOTES] == [True, True, True]
    assert read_notes(path) == NOTES
    assert append_note(path, NOTES[2]) is False
    assert read_notes(path) == NOTES


def test_a_note_with_several_signatures_is_one() -> None:
    both = NOTES[0] + parse_signature(NOTES[1])
    assert split_notes(f"{both}\n{NOTES[2]}") == [both, NOTES[2]]
    assert split_notes(both + NOTES[2]) == [both, NOTES[2]]


def parse_signature(note: str) -> str:
    return note.rpartition("\n\n")[2]


def test_a_write_cut_off_anywhere_spoils_no_other_note(tmp_path: Path) -> None:
    begun = NOTES[1].encode()
    for cut in range(1, len(begun) - 1):
        path = tmp_path / f"notes-{cut}"
        path.write_bytes(NOTES[0].encode() + b"\n" + begun[:cut])
        append_note(path, NOTES[2])
        found = read_notes(path)
        assert (found[0], found[-1]) == (NOTES[0], NOTES[2])
        assert len(found) > 2
        assert not any(map(is_whole, found[1:-1])), found


def is_whole(note: str) -> bool:
    try:
        return not parse_note(note).is_cut_off
    except TrailError:
        return False


def test_a_file_that_is_none_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "notes"
    path.write_bytes(b"\xff\xfe\x00")
    assert not any(map(is_whole, read_notes(path)))
    with pytest.raises(TrailError, match="cannot be read"):
        read_notes(tmp_path)


def test_the_kept_head_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "audit.duckdb.head"
    assert read_head(path) is None
    for size in (3, 5):
        kept = KeptHead(size=size, root=b"r" * 32, run="a")
        keep_head(path, kept)
        assert read_head(path) == kept
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"size":"3","root":"","run":""}', '{"size":3,"root":"ä","run":""}']
)
def test_a_damaged_head_is_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "head"
    path.write_text(text)
    with pytest.raises(TrailError, match="damaged"):
        read_head(path)
