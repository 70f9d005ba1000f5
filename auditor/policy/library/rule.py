"""One rule, as its folder says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.policy.interface import RulePath
from auditor.policy.metadata import RuleMetadata
from auditor.policy.router import expand_kinds

if TYPE_CHECKING:
    from auditor.policy.foreign.interface import ForeignRule


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: where it lies, what it says of itself, and its source; `foreign` is how somebody else's came to be."""

    folder: Path
    category: str
    name: str
    metadata: RuleMetadata
    source: str
    foreign: ForeignRule | None = None

    @property
    def id(self) -> str:
        """The permanent id, e.g. AUD-POD-0001."""
        return self.metadata.id

    @property
    def path(self) -> RulePath:
        """(category, name), as the engine's entry point takes it."""
        return (self.category, self.name)

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The kinds it looks at, aliases written out."""
        return expand_kinds(self.metadata.kinds)

    @property
    def over_set(self) -> bool:
        """True for a rule that looks at all manifests of its kinds in an environment together."""
        return self.metadata.scope == "environment"

    def examples(self, prefix: str) -> tuple[Path, ...]:
        """The example files, `prefix` 'good' or 'bad', sorted by name."""
        return () if self.foreign else tuple(sorted(self.folder.glob(f"{prefix}*.yaml")))
