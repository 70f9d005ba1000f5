"""What a long history keeps in memory until it is recorded."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.pipeline.mining.contents import packed, unpacked

texts = st.lists(
    st.tuples(st.text(max_size=20), st.none() | st.text(max_size=300), st.none() | st.text(max_size=300))
)


@given(texts)
def test_fields_come_back_as_they_were(fields: list[tuple[str, str | None, str | None]]) -> None:
    written = json.dumps(fields).encode()
    assert unpacked(packed(written)) == written


def test_long_fields_take_less() -> None:
    written = json.dumps(
        [[f"/spec/values/{number}", None, "registry.example.com/image"] for number in range(100)]
    )
    assert len(packed(written.encode())) < len(written) / 4


@pytest.mark.skipif(sys.platform != "linux", reason="what is set is glibc's")
def test_large_blocks_are_given_back_while_others_are_kept() -> None:
    """In a process of its own: small blocks are kept between large ones, and only the large ones are let go of."""
    program = """
import sys
from auditor.pipeline.mining.allocating import give_back_early

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

if sys.argv[1] == "early":
    give_back_early()
bytearray(24 * 1024 * 1024)  # what raises glibc's own bound
start, kept, large = resident(), [], []
for number in range(40):
    large.append(bytearray(1024 * 1024))
    kept.append(bytearray(2000))
large.clear()
print(resident() - start)
"""
    grown = [
        int(subprocess.run([sys.executable, "-c", program, how], check=True, capture_output=True).stdout)
        for how in ("early", "late")
    ]
    assert grown[0] < 4 * 1024 * 1024
    assert grown[0] <= grown[1]
