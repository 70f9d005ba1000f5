"""Schemas in a check: definitions among the files and in folders, unknown fields, kinds without schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli.checked import check_json, of_rule
from cli.command import Run

SCHEMA, MISSING = "AUD-SCHEMA-0001", "AUD-SCHEMA-0002"
CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: shops.example.org}
spec:
  group: example.org
  names: {kind: Shop, plural: shops}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}
"""
SHOP = """\
apiVersion: example.org/v1
kind: Shop
metadata: {name: corner, namespace: shop}
spec:
  size: 1
  sise: 2
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "manifests"
    folder.mkdir()
    (folder / "shop.yaml").write_text(SHOP)
    return folder


def configure(tmp_path: Path, **schemas: Any) -> Path:
    file = tmp_path / "auditor.yaml"
    file.write_text(json.dumps({"schemas": schemas}))
    return file


def found(report: dict[str, Any], rule: str = SCHEMA) -> list[tuple[str, int]]:
    return [(entry["pointer"], entry["line"]) for entry in of_rule(report["findings"], rule)]


def test_definitions_among_the_files_count(run: Run, folder: Path) -> None:
    assert found(check_json(run, folder)) == []
    (folder / "crd.yaml").write_text(CRD)
    assert found(check_json(run, folder)) == [("spec.sise", 6)]
    assert found(check_json(run, folder, "--no-strict")) == []
    assert found(check_json(run, folder, "--jobs", "2")) == [("spec.sise", 6)]


def test_definitions_in_a_folder_count(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "known" / "deep").mkdir(parents=True)
    (tmp_path / "known" / "deep" / "crd.yml").write_text(CRD)
    config = configure(tmp_path, folders=[str(tmp_path / "known")])
    assert found(check_json(run, folder, "--config", config)) == [("spec.sise", 6)]


def test_json_schemas_in_a_folder_count(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "known" / "example.org").mkdir(parents=True)
    schema = {"properties": {"spec": {"properties": {"size": {"type": "string"}}}}}
    (tmp_path / "known" / "example.org" / "shop_v1.json").write_text(json.dumps(schema))
    config = configure(tmp_path, folders=[str(tmp_path / "known")])
    assert found(check_json(run, folder, "--config", config)) == [("spec.size", 5)]


def test_a_missing_schema_fails_where_that_is_asked(run: Run, folder: Path, tmp_path: Path) -> None:
    report = check_json(run, folder)
    assert found(report, MISSING) == []
    [skipped] = report["skipped"]
    assert f"{SCHEMA}: no schema for example.org/v1 Shop is known" in skipped["reason"]
    assert found(check_json(run, folder, "--fail-on-missing-schema"), MISSING) == [("", 1)]
    config = configure(tmp_path, fail_on_missing=True)
    assert found(check_json(run, folder, "--config", config), MISSING) == [("", 1)]
    config = configure(tmp_path, fail_on_missing=True, ignore_kinds=["example.org/*"])
    assert found(check_json(run, folder, "--config", config), MISSING) == []


def test_a_folder_that_is_none_is_wrong_configuration(run: Run, folder: Path, tmp_path: Path) -> None:
    ran = run("check", folder, "--config", configure(tmp_path, folders=[str(tmp_path / "none")]))
    assert ran.code == 2
    assert "schemas.folders" in ran.err


def test_terraform_and_dockerfiles_have_no_schema_to_miss(run: Run, folder: Path) -> None:
    (folder / "main.tf").write_text('resource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\n')
    (folder / "Dockerfile").write_text("FROM scratch\nUSER 1000\n")
    report = check_json(run, folder, "--fail-on-missing-schema")
    assert found(report, MISSING) == [("", 1)]
    assert {entry["path"].rpartition("/")[2] for entry in of_rule(report["findings"], MISSING)} == {
        "shop.yaml"
    }
    assert not [
        entry for entry in report["skipped"] if "schema" in entry["reason"] and "Shop" not in entry["reason"]
    ]
