"""All sections together, and the digests of what decides which part of an audit."""

from __future__ import annotations

import hashlib
import json
from typing import Literal

from pydantic import Field

from auditor.settings.change_control import ChangeControlSetting
from auditor.settings.environments import ClusterSetting, EnvironmentSetting
from auditor.settings.forge import ForgeSetting
from auditor.settings.people import ActorSetting, PersonSetting
from auditor.settings.policies import PolicySetting, SchemaSetting
from auditor.settings.rendering import RenderingSetting
from auditor.settings.section import Section
from auditor.settings.signatures import SignatureSetting
from auditor.settings.trail import TrailSetting

_ON_CHANGES = "AUD-CHG-"
"""What the ids of rules on changes begin with."""


class Settings(Section):
    """Everything in `auditor.yaml`; AUDITOR_ENGINE and the like in the environment override it."""

    version: Literal[1] = 1
    engine: Literal["auto", "opa", "embedded"] = "auto"
    opa_url: str = Field(default="", description="an OPA server that is already running")
    opa_token: str = Field(
        default="", repr=False, description="its bearer token; better given as AUDITOR_OPA_TOKEN"
    )
    kubernetes_version: str = Field(default="", description="such as 1.37; the newest known by default")
    environments: tuple[EnvironmentSetting, ...] = ()
    actors: tuple[ActorSetting, ...] = ()
    people: tuple[PersonSetting, ...] = Field(
        default=(), description="the directory of who may change things"
    )
    signatures: SignatureSetting = SignatureSetting()
    exclude: tuple[str, ...] = Field(default=(), description="globs of paths that are not judged")
    policies: PolicySetting = PolicySetting()
    schemas: SchemaSetting = SchemaSetting()
    rendering: RenderingSetting = RenderingSetting()
    clusters: dict[str, ClusterSetting] = Field(default_factory=dict)
    trail: TrailSetting = TrailSetting()
    change_control: ChangeControlSetting = ChangeControlSetting()
    forge: ForgeSetting | None = Field(
        default=None, description="without one, nothing confirms how changes landed"
    )

    @property
    def reading_digest(self) -> str:
        """SHA-256 (hex) of what decides how commits and paths are read; a change means a new replay."""
        actors = {"__all__": {"kind", "email", "name"}}
        parts = self.model_dump(
            mode="json", include={"environments": True, "actors": actors, "exclude": True}
        )
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    @property
    def judging_digest(self) -> str:
        """SHA-256 (hex) of what changes verdicts on changes and nothing else: people, actors' keys and scope, freezes,
        the order of environments, trust, the forge, and which of their rules are asked and how bad they are.

        A change means that the landed changes are judged again, without reading or replaying anything.
        """
        kept = {"actors", "people", "change_control", "signatures", "forge"}
        parts = self.model_dump(mode="json", include=kept)
        asked = self.policies.model_dump(mode="json", include={"disabled", "severity"})
        # What is set for other rules decides nothing here.
        parts["not_asked"] = sorted(rule for rule in asked["disabled"] if rule.startswith(_ON_CHANGES))
        parts["severity"] = {
            rule: level for rule, level in asked["severity"].items() if rule.startswith(_ON_CHANGES)
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
