"""Scalars against what kubectl's own YAML library makes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from auditor.manifests.limits import DEFAULT_LIMITS
from auditor.manifests.reading import ReadBlob, read_exactly
from auditor.manifests.scalars import ScalarError, key_of, value_of

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "yaml-scalars.jsonl").read_text().splitlines()
]


def decode(text: str) -> Any:
    """JSON as Kubernetes decodes it into an unstructured object: integers beyond 64 bits are floats."""
    return json.loads(
        text, parse_int=lambda digits: int(digits) if -(2**63) <= int(digits) < 2**64 else float(digits)
    )


def read(value: str) -> ReadBlob:
    """Reads a manifest whose field `v` is written as given."""
    return read_exactly(f"apiVersion: v1\nv: {value}\n".encode(), DEFAULT_LIMITS)


def exactly(value: Any) -> str:
    """A text that tells 1 from 1.0 and true."""
    return repr(value)


def test_the_table_is_whole() -> None:
    assert len(ROWS) == 121


@pytest.mark.parametrize("row", ROWS, ids=[row["yaml"] or "(empty)" for row in ROWS])
def test_table(row: dict[str, str]) -> None:
    blob = read(row["yaml"])
    if row["error"].startswith("strict:"):
        assert [problem.code for problem in blob.problems] == ["duplicate-key"]
    elif row["error"]:
        assert not blob.documents
        expected = {"json": "unsupported-value", "yaml": "syntax", "unsu": "null-key"}[row["error"][:4]]
        assert [problem.code for problem in blob.problems] == [expected]
        return
    else:
        assert not blob.problems
    assert exactly({"v": blob.documents[0].value["v"]}) == exactly(decode(row["json"]))


# Read by kubectl 1.3x (`kubectl label --local -o json`), which uses the same library.
@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("0b+1", 1),
        ("-0b-1", "-0b-1"),
        ("0777777777777777777777777", 7.777777777777778e23),
        ("0x1ffffffffffffffffff", "0x1ffffffffffffffffff"),
        ("-0", 0),
        ("-0.0", 0),
        ("1e18", 10**18),
        ("4611686018427387904.0", 4611686018427388000),
        ("9.3e18", 9.3e18),
        ("1e21", 1e21),
        ("1e-7", 1e-07),
        (".5_0", 0.5),
        ("._5", "._5"),
        (".5e1_0", 5_000_000_000),
        ("1_e3", 1000),
        (".1e400", ".1e400"),
        ("1:30", "1:30"),
        ("2024-13-01", "2024-13-01"),
    ],
)
def test_corners(written: str, value: object) -> None:
    assert exactly(value_of(written)) == exactly(value)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("1.5e6", "1.5e+06"),
        ("1e3", "1000"),
        ("1e20", "1e+20"),
        ("123456789.0", "1.2345679e+08"),
        ("0.00001", "1e-05"),
        ("16777217.0", "1.6777216e+07"),
        (".inf", ".inf"),
    ],
)
def test_float_keys_are_written_as_go_writes_single_precision(written: str, key: str) -> None:
    assert key_of(written) == key


@pytest.mark.parametrize("written", ["18446744073709551615", "~", "null", ""])
def test_keys_that_kubectl_refuses(written: str) -> None:
    with pytest.raises(ScalarError):
        key_of(written)


@pytest.mark.parametrize(
    ("document", "value"),
    [
        ("! 5", "5"),
        ('! "5"', "5"),
        ("&a ! 5", "5"),
        ('!!null ""', None),
        ("!!binary 4oJh", "\ufffd\ufffda"),
        ("!!set {a, b}", {"a": None, "b": None}),
        ('!!timestamp "2024-01-01"', "2024-01-01"),
        ("!!str", ""),
        ("!!int 0b+1", 1),
        ("!!map x", "x"),
        ('!<tag:yaml.org,2002:int> "7"', 7),
        ("!local {a: b}", {"a": "b"}),
        ("{!!str 1: b}", {"1": "b"}),
        ('{1: a, "1": b}', {"1": "b"}),
    ],
)
def test_tags(document: str, value: object) -> None:
    blob = read(document)
    assert exactly(blob.documents[0].value["v"]) == exactly(value)


@pytest.mark.parametrize(
    "document",
    [
        "!!float 18446744073709551615",
        "!!int 5.0",
        "!!null x",
        "!!bool foo",
        '!!binary "x"',
        '!!binary "aG k="',
        "{[a]: b}",
        "!!float yes",
        "!!timestamp 2024-13-01",
        "!!timestamp foo",
        '!!int ""',
        "&a [*a]",
        "*zz",
    ],
)
def test_documents_that_kubectl_refuses(document: str) -> None:
    blob = read(document)
    assert not blob.documents
    assert len(blob.problems) == 1
