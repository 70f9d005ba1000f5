"""What is true of every section of `auditor.yaml`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Base of every section: a key that it does not know is an error, and nothing changes it once it is read."""

    # Built when first used: most files hold few sections, and every command pays for those that are built.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
