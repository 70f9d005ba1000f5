"""How the trail is signed."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from auditor.settings.section import Section


class TrailSetting(Section):
    """How the trail's state is signed, and where the signed checkpoints go."""

    key: Path | None = Field(
        default=None, description="the signing key; trail.key beside the database by default"
    )
    verifier_keys: tuple[str, ...] = Field(
        default=(), description="whose checkpoints count: what `auditor trail init` printed"
    )
    copies: tuple[Path, ...] = Field(
        default=(),
        description="folders that every checkpoint is copied to: where the database's owner cannot write",
    )
