"""Folders of JSON Schemas in the layout group/kind_version.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from policy.policy_support import document

from auditor.errors import ConfigurationError
from auditor.policy.schemas import SchemaCatalogue, SchemaOptions

# As openapi2jsonschema writes them, with which kubeconform's users make theirs.
SHOP: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"type": "object"},
        "spec": {
            "type": "object",
            "properties": {
                "size": {"type": "integer"},
                "port": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
            },
            "required": ["size"],
            "additionalProperties": False,
        },
    },
}


def write(folder: Path, schema: Any, name: str = "example.org/shop_v1.json") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(schema if isinstance(schema, str) else json.dumps(schema))
    return folder


def judged(
    folder: Path | list[Path], spec: Any, *, strict: bool = True, version: str = "v1"
) -> list[tuple[str, str]]:
    folders = tuple(folder) if isinstance(folder, list) else (folder,)
    catalogue = SchemaCatalogue("1.37", (), SchemaOptions(folders=folders, strict=strict))
    shop = {"apiVersion": f"example.org/{version}", "kind": "Shop", "metadata": {"name": "s"}, "spec": spec}
    return [(verdict.outcome.value, verdict.pointer) for verdict in catalogue.check(document(shop))]


def test_a_kind_is_judged_by_its_file(tmp_path: Path) -> None:
    folder = write(tmp_path, SHOP)
    assert judged(folder, {"size": 1, "port": None}) == []
    assert judged(folder, {"size": 1, "sise": 1}) == [("fail", "spec.sise")]
    assert judged(folder, {"size": 1, "port": []}) == [("fail", "spec.port")]
    assert judged(folder, {}) == [("fail", "spec")]
    assert judged(folder, {}, version="v2") == [("skipped", "")]


def test_without_strict_unknown_fields_stay(tmp_path: Path) -> None:
    assert judged(write(tmp_path, SHOP), {"size": 1, "sise": 1}, strict=False) == []
    assert judged(tmp_path, {"size": "1", "sise": 1}, strict=False) == [("fail", "spec.size")]


def test_the_first_folder_decides(tmp_path: Path) -> None:
    one, two = write(tmp_path / "one", SHOP), write(tmp_path / "two", {"type": "object"})
    assert judged([one, two], {}) == [("fail", "spec")]
    assert judged([two, one], {}) == []


@pytest.mark.parametrize(
    "schema", ["{", "[]", '{"type": "nothing"}', '{"$ref": "http://127.0.0.1:9/x"}', '{"$ref": "other.json"}']
)
def test_a_file_that_holds_no_usable_schema_is_an_error(tmp_path: Path, schema: str) -> None:
    assert judged(write(tmp_path, schema), {}) == [("error", "")]


@pytest.mark.parametrize("kind", ["../shop", "Shop/../../x", "", "Sh\0op", "a" * 5000])
def test_no_kind_leads_out_of_the_folder(tmp_path: Path, kind: str) -> None:
    write(tmp_path, SHOP, "x_v1.json")
    folder = write(tmp_path / "in", SHOP)
    catalogue = SchemaCatalogue("1.37", (), SchemaOptions(folders=(folder,)))
    found = catalogue.check(document({"apiVersion": "example.org/v1", "kind": kind}))
    assert [verdict.outcome.value for verdict in found] == ["skipped"]


def test_a_folder_that_is_none_is_wrong_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="missing"):
        judged(tmp_path / "missing", {})


def test_the_digest_follows_names_and_contents(tmp_path: Path) -> None:
    def digest() -> str:
        return SchemaCatalogue("1.37", (), SchemaOptions(folders=(tmp_path,))).digest

    found = [digest()]
    write(tmp_path, SHOP)
    found.append(digest())
    write(tmp_path, {**SHOP, "title": "x"})
    found.append(digest())
    (tmp_path / "example.org" / "shop_v1.json").rename(tmp_path / "example.org" / "shop_v2.json")
    found.append(digest())
    assert len(set(found)) == 4
    assert digest() == found[-1]
