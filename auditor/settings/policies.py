"""Which rules are asked, and how; what schemas say beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field

from auditor.model import Severity
from auditor.settings.section import Section


class PolicySetting(Section):
    """Which rules, with which parameters."""

    folders: tuple[Path, ...] = Field(
        default=(),
        description="folders of further rules, in the rule layout or written for others (docs/foreign-rules.md)",
    )
    parameters: dict[str, dict[str, Any]] = Field(default_factory=dict, description="by rule id")
    workloads: dict[str, str] = Field(
        default_factory=dict,
        description="kinds of your own that make pods, and where each holds the pod specification: "
        "{example.org/Worker: spec.podTemplate.spec}",
    )
    environments: dict[str, dict[str, dict[str, Any]]] = Field(
        default_factory=dict,
        description="parameters that hold in one environment alone, over those for all: by environment, then rule id",
    )
    disabled: tuple[str, ...] = Field(
        default=(), description="ids of rules that are not asked; said to be so, never counted as passed"
    )
    severity: dict[str, Severity] = Field(
        default_factory=dict, description="another severity than the rule's own, by rule id"
    )
    waivers: str = Field(
        default=".auditor/waivers.yaml",
        description="the repository's file of waivers, from its root; '' for none",
    )
    waiver_days_at_most: int = Field(
        default=0, ge=0, description="days between a waiver's `granted` and `expires`; 0 sets no bound"
    )
    never_waived: tuple[str, ...] = Field(
        default=(), description="rules (ids or globs) that no waiver, comment, annotation or baseline excuses"
    )
    inline_suppressions: bool = Field(
        default=True, description="whether comments and annotations in manifests excuse findings"
    )
    foreign_on_embedded: bool = Field(
        default=False,
        description="whether the embedded engine evaluates policies written for conftest or Gatekeeper where there is no "
        "OPA; it may lose findings, so without this they are said to be not evaluated",
    )


class SchemaSetting(Section):
    """How manifests are held against schemas. Kubernetes' own are built in; definitions in the repository count."""

    folders: tuple[Path, ...] = Field(
        default=(),
        description="folders of further definitions: CustomResourceDefinitions as YAML at any depth, or JSON Schemas as "
        "group/kind_version.json",
    )
    strict: bool = Field(default=True, description="whether a field that a schema does not know is a finding")
    fail_on_missing: bool = Field(
        default=False, description="whether a kind without schema is a finding (AUD-SCHEMA-0002)"
    )
    ignore_kinds: tuple[str, ...] = Field(
        default=(),
        description="globs of kinds that no schema judges: `example.org/*`, `*/Tenant`, `Secret` in the core group",
    )
