"""API versions that the target does not serve: removed ones are left to the rule about them, later ones are refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from policy.policy_support import document

from auditor.policy.schemas import SchemaCatalogue, SchemaOptions, known_versions

LIFECYCLE = Path(__file__).parents[2] / "policies" / "lib" / "lifecycle.rego"
_ENTRY = re.compile(r'^\t"(?:(\S+?)/)?([^/"\s]+)/([^/"]+)": "(\d+) (\d+) \d+ (\S+)"', re.MULTILINE)


def said(version: str, api_version: str, kind: str, **options: Any) -> list[tuple[str, str, str]]:
    catalogue = SchemaCatalogue(version, (), SchemaOptions(**options))
    found = catalogue.check(document({"apiVersion": api_version, "kind": kind, "metadata": {"name": "x"}}))
    return [(verdict.outcome.value, verdict.rule_id, verdict.message) for verdict in found]


@pytest.mark.parametrize(
    ("api_version", "kind", "version", "words"),
    [
        ("policy/v1beta1", "PodSecurityPolicy", "1.25", "removed in Kubernetes 1.25; use Pod Security Admission"),
        ("extensions/v1beta1", "Ingress", "1.31", "removed in Kubernetes 1.22; use networking.k8s.io/v1"),
        ("autoscaling/v2beta2", "HorizontalPodAutoscaler", "1.26", "removed in Kubernetes 1.26; use autoscaling/v2"),
        ("flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema", "1.32",
         "removed in Kubernetes 1.32; use flowcontrol.apiserver.k8s.io/v1"),
        ("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", "1.37",
         "removed in Kubernetes 1.22; use apiextensions.k8s.io/v1"),
        ("batch/v1beta1", "CronJob", "1.25", "removed in Kubernetes 1.25; use batch/v1"),
    ],
)  # fmt: skip
def test_a_removed_version_is_skipped_and_named(
    api_version: str, kind: str, version: str, words: str
) -> None:
    [(outcome, rule, message)] = said(version, api_version, kind)
    assert (outcome, rule) == ("skipped", "AUD-SCHEMA-0001")
    assert words in message


def test_a_version_of_later_is_refused() -> None:
    [(outcome, _, message)] = said("1.25", "admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy")
    assert outcome == "fail"
    assert "from Kubernetes 1.30 on" in message
    assert "1.25" in message


def entries() -> list[tuple[str, str, str, int, str]]:
    """(group, version, kind, removed in minor, replacement) of the rule's own table."""
    found = _ENTRY.findall(LIFECYCLE.read_text(encoding="utf-8"))
    return [(group, version, kind, int(removed), use) for group, version, kind, _, removed, use in found]


def test_the_table_is_read() -> None:
    assert len(entries()) > 60


@pytest.mark.parametrize(("group", "version", "kind", "removed", "use"), entries())
def test_schemas_and_the_rule_on_removed_versions_say_the_same(
    group: str, version: str, kind: str, removed: int, use: str
) -> None:
    newest = int(known_versions()[-1].partition(".")[2])
    api_version = f"{group}/{version}"
    if removed > newest:
        assert not any("removed" in message for _, _, message in said(f"1.{newest}", api_version, kind))
        return
    [(outcome, _, message)] = said(f"1.{newest}", api_version, kind)
    assert outcome == "skipped"
    told = re.search(r"removed in Kubernetes 1\.(\d+)", message)
    assert told is not None
    # An alpha version goes when the next one comes; the marker in its types says by when at the latest.
    assert int(told[1]) <= removed if "alpha" in version else int(told[1]) == removed
    assert use.replace("-", " ") in message or "alpha" in version
    if removed > 25 and "alpha" not in version:
        before = said(f"1.{removed - 1}", api_version, kind)
        assert not any("removed" in message or "no schema" in message for _, _, message in before)


def test_a_missing_schema_is_a_finding_where_that_is_asked() -> None:
    found = said("1.37", "example.org/v1", "Shop", fail_on_missing=True)
    assert [(outcome, rule) for outcome, rule, _ in found] == [
        ("skipped", "AUD-SCHEMA-0001"),
        ("fail", "AUD-SCHEMA-0002"),
    ]
    assert said("1.37", "v1", "Namespace", fail_on_missing=True) == []
    # What another rule says is not said again, and does not count as having a schema.
    removed = said("1.37", "policy/v1beta1", "PodSecurityPolicy", fail_on_missing=True)
    assert [(outcome, rule) for outcome, rule, _ in removed] == [
        ("skipped", "AUD-SCHEMA-0001"),
        ("skipped", "AUD-SCHEMA-0002"),
    ]


@pytest.mark.parametrize(
    ("glob", "api_version", "kind", "kept_out"),
    [
        ("example.org/*", "example.org/v1", "Shop", True),
        ("*/Shop", "example.org/v1", "Shop", True),
        ("*.example.org/*", "a.example.org/v1", "Shop", True),
        ("*.example.org/*", "example.org/v1", "Shop", False),
        ("Shop", "example.org/v1", "Shop", False),
        ("Secret", "v1", "Secret", True),
        ("*", "v1", "Secret", True),
    ],
)
def test_kinds_that_are_kept_out(glob: str, api_version: str, kind: str, kept_out: bool) -> None:
    found = said("1.37", api_version, kind, fail_on_missing=True, ignore_kinds=(glob,))
    assert ("kept from schemas" in str(found)) == kept_out
    assert not kept_out or {outcome for outcome, _, _ in found} == {"skipped"}
