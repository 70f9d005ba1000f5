"""The rules as they lie on disk: sources, metadata, examples and the frameworks that map controls to them.

A rule is a folder: `<category>/<rule>/<rule>.rego` with package `auditor.<category>.<rule>`, its test, and
examples that must pass (`good*.yaml`) or fire (`bad*.yaml`). Shared code is in `lib/`. Nothing is run here.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType

import orjson

from auditor.assets import asset_folder
from auditor.errors import PolicyError
from auditor.model import RuleInfo
from auditor.policy.builtin import BUILTIN_RULES, with_controls
from auditor.policy.frameworks import Framework, controls_by_rule, read_frameworks
from auditor.policy.interface import ALONE_MODULE, ENTRY_MODULE, RulePath
from auditor.policy.metadata import RuleMetadata, package_of, read_metadata
from auditor.policy.router import Router, expand_kinds
from auditor.policy.source import forbidden_calls

_RESERVED = frozenset({"frameworks", "lib"})


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: where it lies, what it says of itself, and its source."""

    folder: Path
    category: str
    name: str
    metadata: RuleMetadata
    source: str

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
        return tuple(sorted(self.folder.glob(f"{prefix}*.yaml")))


@dataclass(frozen=True, kw_only=True)
class Library:
    """Everything that is judged with.

    `modules` maps a path to Rego text: the rules and what they share, no tests. `rules` holds the Rego
    rules, `infos` those and the built-in ones, both by id. `foreign` is true where some did not ship with us.
    """

    rules: tuple[Rule, ...]
    modules: Mapping[str, str]
    folders: tuple[Path, ...]
    foreign: bool = False

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
        infos.extend(with_controls(info, controls.get(info.id, ())) for info in BUILTIN_RULES)
        return tuple(sorted(infos, key=lambda info: info.id))

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) over every module, the entry point and the parameters' schemas."""
        record = {
            "entry": [ENTRY_MODULE, ALONE_MODULE],
            "modules": dict(self.modules),
            "parameters": {rule.id: rule.metadata.parameters for rule in self.rules},
        }
        return hashlib.sha256(orjson.dumps(record, option=orjson.OPT_SORT_KEYS)).hexdigest()

    @cached_property
    def router(self) -> Router:
        """Which of `rules` (by position) a manifest of a kind meets by itself."""
        return Router(tuple(() if rule.over_set else rule.kinds for rule in self.rules))

    @cached_property
    def set_rules(self) -> tuple[Rule, ...]:
        """The rules that look at several resources together."""
        return tuple(rule for rule in self.rules if rule.over_set)

    def controls_for(self, rule_id: str) -> tuple[tuple[str, str], ...]:
        """(framework, control) pairs for which the rule gives evidence."""
        return controls_by_rule(self.frameworks).get(rule_id, ())

    def info(self, rule_id: str) -> RuleInfo:
        """The rule's description; PolicyError where there is no such rule."""
        for info in self.infos:
            if info.id == rule_id:
                return info
        raise PolicyError(f"there is no rule {rule_id!r}", hint="`auditor policy list` names them")


def load_library(extra: Iterable[Path] = (), *, base: Path | None = None) -> Library:
    """The shipped rules (or those in `base`) and those of the `extra` folders, in the same layout.

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
    for folder in folders:
        if not folder.is_dir():
            raise PolicyError(f"{folder}: no such policy folder", hint="--policy takes a folder of rules")
        for path in _shared_modules(folder):
            _add_module(modules, path, _read(path))
        for rule in _rules_in(folder):
            _add_module(modules, rule.folder / f"{rule.name}.rego", rule.source)
            rules.append(rule)
    _unique_ids(rules)
    return Library(
        rules=tuple(sorted(rules, key=lambda rule: rule.id)),
        modules=MappingProxyType(modules),
        folders=folders,
        foreign=len(folders) > 1 or replaced,
    )


def _shared_modules(folder: Path) -> Iterator[Path]:
    lib = folder / "lib"
    if lib.is_dir():
        yield from (path for path in sorted(lib.glob("*.rego")) if not path.stem.endswith("_test"))


def _rules_in(folder: Path) -> Iterator[Rule]:
    for category in sorted(path for path in folder.iterdir() if path.is_dir()):
        if category.name in _RESERVED or category.name.startswith("."):
            continue
        for rule in sorted(path for path in category.iterdir() if path.is_dir()):
            source = rule / f"{rule.name}.rego"
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


def _unique_ids(rules: Iterable[Rule]) -> None:
    seen = {info.id: "a built-in rule" for info in BUILTIN_RULES}
    for rule in rules:
        if rule.id in seen:
            raise PolicyError(f"{rule.folder}: the id {rule.id} is taken by {seen[rule.id]}")
        seen[rule.id] = str(rule.folder)
