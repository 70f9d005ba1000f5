"""Rego's METADATA comments, read in Python: what a rule is, without running it.

The format is OPA's ("Annotations"): a line `# METADATA`, then YAML in the comment lines that follow it.
The annotation of a rule here is the one above its `package`. `rego.metadata.*` is not used, because the
embedded engine lacks it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from auditor.errors import PolicyError
from auditor.model import RuleInfo, Severity
from auditor.policy.reads import projection_for
from auditor.policy.router import expand_kinds

REQUIRED_KEYS = ("title", "description", "custom")
REQUIRED_CUSTOM_KEYS = ("id", "severity", "kinds", "remediation", "since")
OPTIONAL_CUSTOM_KEYS = ("parameters", "contains", "reads", "scope", "about", "within", "shared")

SCOPES = ("resource", "environment")
WITHIN = ("environment", "identity")

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PACKAGE = re.compile(r"^package\s+([A-Za-z_][\w.]*)\s*$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleMetadata:
    """What stands above a rule's package.

    `kinds` are as written ("Pod", "apps/Deployment", "workload", "*"). `contains` is text without which a
    manifest's JSON cannot break the rule, so that the rule is not even asked ('' = always asked).
    `reads` are the paths of the manifest on which its answer depends (see `reads.py`); none means all of it.
    `parameters` is the JSON Schema of what a user may set. `scope` is "resource" for a rule that looks at one
    manifest, "environment" for a rule that looks at all manifests of its kinds in one environment together. Of such a rule `about` are the kinds that its findings can
    be about (() for all that it looks at): without one of them there is nothing to ask. `within` is "identity" where
    only manifests of one group, kind, namespace and name have to do with one another, else "environment". `shared`
    are paths by which manifests say something of every other: a finding depends on the manifest that it is about and
    on what all say there, and manifests that say nothing there do not count. With "metadata.name" among them,
    manifests count that no finding can be about. () where findings depend on the whole set.
    """

    id: str
    title: str
    description: str
    severity: Severity
    kinds: tuple[str, ...]
    remediation: str
    since: str
    related: tuple[str, ...]
    contains: str
    reads: tuple[str, ...]
    parameters: Mapping[str, Any]
    scope: str = "resource"
    about: tuple[str, ...] = ()
    within: str = "environment"
    shared: tuple[str, ...] = ()

    def info(self, category: str, kinds: tuple[str, ...], controls: tuple[tuple[str, str], ...]) -> RuleInfo:
        """The rule as other stages know it."""
        return RuleInfo(
            id=self.id,
            title=self.title,
            description=self.description,
            severity=self.severity,
            category=category,
            kinds=kinds,
            remediation=self.remediation,
            since=self.since,
            related=self.related,
            controls=controls,
        )


def load_yaml(text: str) -> Any:
    """The YAML text's value, by PyYAML's safe loader (the C one where it is built: seven times as fast)."""
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 - both are safe loaders


def package_of(text: str, path: str) -> str:
    """The package a Rego file declares; PolicyError where it declares none."""
    found = _PACKAGE.search(text)
    if not found:
        raise PolicyError(f"{path}: no package line", hint="a rule's first statement is its package")
    return found[1]


def annotation_of(text: str, path: str) -> dict[str, Any]:
    """The YAML of the METADATA block above the package; {} where there is none."""
    lines = text.splitlines()
    try:
        start = next(n for n, line in enumerate(lines) if line.strip() == "# METADATA")
    except StopIteration:
        return {}
    block: list[str] = []
    for line in lines[start + 1 :]:
        if not line.startswith("#"):
            break
        block.append(line[2:] if line.startswith("# ") else line[1:])
    try:
        parsed = load_yaml("\n".join(block))
    except yaml.YAMLError as error:
        raise PolicyError(
            f"{path}: the METADATA above the package is not YAML: {error}",
            hint="each line is '# ' and YAML",
        ) from error
    if not isinstance(parsed, dict):
        raise PolicyError(f"{path}: the METADATA above the package is not a mapping")
    return parsed


def read_metadata(text: str, path: str) -> RuleMetadata:
    """A rule's metadata; PolicyError naming the file and the key where something is missing or wrong."""
    annotation = annotation_of(text, path)
    _require(annotation, REQUIRED_KEYS, path, "METADATA")
    custom = annotation["custom"]
    if not isinstance(custom, dict):
        raise PolicyError(f"{path}: METADATA key 'custom' is not a mapping")
    _require(custom, REQUIRED_CUSTOM_KEYS, path, "METADATA key custom")
    known = {*REQUIRED_CUSTOM_KEYS, *OPTIONAL_CUSTOM_KEYS}
    unknown = sorted(set(custom) - known)
    if unknown:
        raise PolicyError(
            f"{path}: unknown METADATA key custom.{unknown[0]}",
            hint=f"known keys: {', '.join(sorted(known))}",
        )
    return RuleMetadata(
        id=str(custom["id"]),
        title=str(annotation["title"]).strip(),
        description=str(annotation["description"]).strip(),
        severity=_severity(custom["severity"], path),
        kinds=_texts(custom["kinds"], path, "custom.kinds"),
        remediation=str(custom["remediation"]).strip(),
        since=str(custom["since"]),
        related=_related(annotation.get("related_resources", []), path),
        contains=str(custom.get("contains", "")),
        reads=_reads(custom, path),
        parameters=_parameters(custom.get("parameters", {}), path),
        scope=_scope(custom, path),
        about=_about(custom, path),
        within=_within(custom, path),
        shared=_shared(custom, path),
    )


