"""Plans of Terraform as documents: planned values, what is not known yet, what is sensitive."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from auditor.manifests.formats import parse_file
from auditor.manifests.secrets import Redactor

REDACTOR = Redactor(b"k" * 32)


def resource(
    type_: str, name: str, values: dict[str, Any], *, module: str = "", **more: Any
) -> dict[str, Any]:
    address = ".".join(filter(None, (module, type_, name)))
    return {"address": address, "mode": "managed", "type": type_, "name": name, "values": values, **more}


PLAN: dict[str, Any] = {
    "format_version": "1.2",
    "terraform_version": "1.9.0",
    "planned_values": {
        "root_module": {
            "resources": [
                resource("aws_s3_bucket", "logs", {"bucket": "logs", "acl": "public-read", "tags": None}),
                resource(
                    "aws_db_instance",
                    "db",
                    {"username": "admin", "user_data": "told-to-nobody", "ports": [1, "also-nobody"]},
                    sensitive_values={"user_data": True, "ports": [False, True]},
                ),
                resource("aws_s3_bucket_public_access_block", "logs", {"block_public_acls": True}),
                resource("aws_iam_policy", "all", {"policy": json.dumps({"Statement": [{"Action": "*"}]})}),
            ],
            "child_modules": [
                {
                    "address": 'module.net["a.b"]',
                    "resources": [resource("aws_vpc", "x", {"cidr": "10.0.0.0/8"}, index=0)],
                }
            ],
        }
    },
    "resource_changes": [
        {
            "address": "aws_s3_bucket_public_access_block.logs",
            "change": {"after_unknown": {"bucket": True, "id": True}},
        }
    ],
    "configuration": {
        "provider_config": {
            "aws": {"name": "aws", "expressions": {"access_key": {"constant_value": "open-sesame"}}}
        },
        "root_module": {
            "resources": [
                {
                    "type": "aws_s3_bucket_public_access_block",
                    "mode": "managed",
                    "name": "logs",
                    "expressions": {
                        "bucket": {"references": ["aws_s3_bucket.logs.id", "aws_s3_bucket.logs"]}
                    },
                }
            ],
            "module_calls": {"net": {"source": "a/b/aws", "version_constraint": "1.2.3"}},
        },
    },
}


def bodies(plan: Any, path: str = "infra/plan.json") -> dict[str, Any]:
    parsed = parse_file(json.dumps(plan).encode(), path, redactor=REDACTOR)
    assert parsed.problems == ()
    return {f"{one.kind} {one.namespace}/{one.name}": one.manifest["body"] for one in parsed.documents}


def test_planned_values_are_what_a_file_would_say() -> None:
    found = bodies(PLAN)
    assert found["aws_s3_bucket infra/logs"] == {"bucket": "logs", "acl": "public-read"}
    assert found['aws_vpc infra/module.net["a.b"]/x[0]'] == {"cidr": "10.0.0.0/8"}
    assert found["aws_iam_policy infra/all"] == {"policy": {"Statement": [{"Action": "*"}]}}
    assert found["module infra/net"] == {"source": "a/b/aws", "version": "1.2.3"}


def test_what_is_not_known_yet_is_an_expression() -> None:
    block = bodies(PLAN)["aws_s3_bucket_public_access_block infra/logs"]
    assert block == {
        "block_public_acls": True,
        "bucket": "${aws_s3_bucket.logs.id}",
        "id": "${known after apply}",
    }


def test_what_is_sensitive_or_a_secret_by_name_is_hidden() -> None:
    said = json.dumps(bodies(PLAN))
    for secret in ("told-to-nobody", "also-nobody", "open-sesame"):
        assert secret not in said
    assert bodies(PLAN)["aws_db_instance infra/db"]["username"] == "admin"


@pytest.mark.parametrize("content", [b"[]", b"{}", b'{"planned_values": {}}', b'{"plan": 1}'])
def test_other_json_says_nothing(content: bytes) -> None:
    parsed = parse_file(content, "plan.json", redactor=REDACTOR)
    assert (parsed.documents, parsed.problems) == ((), ())


@pytest.mark.parametrize("content", [b"{", b'{"apiVersion": "v1", "kind": "Pod"}'])
def test_what_is_no_plan_and_looks_like_more_is_told(content: bytes) -> None:
    parsed = parse_file(content, "plan.json", redactor=REDACTOR)
    assert [problem.code for problem in parsed.problems] == ["syntax"]


def test_a_plan_that_nests_without_end_is_refused() -> None:
    deep: Any = {}
    for _ in range(60):
        deep = {"a": deep}
    plan = {**PLAN, "planned_values": {"root_module": {"resources": [resource("a_b", "c", deep)]}}}
    parsed = parse_file(json.dumps(plan).encode(), "plan.json", redactor=REDACTOR)
    assert [problem.code for problem in parsed.problems] == ["limit"]


def test_the_rules_on_terraform_hold(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from auditor.cli.main import app

    (tmp_path / "prod.tfplan.json").write_text(json.dumps(PLAN))
    result = CliRunner().invoke(app, ["check", str(tmp_path), "--engine", "embedded", "--format", "json"])
    rules = {finding["rule_id"] for finding in json.loads(result.stdout)["findings"]}
    assert {"AUD-TF-0005", "AUD-TF-0009"} <= rules
    assert "AUD-TF-0007" not in rules, "the access block refers to the bucket"
