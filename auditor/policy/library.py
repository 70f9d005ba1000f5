"""The rules as they lie on disk: sources, metadata, examples and the frameworks that map controls to them.

A rule is a folder: `<category>/<rule>/<rule>.rego` with package `auditor.<category>.<rule>`, its test, and
examples that must pass (`good*.yaml`) or fire (`bad*.yaml`). Shared code is in `lib/`. What else a user's folder
has (conftest, Gatekeeper, …) is read by `foreign`. Nothing is run here.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import orjson

from auditor.assets import asset_folder
from auditor.errors import PolicyError
from auditor.model import RuleInfo, Severity
from auditor.policy.builtin import BUILTIN_RULES, with_controls
from auditor.policy.frameworks import Framework, controls_by_rule, read_frameworks
from auditor.policy.interface import ALONE_MODULE, ENTRY_MODULE, OPA_ENTRY_MODULE, RulePath
from auditor.policy.metadata import RuleMetadata, package_of, read_metadata
from auditor.policy.router import Router, expand_kinds
from auditor.policy.source import forbidden_calls

if TYPE_CHECKING:
    from auditor.policy.foreign.interface import CelRule, ForeignRule, ForeignRules

PARTS = ("shipped", "policy", "schemas")
"""What can be asked alone: the rules that ship with us, those of further folders, and schemas."""

_SHARED = "auditor/lib/"
_RESERVED = frozenset({"frameworks", "lib"})
_OWN_PACKAGE = re.compile(r"^package\s+auditor\.", re.MULTILINE)


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


@dataclass(frozen=True, kw_only=True)
class Library:
    """Everything that is judged with.

    `modules` maps a path to Rego text: the rules and what they share, no tests. `rules` holds the Rego
    rules, `infos` those and the built-in ones, both by id. `foreign` is true where some did not ship with us.
    `expressions` are rules in CEL, which no engine but our own process judges. `remarks` are for whoever looks at
    the rules. `severities` are the operator's, over the rules' own.
    """

    rules: tuple[Rule, ...]
    modules: Mapping[str, str]
    folders: tuple[Path, ...]
    foreign: bool = False
    expressions: tuple[CelRule, ...] = ()
    remarks: tuple[str, ...] = ()
    severities: Mapping[str, Severity] = field(default_factory=dict)

    @cached_property
    def foreign_rules(self) -> tuple[ForeignRule, ...]:
        """The Rego rules that are not in our own form."""
        return tuple(rule.foreign for rule in self.rules if rule.foreign is not None)

    @cached_property
    def advisory(self) -> frozenset[str]:
        """The ids of rules whose findings are recorded and fail nothing (Gatekeeper's dryrun, an Audit alone)."""
        return frozenset(
            [rule.metadata.id for rule in self.foreign_rules if rule.advisory]
            + [rule.metadata.id for rule in self.expressions if rule.advisory]
        )

    @cached_property
    def frameworks(self) -> tuple[Framework, ...]:
        """The frameworks of every folder; read when first asked for, since judging needs none."""
        return tuple(one for folder in self.folders for one in read_frameworks(folder / "frameworks"))

    @cached_property
    def infos(self) -> tuple[RuleInfo, ...]:
        """Every rule, the ones made outside Rego included, with the controls it gives evidence for."""
        controls = controls_by_rule(self.frameworks)
        infos = [
            rule.metadata.info(rule.category, rule.kinds, controls.get(rule.id, ())) for rule in self.rules
        ]
        infos.extend(
            one.metadata.info(one.category, one.metadata.kinds, controls.get(one.metadata.id, ()))
            for one in self.expressions
        )
        infos.extend(with_controls(info, controls.get(info.id, ())) for info in BUILTIN_RULES)
        set_by_operator = self.severities
        return tuple(
            replace(info, severity=set_by_operator.get(info.id, info.severity))
            for info in sorted(infos, key=lambda info: info.id)
        )

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) over every module, the entry point, the parameters' schemas and the expressions."""
        record: dict[str, object] = {
            "entry": [ENTRY_MODULE, ALONE_MODULE, OPA_ENTRY_MODULE],
            "modules": dict(self.modules),
            "parameters": {rule.id: rule.metadata.parameters for rule in self.rules},
        }
        if self.expressions:
            record["expressions"] = {one.metadata.id: one.digest for one in self.expressions}
        return hashlib.sha256(orjson.dumps(record, option=orjson.OPT_SORT_KEYS)).hexdigest()

    @cached_property
    def router(self) -> Router:
        """Which of `rules` (by position) a manifest of a kind meets by itself."""
        return Router(tuple(() if rule.over_set else rule.kinds for rule in self.rules))

    @cached_property
    def set_rules(self) -> tuple[Rule, ...]:
        """The rules that look at several resources together."""
        return tuple(rule for rule in self.rules if rule.over_set)

    @cached_property
    def ids(self) -> frozenset[str]:
        """The ids of every rule, the ones made outside Rego included."""
        return frozenset(self._severities)

    @cached_property
    def _severities(self) -> dict[str, Severity]:
        found = {info.id: info.severity for info in BUILTIN_RULES}
        found |= {one.metadata.id: one.metadata.severity for one in self.expressions}
        found |= {rule.id: rule.metadata.severity for rule in self.rules}
        return found | dict(self.severities)

    def severity(self, rule_id: str) -> Severity:
        """A rule's severity; PolicyError where there is no such rule."""
        return self._severities.get(rule_id) or self.info(rule_id).severity

    def with_severities(self, severities: Mapping[str, Severity]) -> Library:
        """The library with the operator's severities over the rules' own; their ids have been looked at."""
        return replace(self, severities=dict(severities)) if severities else self

    def without(self, ids: Iterable[str]) -> Library:
        """The library of which some rules are not asked; their sources stay in it."""
        left_out = frozenset(ids)
        if not left_out:
            return self
        return replace(
            self,
            rules=tuple(rule for rule in self.rules if rule.id not in left_out),
            expressions=tuple(one for one in self.expressions if one.metadata.id not in left_out),
        )

    def only(self, parts: Collection[str]) -> Library:
        """The library with the rules of some `PARTS` alone, for engines to hold no more; all of it for none.

        What rules of our own form share goes where none of them stays.
        """
        if not parts:
            return self
        kept = self.without(rule.id for rule in self.rules if self._part_of(rule.folder) not in parts)
        left = {_module_of(rule) for rule in kept.rules}
        dropped = {_module_of(rule) for rule in self.rules if rule.foreign is None} - left
        shared = () if any(rule.foreign is None for rule in kept.rules) else (_SHARED,)
        return replace(
            kept,
            modules=MappingProxyType(
                {
                    key: text
                    for key, text in self.modules.items()
                    if key not in dropped and not key.startswith(shared)
                }
            ),
            expressions=self.expressions if "policy" in parts else (),
        )

    def _part_of(self, folder: Path) -> str:
        return "shipped" if folder.is_relative_to(self.folders[0]) else "policy"

    def controls_for(self, rule_id: str) -> tuple[tuple[str, str], ...]:
        """(framework, control) pairs for which the rule gives evidence."""
        return controls_by_rule(self.frameworks).get(rule_id, ())

    def info(self, rule_id: str) -> RuleInfo:
        """The rule's description; PolicyError where there is no such rule."""
        for info in self.infos:
            if info.id == rule_id:
                return info
        raise PolicyError(f"there is no rule {rule_id!r}", hint="`auditor policy list` names them")