def _require(mapping: Mapping[str, Any], keys: tuple[str, ...], path: str, where: str) -> None:
    missing = [key for key in keys if not mapping.get(key)]
    if missing:
        raise PolicyError(
            f"{path}: {where} lacks {', '.join(missing)}",
            hint="every rule states title, description and custom.{" + ", ".join(REQUIRED_CUSTOM_KEYS) + "}",
        )


def _severity(value: Any, path: str) -> Severity:
    try:
        return Severity(value)
    except ValueError as error:
        raise PolicyError(
            f"{path}: custom.severity is {value!r}", hint=f"one of {', '.join(Severity)}"
        ) from error


def _texts(value: Any, path: str, key: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise PolicyError(f"{path}: {key} is not a list of texts")
    return tuple(value)


def _reads(custom: Mapping[str, Any], path: str) -> tuple[str, ...]:
    reads = _texts(custom.get("reads", []), path, "custom.reads")
    try:
        # Any kind shows what is wrong: the places differ by kind, the way they are written does not.
        projection_for(reads, "", str(custom.get("contains", "")))
    except PolicyError as error:
        raise PolicyError(f"{path}: {error.message}", hint=error.hint) from error
    return reads


def _scope(custom: Mapping[str, Any], path: str) -> str:
    scope = custom.get("scope", SCOPES[0])
    if scope not in SCOPES:
        raise PolicyError(f"{path}: custom.scope is {scope!r}", hint=f"one of {', '.join(SCOPES)}")
    if scope == "environment" and (
        custom.get("contains") or "*" in custom["kinds"] or not custom.get("reads")
    ):
        raise PolicyError(
            f"{path}: a rule over an environment names its kinds and what it reads, and has no custom.contains",
            hint="all manifests of those kinds are kept together, so they are cut down to custom.reads",
        )
    return str(scope)


def _about(custom: Mapping[str, Any], path: str) -> tuple[str, ...]:
    about = _texts(custom.get("about", []), path, "custom.about")
    stray = sorted(set(about) - set(custom["kinds"]) - set(expand_kinds(custom["kinds"])))
    if stray or (about and custom.get("scope") != "environment"):
        raise PolicyError(
            f"{path}: custom.about names {', '.join(stray) or 'kinds'}",
            hint="it names kinds out of custom.kinds, of a rule with custom.scope environment",
        )
    return about


def _within(custom: Mapping[str, Any], path: str) -> str:
    within = custom.get("within", WITHIN[0])
    if within not in WITHIN or (within != WITHIN[0] and custom.get("scope") != "environment"):
        raise PolicyError(
            f"{path}: custom.within is {within!r}",
            hint=f"one of {', '.join(WITHIN)}, of a rule with custom.scope environment",
        )
    return str(within)


def _shared(custom: Mapping[str, Any], path: str) -> tuple[str, ...]:
    shared = _texts(custom.get("shared", []), path, "custom.shared")
    stray = sorted(set(shared) - {*custom.get("reads", ()), "metadata.name"})
    if stray or (shared and (not custom.get("about") or custom.get("within", WITHIN[0]) != WITHIN[0])):
        raise PolicyError(
            f"{path}: custom.shared names {', '.join(stray) or 'paths'}",
            hint="it names paths out of custom.reads or metadata.name, of a rule over an environment with custom.about",
        )
    return shared


def _related(value: Any, path: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise PolicyError(f"{path}: related_resources is not a list")
    return tuple(str(entry["ref"] if isinstance(entry, dict) else entry) for entry in value)


def _parameters(value: Any, path: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise PolicyError(f"{path}: custom.parameters is not a JSON Schema (a mapping)")
    return value
