"""What comes out of reading somebody else's rules: rules of our library, and the modules that they need."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from auditor.model import Severity, Verdict
from auditor.policy.metadata import RuleMetadata

EVERY_KIND = ("*",)


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """A file of a policy folder; `documents` are its YAML or JSON values, () for Rego."""

    path: Path
    text: str
    documents: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, kw_only=True)
class ForeignRule:
    """One foreign rule in the form of ours: a module `auditor.<category>.<name>` with `findings`.

    `modules` are the names of the modules that it cannot do without. `advisory`: what it finds is recorded and fails
    nothing; `warns`: so it is, but whoever wrote it wants it told as a warning. `path` is the file that it comes from. `reason` says why it is not evaluated, '' where it is, and `outcome`
    whether that is 'skipped' or an 'error'.
    """

    category: str
    name: str
    path: Path
    metadata: RuleMetadata
    source: str
    modules: tuple[str, ...] = ()
    advisory: bool = False
    warns: bool = False
    reason: str = ""
    outcome: str = ""

    @property
    def module(self) -> str:
        """The name of its module in a library."""
        return f"auditor/{self.category}/{self.name}.rego"


class CelRule(Protocol):
    """A rule in CEL, which is judged in the process."""

    @property
    def category(self) -> str:
        """Whose rules it is among."""
        ...

    @property
    def path(self) -> Path:
        """The file that it comes from."""
        ...

    @property
    def metadata(self) -> RuleMetadata:
        """What it is."""
        ...

    @property
    def advisory(self) -> bool:
        """True where what it finds is recorded and fails nothing."""
        ...

    @property
    def warns(self) -> bool:
        """True where it is advisory, and whoever wrote it wants it told as a warning."""
        ...

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of all that its verdicts depend on."""
        ...

    def problem(self) -> str:
        """Why it is not evaluated, '' where it is."""
        ...

    def check(self, manifest: Mapping[str, Any], /) -> list[Verdict]:
        """What the rule says of a manifest; nothing where it passes or is not about it."""
        ...


@dataclass(frozen=True, kw_only=True)
class ForeignRules:
    """All foreign rules of one folder. `remarks` are what a reader should know and no rule can say."""

    rules: tuple[ForeignRule, ...] = ()
    expressions: tuple[CelRule, ...] = ()
    modules: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    remarks: tuple[str, ...] = ()


class ForeignReader(Protocol):
    """Finds one kind of foreign rules among the files of a folder."""

    def __call__(self, files: Sequence[SourceFile], prefix: str) -> ForeignRules:
        """The rules; `prefix` ("foreign.f0") is the folder's own place in the library.

        What is there and cannot be evaluated is a rule that says so. PolicyError for what cannot be read at all.
        """
        ...


def rule_name(rule_id: str) -> str:
    """A name for a rule's package: readable, and another one for every id."""
    readable = re.sub(r"\W+", "_", rule_id.partition("/")[2].lower()).strip("_")[:60]
    return f"{readable}_{hashlib.sha256(rule_id.encode()).hexdigest()[:8]}"


def metadata_for(
    rule_id: str,
    *,
    title: str,
    description: str,
    severity: Severity,
    kinds: tuple[str, ...],
    path: Path,
    over_set: bool = False,
    remediation: str = "",
    related: tuple[str, ...] = (),
) -> RuleMetadata:
    """Metadata as our own rules have it, for a rule that has none or another form of it."""
    return RuleMetadata(
        id=rule_id,
        title=title.strip() or rule_id,
        description=description.strip() or title.strip() or rule_id,
        severity=severity,
        kinds=kinds,
        remediation=remediation.strip() or f"Whoever wrote the policy says how to mend it: see {path.name}.",
        since="",
        related=related,
        contains="",
        reads=(),
        parameters={},
        scope="environment" if over_set else "resource",
    )


def unevaluated(category: str, name: str, outcome: str, reason: str, *, over_set: bool = False) -> str:
    """The module of a rule that cannot run: 'skipped' or 'error' for whatever it is asked about, with the reason."""
    from auditor.policy.foreign.support import rego_literal

    finding = {"message": reason, "pointer": "", "details": {}, "outcome": outcome}
    body = f"package auditor.{category}.{name}\n\n"
    if over_set:
        return body + (
            "findings contains finding if {\n\tsome number, _ in input.set\n"
            f'\tfinding := object.union({rego_literal(finding)}, {{"resource": number}})\n}}\n'
        )
    return body + f"findings contains {rego_literal(finding)} if true\n"
