"""Terraform's files as documents: identities, redaction, the JSON syntax, what is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.manifests.formats import locate_in, parse_file
from auditor.manifests.hcl import MOST_BYTES
from auditor.manifests.secrets import Redactor
from auditor.model import Document

REDACTOR = Redactor(b"k" * 32)


def documents_of(text: str, path: str = "infra/main.tf") -> tuple[Document, ...]:
    parsed = parse_file(text.encode(), path, redactor=REDACTOR)
    assert parsed.problems == ()
    return parsed.documents


def test_the_module_is_the_namespace_and_the_label_the_name() -> None:
    text = """
resource "aws_s3_bucket" "data" {}
data "aws_ami" "base" {}
module "vpc" { source = "../vpc" }
provider "aws" {}
provider "aws" { alias = "west" }
variable "region" {}
terraform {}
terraform {}
locals {}
"""
    assert [str(document.id) for document in documents_of(text)] == [
        "terraform/aws_s3_bucket infra/data",
        "terraform/data.aws_ami infra/base",
        "terraform/module infra/vpc",
        "terraform/provider infra/aws",
        "terraform/provider infra/aws.west",
        "terraform/variable infra/region",
        "terraform/terraform infra/main.tf",
        "terraform/terraform infra/main.tf#2",
        "terraform/locals infra/main.tf",
    ]
    assert documents_of("locals {}", "main.tf")[0].namespace == ""


def test_the_same_block_in_two_folders_is_two_resources() -> None:
    one, other = (
        documents_of('resource "a_b" "c" {}', path)[0] for path in ("staging/main.tf", "production/main.tf")
    )
    assert one.id != other.id
    assert one.digest != other.digest


def test_a_field_is_found_where_it_stands() -> None:
    text = """resource "aws_security_group" "web" {
  name = "web"

  ingress {
    from_port   = 22
    cidr_blocks = ["0.0.0.0/0"]
  }
}

variable "x" {
  default = 1
}
"""
    group, variable = documents_of(text)
    content = text.encode()
    assert (group.line, variable.line) == (1, 10)
    for document, pointer, place in (
        (group, "body.ingress[0].cidr_blocks", (6, 5)),
        (group, "body.ingress[0].cidr_blocks[0]", (6, 20)),
        (group, "body.ingress[0].to_port", (4, 3)),
        (group, "", (1, 1)),
        (variable, "body.default", (11, 3)),
    ):
        assert locate_in(content, "infra/main.tf", document, pointer) == place


@pytest.mark.parametrize(
    ("block", "leak"),
    [
        ('variable "db_password" { default = "hunter2x9" }', "hunter2x9"),
        ('variable "any" {\n sensitive = true\n default = "just-words" }', "just-words"),
        ('output "api_token" { value = "a1b2c3d4e5f6g7h8" }', "a1b2c3d4e5f6g7h8"),
        ('locals { admin_password = "hunter2x9" }', "hunter2x9"),
        ('resource "aws_db_instance" "x" { password = "hunter2x9" }', "hunter2x9"),
        ('resource "aws_db_instance" "x" { password = var.p ? "hunter2x9" : "y" }', "hunter2x9"),
        ('resource "aws_db_instance" "x" { password = coalesce(var.p, "hunter2x9") }', "hunter2x9"),
        ('resource "aws_secretsmanager_secret_version" "x" { secret_string = "just words" }', "just words"),
        (
            'resource "aws_secretsmanager_secret_version" "x" {\n'
            '  secret_string = jsonencode({ any = "just words" })\n}',
            "just words",
        ),
        (
            'resource "aws_ssm_parameter" "x" {\n type = "SecureString"\n value = "just words"\n}',
            "just words",
        ),
        ('resource "kubernetes_secret" "x" { data = { anything = "just words" } }', "just words"),
        ('resource "x_y" "z" {\n user_data = "AKIAIOSFODNN7ABCDEFG"\n}', "AKIAIOSFODNN7ABCDEFG"),
        ('provider "x" { nested { token = "a1b2c3d4e5f6g7h8" } }', "a1b2c3d4e5f6g7h8"),
    ],
)
def test_secrets_stop_at_the_door(block: str, leak: str) -> None:
    text = json.dumps(documents_of(block)[0].manifest)
    assert leak not in text
    assert "auditor-redacted:" in text


@pytest.mark.parametrize(
    "block",
    [
        'variable "db_password" { default = "" }',
        'variable "db_password" { sensitive = true }',
        'resource "aws_db_instance" "x" { password = var.password }',
        'resource "aws_db_instance" "x" { password = var.secrets["db_password"] }',
        'resource "kubernetes_secret" "x" { data = { key = var.key } }',
        'resource "x_y" "z" { secret_name = "db-credentials" }',
    ],
)
def test_references_to_secrets_are_none(block: str) -> None:
    assert "auditor-redacted" not in json.dumps(documents_of(block)[0].manifest)


def test_a_file_of_values_is_one_document() -> None:
    text = 'region = "eu"\ndb_password = "hunter2x9"\nnested = { token = "a1b2c3d4e5f6g7h8" }\n'
    (document,) = documents_of(text, "infra/prod.tfvars")
    assert str(document.id) == "terraform/tfvars infra/prod.tfvars"
    body = document.manifest["body"]
    assert body["region"] == "eu"
    assert body["db_password"].startswith("auditor-redacted:credential:")
    assert body["nested"]["token"].startswith("auditor-redacted:credential:")
    assert locate_in(text.encode(), "infra/prod.tfvars", document, "body.db_password") == (2, 1)
    assert documents_of("# nothing\n", "infra/empty.tfvars") == ()


def test_the_json_syntax_says_the_same() -> None:
    native = """
