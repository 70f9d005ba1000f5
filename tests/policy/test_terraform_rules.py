"""Terraform as people write it, through reading, rules and places: what is found and on which line."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.manifests.secrets import Redactor
from auditor.pipeline.check import check
from auditor.policy.judge import Judge, JudgeSpec

MAIN = """
terraform {
  required_version = "~> 1.9"
  required_providers {
    aws    = { source = "hashicorp/aws", version = "~> 5.60" }
    random = { source = "hashicorp/random" }  # AUD-TF-0001
  }
  backend "s3" {                              # AUD-TF-0010 AUD-TF-0011
    bucket = "state"
  }
}

module "vpc" {
  source = "terraform-aws-modules/vpc/aws"    # (its version is missing: AUD-TF-0003 at the block)
}

module "pinned" {
  source  = "terraform-aws-modules/eks/aws"
  version = "20.24.0"
}

module "git" {
  source = "git::https://git.example.org/net.git?ref=main"  # AUD-TF-0003
}

resource "aws_security_group" "ssh" {
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]               # AUD-TF-0008
  }
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  ingress {
    from_port   = var.port
    to_port     = var.port
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_iam_policy" "all" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "*", Resource = "*" },    # AUD-TF-0013
      { Effect = "Allow", Action = "s3:Get*", Resource = "*" },
    ]
  })
}

resource "aws_iam_policy" "text" {
  policy = <<-EOT
    {"Statement": [{"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}]}
  EOT
}

resource "aws_db_instance" "shop" {
  storage_encrypted   = true
  publicly_accessible = true                  # AUD-TF-0015
  password            = "hunter2x9"           # AUD-TF-0009
}

variable "admin_password" {
  default = "hunter2x9"                       # AUD-TF-0009
}

resource "aws_s3_bucket_acl" "data" {
  acl = "public-read"                         # AUD-TF-0005
}
"""


def wanted() -> set[tuple[str, int]]:
    marked = {
        (word, number)
        for number, line in enumerate(MAIN.splitlines(), start=1)
        if "  # AUD" in line
        for word in line.partition("#")[2].split()
    }
    return marked | {("AUD-TF-0003", line_of('module "vpc"')), ("AUD-TF-0013", line_of("policy = <<-EOT"))}


def line_of(text: str) -> int:
    return next(number for number, line in enumerate(MAIN.splitlines(), start=1) if text in line)


@pytest.mark.parametrize("name", ["infra/main.tf"])
def test_what_is_found_and_where(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.parent.mkdir()
    file.write_text(MAIN)
    with Judge(JudgeSpec(engine="embedded")) as judge:
        result = check([tmp_path], judge=judge, redactor=Redactor(b"k" * 32))
    assert result.errors == []
    assert {(finding.rule_id, finding.line) for finding in result.findings} == wanted()
    assert "hunter2x9" not in repr(result)


def test_rules_over_a_module_look_at_its_folder_alone(tmp_path: Path) -> None:
    for folder, block in (
        ("one", 'resource "aws_s3_bucket" "a" {}\n'),
        ("two", 'resource "aws_s3_bucket" "a" {}\nresource "aws_s3_bucket_public_access_block" "a" {\n'
         "  block_public_acls = true\n  block_public_policy = true\n  ignore_public_acls = true\n"
         "  restrict_public_buckets = true\n}\n"),
    ):  # fmt: skip
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "main.tf").write_text(block)
    with Judge(JudgeSpec(engine="embedded")) as judge:
        result = check([tmp_path], judge=judge, redactor=Redactor(b"k" * 32))
    assert [(finding.rule_id, Path(finding.path).parent.name) for finding in result.findings] == [
        ("AUD-TF-0007", "one")
    ]


def test_what_terraform_cannot_read_is_a_finding_and_the_check_incomplete(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "a" "b" {\n  x = = 1\n}\n')
    with Judge(JudgeSpec(engine="embedded")) as judge:
        result = check([tmp_path], judge=judge, redactor=Redactor(b"k" * 32))
    assert [(finding.rule_id, finding.line) for finding in result.findings] == [("AUD-YAML-0001", 2)]
    assert len(result.errors) == 1
