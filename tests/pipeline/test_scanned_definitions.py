"""A scan judges custom resources by the definitions of its tip."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from histories.audits import Audit
from histories.builder import History

from auditor.git.mirror import update_mirror
from auditor.pipeline.definitions import crds_at, definitions_in
from auditor.settings import SchemaSetting, Settings

SCHEMA = "AUD-SCHEMA-0001"
CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: shops.example.org}}
spec:
  group: example.org
  names: {{kind: Shop, plural: shops}}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {{type: object, properties: {{{fields}: {{type: integer}}}}}}
"""
SHOP = """\
apiVersion: example.org/v1
kind: Shop
metadata: {name: corner, namespace: shop}
spec: {size: 1, sise: 2}
"""


def pointers(audit: Audit) -> list[Any]:
    found = audit.rows(
        f"SELECT pointer, state FROM findings WHERE rule_id = '{SCHEMA}' AND kind = 'Shop' ORDER BY pointer"
    )
    return [tuple(row) for row in found]


def test_the_tips_definitions_judge_the_whole_history(story: History, audit: Audit) -> None:
    first = story.commit("a shop", {"shop.yaml": SHOP})
    audit.scan()
    assert pointers(audit) == []
    story.commit("what a shop is", {"crds/shop.yaml": CRD.format(fields="size")})
    audit.scan()
    assert pointers(audit) == [("spec.sise", "open")]
    opened = audit.rows(f"SELECT opened_sha FROM findings WHERE rule_id = '{SCHEMA}' AND kind = 'Shop'")
    assert opened == [(first,)]  # it was wrong from the start, and a definition of today says so
    story.commit("it has another field", {"crds/shop.yaml": CRD.format(fields="sise")})
    result = audit.scan()
    assert ("spec.size", "open") in pointers(audit)
    assert any("judged again" in note for note in result.notes)


def test_an_unchanged_definition_judges_nothing_again(story: History, audit: Audit) -> None:
    story.commit("all", {"shop.yaml": SHOP, "crds/shop.yaml": CRD.format(fields="size")})
    audit.scan()
    story.commit("moved", {"crds/shop.yaml": None, "definitions/shop.yaml": CRD.format(fields="size")})
    result = audit.scan()
    assert result.incremental
    assert pointers(audit) == [("spec.sise", "open")]


@pytest.mark.parametrize("strict", [True, False])
def test_the_operators_settings_hold(story: History, audit: Audit, strict: bool) -> None:
    story.commit("all", {"shop.yaml": SHOP, "crds/shop.yaml": CRD.format(fields="size")})
    audit.scan(settings=Settings(schemas=SchemaSetting(strict=strict)))
    assert pointers(audit) == ([("spec.sise", "open")] if strict else [])


def test_a_missing_schema_is_a_finding_where_that_is_asked(story: History, audit: Audit) -> None:
    story.commit("a shop", {"shop.yaml": SHOP})
    audit.scan(settings=Settings(schemas=SchemaSetting(fail_on_missing=True)))
    missing = "SELECT kind, state FROM findings WHERE rule_id = 'AUD-SCHEMA-0002'"
    assert [tuple(row) for row in audit.rows(missing)] == [("Shop", "open")]
    story.commit("what a shop is", {"crds/shop.yaml": CRD.format(fields="size")})
    audit.scan(settings=Settings(schemas=SchemaSetting(fail_on_missing=True)))
    assert [row for row in audit.rows(missing) if row[1] == "open"] == []


def test_what_is_found_in_a_tree(story: History, tmp_path: Path) -> None:
    crd = CRD.format(fields="size")
    other = crd.replace("shops", "malls").replace("Shop", "Mall")
    story.commit(
        "files",
        {
            "a b/ü\t.yaml": crd,
            "list.yml": "apiVersion: v1\nkind: List\nitems:\n" + _item(other),
            "readme.md": crd,
            "broken.yaml": crd + "\n: [",
            "mentions.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: CustomResourceDefinition}\n",
            ".gitattributes": "*.yaml binary -diff\n",
        },
    )
    mirror = update_mirror(str(story.path), tmp_path / "state")
    kinds = [one["spec"]["names"]["kind"] for one in crds_at(mirror, mirror.tip)]
    # Of a file that breaks off nothing counts, and a definition is one by its kind alone.
    assert sorted(kinds) == ["Mall", "Shop"]


def test_a_tree_without_definitions(story: History, tmp_path: Path) -> None:
    story.commit("files", {"a.yaml": SHOP})
    mirror = update_mirror(str(story.path), tmp_path / "state")
    assert crds_at(mirror, mirror.tip) == ()


def test_a_link_is_no_definition(story: History, tmp_path: Path) -> None:
    assert definitions_in([b"../CustomResourceDefinition", b"openAPIV3Schema", b"\xff\xfe", b""]) == ()


def _item(text: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(("  - " if number == 0 else "    ") + line for number, line in enumerate(lines))
