"""What the policy tests share: documents made by hand, rule folders made on the spot, the skip without OPA."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

from auditor.model import Document
from auditor.policy.opa_server import find_opa


def needs_opa(test: Any) -> Any:
    """Mark a test as one that runs the real `opa`, and skip it where there is none."""
    skip = pytest.mark.skipif(not find_opa(), reason="no opa on PATH or in .tools/bin")
    return pytest.mark.needs_opa(skip(test))


ENGINES = (
    "embedded",
    pytest.param(
        "opa",
        marks=[
            pytest.mark.needs_opa,
            pytest.mark.skipif(not find_opa(), reason="no opa on PATH or in .tools/bin"),
        ],
    ),
)


def document(manifest: dict[str, Any], digest: str = "0") -> Document:
    """A document with just this manifest."""
    metadata = manifest.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    return Document(
        index=0,
        item=None,
        line=1,
        api_version=manifest.get("apiVersion", ""),
        kind=manifest.get("kind", ""),
        namespace=metadata.get("namespace", ""),
        name=metadata.get("name", ""),
        manifest=manifest,
        digest=digest,
    )


RULE = """\
# METADATA
# title: Something is wrong
# description: What is wrong and why it matters.
# custom:
#   id: {id}
#   severity: {severity}
#   kinds: [{kinds}]
#   remediation: Do it otherwise.
#   since: 0.1.0
{extra}package {package}

{body}
"""

BODY = 'findings contains {"message": "m", "pointer": "p", "details": {}} if input.resource.bad == true'


def write_rule(
    folder: Path,
    *,
    category: str = "shop",
    name: str = "rule",
    body: str = BODY,
    rule_id: str = "SHOP-0001",
    severity: str = "low",
    kinds: str = "ConfigMap",
    package: str = "",
    extra: str = "",
    complete: bool = True,
) -> Path:
    """A rule's folder under `folder`; gives the path of its Rego file."""
    place = folder / category / name
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"{name}.rego"
    text = RULE.format(
        id=rule_id,
        severity=severity,
        kinds=kinds,
        package=package or f"auditor.{category}.{name}",
        body=textwrap.dedent(body).strip(),
        extra=extra,
    )
    path.write_text(text, encoding="utf-8")
    if complete:
        good = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"
        (place / f"{name}_test.rego").write_text(f"package auditor.{category}.{name}_test\n")
        (place / "good.yaml").write_text(good)
        (place / "bad.yaml").write_text(f"# fires at: p\n{good}bad: true\n")
    return path
