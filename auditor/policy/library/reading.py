"""Reading folders of rules, ours and those in somebody else's form."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from auditor.assets import asset_folder
from auditor.errors import PolicyError
from auditor.policy.builtin import BUILTIN_RULES
from auditor.policy.library.library import Library
from auditor.policy.library.rule import Rule
from auditor.policy.metadata import package_of, read_metadata
from auditor.policy.source import forbidden_calls

if TYPE_CHECKING:
    from auditor.policy.foreign.interface import CelRule, ForeignRule, ForeignRules

_RESERVED = frozenset({"frameworks", "lib"})
_OWN_PACKAGE = re.compile(r"^package\s+auditor\.", re.MULTILINE)


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
