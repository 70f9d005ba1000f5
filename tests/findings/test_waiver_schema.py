"""The published JSON Schema of waivers refuses what the reader refuses by form, and takes what it takes."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import jsonschema
import pytest
import yaml

from auditor.assets import asset_folder
from auditor.findings.waivers import WaiverTerms, read_waivers

ENTRY: dict[str, Any] = {
    "rule": "A-1",
    "resource": {"name": "x"},
    "reason": "r",
    "owner": "o",
    "expires": "2027-01-01",
}
CASES: list[dict[str, Any]] = [
    {},
    {"ticket": "T-1", "granted": "2026-01-01"},
    {"resource": {"environment": "e", "namespace": "n", "kind": "k", "path": "p", "pointer": "q"}},
    {"rule": ""},
    {"rule": 3},
    {"reason": " "},
    {"owner": ["a"]},
    {"resource": {}},
    {"resource": {"names": "x"}},
    {"resource": {"name": ""}},
    {"resource": "x"},
    {"expires": "soon"},
    {"expires": "2027-02-30"},
    {"granted": "1.1.2027"},
    {"ticket": " "},
    {"until": "2027-01-01"},
]


@pytest.mark.parametrize("change", CASES)
def test_schema_and_reader_agree(change: dict[str, Any]) -> None:
    schema = json.loads((asset_folder("data") / "waivers.schema.json").read_text())
    document = {"version": 1, "waivers": [{**ENTRY, **change}]}
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    by_schema = checker.is_valid(document)
    terms = WaiverTerms(rules=frozenset({"A-1", "3"}))
    read = read_waivers(yaml.safe_dump(document).encode(), terms, date(2026, 6, 1))
    by_reader = not read.mistakes
    # The file's reader takes `rule: 3` as the text that it is.
    assert by_schema == (by_reader and change != {"rule": 3})


@pytest.mark.parametrize("key", ["rule", "resource", "reason", "owner", "expires"])
def test_what_is_required_is_required_by_both(key: str) -> None:
    schema = json.loads((asset_folder("data") / "waivers.schema.json").read_text())
    document = {"version": 1, "waivers": [{name: value for name, value in ENTRY.items() if name != key}]}
    assert not jsonschema.Draft202012Validator(schema).is_valid(document)
    read = read_waivers(
        yaml.safe_dump(document).encode(), WaiverTerms(rules=frozenset({"A-1"})), date(2026, 6, 1)
    )
    assert key in read.mistakes[0].message
