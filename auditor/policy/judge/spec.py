"""What a judge is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.model import JsonObject, Severity
from auditor.policy.builtin import MISSING_SCHEMA
from auditor.policy.interface import OpaAddress

if TYPE_CHECKING:
    from auditor.policy.schemas.options import SchemaOptions


@dataclass(frozen=True, kw_only=True)
class JudgeSpec:
    """All that a worker process needs to build its judge; it can be pickled.

    `engine` is a choice ('auto' | 'opa' | 'embedded'); `opa` the address out of an `EngineSession`, without
    which a judge that is to use OPA starts a server of its own. `parameters` are by rule id.
    `kubernetes_version` is "1.37" or '' for the newest that is known. `crds` are the manifests of
    CustomResourceDefinitions of the repository whose schemas count; `schema_options` say how schemas judge. `base`
    replaces the shipped rules. `whole` shows every rule the whole manifest, whatever it says it reads: slower, and the
    same verdicts where that is true. `workloads`
    are kinds of one's own that hold a pod specification, and where ("argoproj.io/Rollout": "spec.template.spec").
    `environments` are parameters of one environment over those for all; `disabled` are rules that are not asked;
    `foreign_on_embedded` has the embedded engine evaluate Rego that others wrote, which is an error without.
    `severities` replace the rules' own; `only` names the parts of the library (`PARTS`) that are asked, () for all.
    """

    policy_folders: tuple[Path, ...] = ()
    engine: str = "auto"
    opa: OpaAddress | None = None
    kubernetes_version: str = ""
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    crds: tuple[JsonObject, ...] = ()
    base: Path | None = None
    schemas: bool = True
    schema_options: SchemaOptions | None = None
    whole: bool = False
    workloads: Mapping[str, str] = field(default_factory=dict)
    environments: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    disabled: tuple[str, ...] = ()
    severities: Mapping[str, Severity] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    foreign_on_embedded: bool = False

    def without_missing_schemas(self) -> JudgeSpec:
        """Where AUD-SCHEMA-0002 is disabled, a kind without schema is skipped, as it is where nobody asks for that rule."""
        options = self.schema_options
        if options is None or MISSING_SCHEMA not in self.disabled:
            return self
        return replace(self, schema_options=replace(options, fail_on_missing=False))
