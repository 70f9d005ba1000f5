"""Which forge is asked."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from auditor.settings.section import Section


class ForgeSetting(Section):
    """Which forge is asked who requested, reviewed and merged a change. Its token is never written here."""

    kind: Literal["github", "gitlab", "gitea"] = Field(description="gitea is also for Forgejo")
    repository: str = Field(min_length=3, description="owner/name as the forge has it")
    url: str = Field(
        default="",
        description="a server of your own, such as https://git.example.com; the public one by default",
    )
    groups: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="members (accounts) of teams, groups and roles that CODEOWNERS names, such as @acme/platform",
    )
