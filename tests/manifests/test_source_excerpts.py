"""What people see of files that are no manifests: their lines, and no secret."""

from __future__ import annotations

import json

import pytest

from auditor.manifests.formats import format_of
from auditor.manifests.secrets import Redactor
from auditor.manifests.source_excerpts import source_excerpt

CANARY = "open-sesame-right-now"
FILES = {
    "main.tf": f'provider "x" {{\n  api_key = "{CANARY}"\n  name = "shown"\n  # token = "{CANARY}"\n}}\n',
    "secret.tf": f'resource "aws_secretsmanager_secret_version" "x" {{\n  secret_string = "{CANARY}"\n}}\n',
    "broken.tf": f'provider "x" {{\n  api_key = "{CANARY}"\n  name = \n',
    "x.tfvars": f'db_password = "{CANARY}"\n',
    "Dockerfile": f'FROM x\nENV DB_PASSWORD={CANARY} NAME=shown\nENV API_TOKEN {CANARY}\nRUN PASSWORD={CANARY} \\\n  TOKEN="{CANARY}" ./x\n',
    ".github/workflows/x.yml": f"on: push\nenv:\n  API_KEY: {CANARY}\n  NAME: shown\njobs:\n  a: {{steps: [{{run: './x --password={CANARY}'}}]}}\n",
    ".gitlab-ci.yml": f"variables: {{DB_PASSWORD: '{CANARY}', NAME: shown}}\na: {{script: [x]}}\n",
    "plan.json": json.dumps(
        {
            "format_version": "1",
            "planned_values": {
                "root_module": {
                    "resources": [
                        {
                            "type": "a_b",
                            "name": "shown",
                            "values": {"x": CANARY},
                            "sensitive_values": {"x": True},
                        }
                    ]
                }
            },
        }
    ),
}


@pytest.mark.parametrize("path", FILES)
def test_no_secret_is_shown_and_lines_stay(path: str) -> None:
    found = format_of(path)
    assert found is not None
    shown = source_excerpt(FILES[path].encode(), path, found, Redactor(b"k" * 32))
    assert CANARY not in shown
    assert "shown" in shown or "shown" not in FILES[path]
    assert shown.count("\n") == FILES[path].count("\n")
