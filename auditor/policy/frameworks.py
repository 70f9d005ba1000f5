"""Frameworks: each control, the rules that give evidence for it, and what is left to people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from auditor.errors import PolicyError
from auditor.policy.metadata import load_yaml

FRAMEWORK_NAMES = (
    "pss-baseline",
    "pss-restricted",
    "cis-kubernetes",
    "nsa-cisa",
    "soc2",
    "iso27001",
    "pci-dss",
    "nist-800-53",
    "slsa-source",
    "opengitops",
)
"""The frameworks that ship; a folder of one's own may add others."""


_KEYS = frozenset({"id", "title", "section", "rules", "manual", "people"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Control:
    """One control. `people` says what people must do or keep; '' where the rules are the whole evidence.

    `manual` is true where no rule can give evidence. `section` is the heading that the control stands under in
    its framework, '' where there is none.
    """

    id: str
    title: str
    rules: tuple[str, ...]
    manual: bool
    people: str
    section: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Framework:
    """A framework with its controls in its own order; `version` and `url` name the text it follows.

    `source` says where identifiers and titles were taken from, `scope` which sections are here and are whole.
    `titled_by_us` is true where the text has no short titles of its own, and the titles here are our wording.
    """

    name: str
    title: str
    version: str
    url: str
    controls: tuple[Control, ...]
    source: str = ""
    scope: str = ""
    titled_by_us: bool = False


def read_frameworks(folder: Path) -> tuple[Framework, ...]:
    """Every framework of a folder, by name; () where there is no such folder."""
    if not folder.is_dir():
        return ()
    return tuple(_read(path) for path in sorted(folder.glob("*.yaml")))


@lru_cache(maxsize=8)
def controls_by_rule(frameworks: tuple[Framework, ...]) -> dict[str, tuple[tuple[str, str], ...]]:
    """Rule id → the (framework, control) pairs that name it."""
    found: dict[str, list[tuple[str, str]]] = {}
    for framework in frameworks:
        for control in framework.controls:
            for rule_id in control.rules:
                found.setdefault(rule_id, []).append((framework.name, control.id))
    return {rule_id: tuple(pairs) for rule_id, pairs in found.items()}


def unknown_rules(frameworks: Iterable[Framework], known: Iterable[str]) -> list[tuple[str, str, str]]:
    """(framework, control, rule id) for every rule that a framework names and that does not exist."""
    ids = set(known)
    return [
        (framework.name, control.id, rule_id)
        for framework in frameworks
        for control in framework.controls
        for rule_id in control.rules
        if rule_id not in ids
    ]


def _read(path: Path) -> Framework:
    try:
        content = load_yaml(path.read_text(encoding="utf-8"))
        controls = tuple(_control(entry, path) for entry in content["controls"])
        framework = Framework(
            name=content["name"],
            title=content["title"],
            version=str(content["version"]),
            url=content["url"],
            controls=controls,
            source=str(content.get("source", "")).strip(),
            scope=str(content.get("scope", "")).strip(),
            titled_by_us=_titled_by_us(content, path),
        )
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError) as error:
        raise PolicyError(
            f"{path}: not a framework: {error!r}",
            hint="a framework has name, title, version, url and controls (id, title, rules | manual + people)",
        ) from error
    twice = [
        identifier for identifier, times in Counter(control.id for control in controls).items() if times > 1
    ]
    if twice:
        raise PolicyError(f"{path}: control {twice[0]} stands twice")
    if framework.name != path.stem:
        raise PolicyError(
            f"{path}: the framework calls itself {framework.name!r}", hint="name it as the file"
        )
    return framework


def _titled_by_us(content: dict[str, Any], path: Path) -> bool:
    titled_by = content.get("titled_by")
    if titled_by not in (None, "us"):
        raise PolicyError(
            f"{path}: titled_by is {titled_by!r}",
            hint="`us`, or nothing where the titles are the framework's own",
        )
    return titled_by is not None


def _control(entry: dict[str, Any], path: Path) -> Control:
    if not isinstance(entry["id"], str):
        # YAML reads 1.10 as 1.1: another control.
        raise PolicyError(f"{path}: the id {entry['id']} is a number", hint="put it in quotes")
    unknown = sorted(set(entry) - _KEYS)
    if unknown:
        raise PolicyError(
            f"{path}: control {entry['id']} has an unknown key {unknown[0]!r}",
            hint=f"one of {', '.join(sorted(_KEYS))}",
        )
    control = Control(
        id=entry["id"],
        title=str(entry["title"]),
        rules=tuple(entry.get("rules", ())),
        manual=bool(entry.get("manual", False)),
        people=str(entry.get("people", "")).strip(),
        section=str(entry.get("section", "")).strip(),
    )
    if control.manual and (control.rules or not control.people):
        raise PolicyError(
            f"{path}: control {control.id} is manual, so it names no rules and says what people do"
        )
    if not control.manual and not control.rules:
        raise PolicyError(f"{path}: control {control.id} names no rule", hint="mark it `manual: true`")
    return control