terraform {
  required_providers { aws = { source = "hashicorp/aws" } }
}
resource "aws_s3_bucket" "data" { acl = "private" }
module "vpc" { source = "../vpc" }
"""
    syntax = {
        "//": "a comment",
        "terraform": [{"required_providers": [{"aws": {"source": "hashicorp/aws"}}]}],
        "resource": {"aws_s3_bucket": {"data": {"acl": "private"}}},
        "module": [{"vpc": {"source": "../vpc"}}],
    }
    in_json = documents_of(json.dumps(syntax, indent=2), "infra/main.tf.json")
    assert [(one.kind, one.namespace, one.manifest["body"]) for one in in_json] == [
        (one.kind, one.namespace, one.manifest["body"]) for one in documents_of(native)
    ]
    bucket = in_json[1]
    content = json.dumps(syntax, indent=2).encode()
    line, _ = locate_in(content, "infra/main.tf.json", bucket, "body.acl")
    assert b'"acl"' in content.splitlines()[line - 1]


@pytest.mark.parametrize(
    ("content", "path", "code"),
    [
        (b"\xff\xfe", "a.tf", "not-utf8"),
        (b"#" * (MOST_BYTES + 1), "a.tf", "limit"),
        (b"a: &a [1]\nb: *a\n", "a.tf.json", "syntax"),
        (b'{"resource": ' + b"[" * 5000 + b"]" * 5000 + b"}", "a.tf.json", "syntax"),
        (b"[]", "a.tf.json", "syntax"),
        (b'{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "hidden"}}', "a.tf.json", "syntax"),
        (b"resource {{ .Values.x }}", "a.tf", "syntax"),
    ],
)
def test_what_terraform_would_refuse_is_a_problem(content: bytes, path: str, code: str) -> None:
    parsed = parse_file(content, path, redactor=REDACTOR)
    assert parsed.documents == ()
    assert {problem.code for problem in parsed.problems} == {code}


@given(st.binary(max_size=200), st.sampled_from(["a/b.tf", "a/b.tf.json", "a/Dockerfile"]))
def test_no_bytes_raise(content: bytes, path: str) -> None:
    parse_file(content, path, redactor=REDACTOR)