def _module_of(rule: Rule) -> str:
    return f"auditor/{rule.category}/{rule.name}.rego"


def load_library(extra: Iterable[Path] = (), *, base: Path | None = None) -> Library:
    """The shipped rules (or those in `base`) and those of the `extra` folders, in the same layout or foreign.

    Read once as long as no file in the folders changes. Raises PolicyError for a folder that is missing, a rule
    without metadata, an id or a package used twice.
    """
    folders = (base or asset_folder("policies"), *extra)
    return _read_library(folders, base is not None, tuple(_state_of(folder) for folder in folders))


def _state_of(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Every file below the folder with its time of change (ns) and size; a missing folder has none."""
    return tuple(
        sorted(
            (path, found.st_mtime_ns, found.st_size)
            for root, _, names in os.walk(folder)
            for path in (os.path.join(root, name) for name in names)  # noqa: PTH118 - 500 files, each time
            for found in (os.stat(path),)  # noqa: PTH116
        )
    )


@lru_cache(maxsize=4)
def _read_library(
    folders: tuple[Path, ...], replaced: bool, state: tuple[tuple[tuple[str, int, int], ...], ...]
) -> Library:
    """`state` tells one reading from the next."""
    rules: list[Rule] = []
    modules: dict[str, str] = {}
    expressions: list[CelRule] = []
    remarks: list[str] = []
    for number, folder in enumerate(folders):
        if not folder.is_dir():
            raise PolicyError(f"{folder}: no such policy folder", hint="--policy takes a folder of rules")
        for path in _shared_modules(folder):
            _add_module(modules, path, _read(path))
        own = list(_rules_in(folder, only_own=number > 0))
        for rule in own:
            _add_module(modules, rule.folder / f"{rule.name}.rego", rule.source)
            rules.append(rule)
        if number:
            found = _foreign(folder, number, own)
            modules.update(found.modules)
            rules.extend(_as_rule(one) for one in found.rules)
            expressions.extend(found.expressions)
            remarks.extend(found.remarks)
    _unique_ids(rules, expressions)
    return Library(
        rules=tuple(sorted(rules, key=lambda rule: rule.id)),
        modules=MappingProxyType(modules),
        folders=folders,
        foreign=len(folders) > 1 or replaced,
        expressions=tuple(sorted(expressions, key=lambda one: one.metadata.id)),
        remarks=tuple(remarks),
    )


def _foreign(folder: Path, number: int, own: Iterable[Rule]) -> ForeignRules:
    """The foreign rules beside our own of one folder, with the modules that they need."""
    from auditor.policy.foreign.table import read_foreign

    reserved = (folder / "frameworks", *(rule.folder for rule in own))
    return read_foreign(folder, number, own=reserved)


def _as_rule(one: ForeignRule) -> Rule:
    return Rule(
        folder=one.path.parent,
        category=one.category,
        name=one.name,
        metadata=one.metadata,
        source=one.source,
        foreign=one,
    )


def _shared_modules(folder: Path) -> Iterator[Path]:
    lib = folder / "lib"
    if lib.is_dir():
        for path in sorted(lib.glob("*.rego")):
            if not path.stem.endswith("_test") and is_own(path):
                yield path


def is_own(path: Path) -> bool:
    """True for a module of ours: somebody else's are read by `foreign`."""
    return _OWN_PACKAGE.search(_read(path)) is not None


def _rules_in(folder: Path, *, only_own: bool) -> Iterator[Rule]:
    for category in sorted(path for path in folder.iterdir() if path.is_dir()):
        if category.name in _RESERVED or category.name.startswith("."):
            continue
        for rule in sorted(path for path in category.iterdir() if path.is_dir()):
            source = rule / f"{rule.name}.rego"
            if only_own and not any(is_own(path) for path in rule.glob("*.rego")):
                continue
            if not source.is_file():
                raise PolicyError(
                    f"{rule}: there is no {source.name} in it", hint="a rule's folder, file and package agree"
                )
            text = _read(source)
            yield Rule(
                folder=rule,
                category=category.name,
                name=rule.name,
                metadata=read_metadata(text, str(source)),
                source=text,
            )


def _add_module(modules: dict[str, str], path: Path, text: str) -> None:
    package = package_of(text, str(path))
    key = f"{package.replace('.', '/')}.rego"
    if key in modules:
        raise PolicyError(f"{path}: package {package} exists already", hint="give the rule another name")
    called = forbidden_calls(text)
    if called:
        raise PolicyError(f"{path}: calls {called[0]}", hint="rules judge their input and reach nothing else")
    modules[key] = text


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path}: cannot be read: {error}") from error


def _unique_ids(rules: Iterable[Rule], expressions: Iterable[CelRule]) -> None:
    seen = {info.id: "a built-in rule" for info in BUILTIN_RULES}
    places = [(rule.id, rule.folder) for rule in rules]
    places += [(one.metadata.id, one.path) for one in expressions]
    for rule_id, place in places:
        if rule_id in seen:
            raise PolicyError(f"{place}: the id {rule_id} is taken by {seen[rule_id]}")
        seen[rule_id] = str(place)
