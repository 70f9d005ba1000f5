"""Which names are read as what."""

from __future__ import annotations

import pytest

from auditor.manifests.formats import (
    FORMATS,
    format_of,
    is_readable_name,
    parse_file,
    parse_reading,
    reading_of_path,
)
from auditor.manifests.layout import FileRole, Layout
from auditor.manifests.secrets import Redactor


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("Dockerfile", "dockerfile"),
        ("a/dockerfile", "dockerfile"),
        ("a/Dockerfile.dev", "dockerfile"),
        ("a/web.Dockerfile", "dockerfile"),
        ("Containerfile", "dockerfile"),
        ("a/Containerfile.alpine", "dockerfile"),
        ("a/Dockerfile.dockerignore", ""),
        ("a/Dockerfile.j2", ""),
        ("a/Dockerfile.md", ""),
        ("a/Dockerfile/x", ""),
        ("a/myDockerfile", ""),
        ("main.tf", "terraform"),
        ('"a/\\377.tf"', "terraform"),
        ('"a\\377/Dockerfile"', "dockerfile"),
        ("a/main.tf.json", "terraform"),
        ("a/.terraform/modules/x/main.tf", ""),
        (".terragrunt-cache/x/main.tf", ""),
        ("a/production.auto.tfvars", "terraform"),
        ("a/terraform.tfvars.example", ""),
        ("a/x.tf.yaml", ""),
        ("deploy.yaml", ""),
    ],
)
def test_the_name_decides(path: str, name: str) -> None:
    found = format_of(path)
    assert (found.name if found else "") == name


def test_a_blob_is_read_once_for_each_way_of_reading_it() -> None:
    assert reading_of_path("a/deploy.yaml") == reading_of_path("b/other.yml") == ""
    assert reading_of_path("a/kustomization.yaml") == "kustomization"
    # What a module's file says depends on its folder, so each path is a reading of its own.
    assert reading_of_path("a/main.tf") != reading_of_path("b/main.tf")


def test_a_manifest_under_another_name_is_no_manifest() -> None:
    content = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"
    redactor = Redactor(b"k" * 32)
    assert [one.kind for one in parse_file(content, "x.yaml", redactor=redactor).documents] == ["ConfigMap"]
    assert parse_file(content, "x.tf", redactor=redactor).documents == ()


@pytest.mark.parametrize("path", ["a.yaml", "main.tf", "Dockerfile", "Kustomization"])
def test_readable(path: str) -> None:
    assert is_readable_name(path)


@pytest.mark.parametrize("path", ["README.md", "main.go", "a/.terraform/x.tf", "Dockerfile.md"])
def test_not_readable(path: str) -> None:
    assert not is_readable_name(path)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("a/main.tf", b"locals {}"),
        ("a/Dockerfile", b"FROM a"),
        ("a/x.yaml", b"apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n"),
        ("a/kustomization.yaml", b"resources: [b]\n"),
    ],
)
def test_a_reading_says_what_its_file_says(path: str, content: bytes) -> None:
    redactor = Redactor(b"k" * 32)
    said = parse_file(content, path, redactor=redactor)
    assert said.documents
    assert parse_reading(content, reading_of_path(path), redactor=redactor) == said


@pytest.mark.parametrize(
    "path", ["a/main.tf", "a/x.tf.json", "a/x.tfvars", "Dockerfile", "a/templates/Dockerfile"]
)
def test_sources_are_judged_as_they_stand_wherever_they_are(path: str) -> None:
    layout = Layout()
    layout.apply({path: None, "a/Chart.yaml": None}, ())
    assert layout.role(path) is FileRole.SOURCE
    assert layout.is_judged(path)
    assert sum(one.is_named(path) for one in FORMATS) == 1
