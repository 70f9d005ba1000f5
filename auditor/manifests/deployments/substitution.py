"""`postBuild` of Flux' Kustomizations: where variables come from, and how they get into a resource.

Behaviour: github.com/fluxcd/pkg/kustomize 1.35: the YAML text of each resource is filled in and read again, so that
what was a text may become a number or a list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
import yaml

from auditor.errors import RenderError
from auditor.manifests.deployments.envsubst import SubstitutionError, Variables, filled
from auditor.manifests.deployments.values import mapping, mappings, text
from auditor.manifests.limits import Limits
from auditor.manifests.reading import read_blob
from auditor.manifests.secrets import CREDENTIAL_PREFIX, SECRET_PREFIX
from auditor.model import Document, JsonObject

if TYPE_CHECKING:
    from auditor.manifests.deployments.scene import Scene

SUBSTITUTE = "kustomize.toolkit.fluxcd.io/substitute"
"""The label or annotation by which a resource is left alone."""

_NAME = re.compile(r"[_A-Za-z][_A-Za-z0-9]*\Z")
_LIMITS = Limits(blob_bytes=64 * 1024 * 1024, nodes=1_000_000, expanded_bytes=256 * 1024 * 1024)
_SHOWN = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What is known of a Kustomization's variables. `variables` is None where nothing is substituted. `reads` names
    the objects that they come from, `settings` say it to people, `waits_for` names objects not found so far."""

    variables: Variables | None
    reads: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    waits_for: tuple[str, ...] = ()


class _Gathering:
    """Variables as the sources are read one after the other; a later one wins."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.withheld: set[str] = set()
        self.complete = True
        self.unknown: list[str] = []
        self.told: list[str] = []

    def take(self, data: Mapping[str, Any], source: str, *, secret: bool = False) -> None:
        """The values of one source. Those of Secrets, and what looks like one, are not known."""
        known = {str(name): value for name, value in data.items() if isinstance(value, str)}
        for name, value in known.items():
            self.values.pop(name, None)
            self.withheld.discard(name)
            if secret or SECRET_PREFIX in value or CREDENTIAL_PREFIX in value:
                self.withheld.add(name)
            else:
                self.values[name] = value.replace("\n", "")
        if known:
            self.told.append(f"{_listed(known)} from {source}")


def known_variables(document: Document, environment: str, scene: Scene, *, final: bool) -> Known:
    """The variables of a Flux Kustomization, as far as git (and the operator) tell. Raises RenderError for a name
    that Flux refuses."""
    build = mapping(document.manifest.get("spec")).get("postBuild")
    if not isinstance(build, Mapping):
        return Known(variables=None)
    gathering = _Gathering()
    reads: list[str] = []
    waits: list[str] = []
    for reference in mappings(build.get("substituteFrom")):
        kind, name = text(reference.get("kind")), text(reference.get("name"))
        source = f"{kind} {document.namespace}/{name}" if document.namespace else f"{kind} {name}"
        reads.append(source)
        found = scene.find(environment, kind, document.namespace, name)
        if found is not None:
            manifest = found.manifest
            gathering.take(mapping(manifest.get("data")), source, secret=kind == "Secret")
            if kind == "Secret":
                gathering.take(mapping(manifest.get("stringData")), source, secret=True)
        elif not final:
            waits.append(source)
        elif kind == "ConfigMap" and reference.get("optional") is True:
            gathering.told.append(f"nothing from {source}, which is optional and not in git")
        else:
            gathering.complete = False
            gathering.unknown.append(source)
    gathering.take(mapping(build.get("substitute")), "the Kustomization")
    if not gathering.complete or gathering.withheld:
        _take_operators(gathering, scene.options.variables.get(environment, {}))
    for name in (*gathering.values, *gathering.withheld):
        if not _NAME.match(name):
            raise RenderError(
                f"the variable name {name!r} is invalid: letters, digits and _ alone",
                hint="rename it where it is set",
            )
    is_wanted = gathering.values or gathering.withheld or not gathering.complete
    if not is_wanted and build.get("substituteStrategy") != "Always":
        return Known(variables=None, reads=tuple(reads), waits_for=tuple(waits))
    return Known(
        variables=Variables(
            values=gathering.values,
            withheld=frozenset(gathering.withheld),
            complete=gathering.complete,
            strict=scene.strict_substitution,
        ),
        reads=tuple(reads),
        settings=_settings(gathering),
        waits_for=tuple(waits),
    )


def _take_operators(gathering: _Gathering, values: Mapping[str, str]) -> None:
    """What the operator says of the cluster counts where git does not."""
    new = {name: value for name, value in values.items() if name not in gathering.values}
    if new:
        gathering.take(new, "auditor's configuration")


def _settings(gathering: _Gathering) -> dict[str, str]:
    settings: dict[str, str] = {}
    if gathering.told:
        settings["variables"] = "; ".join(gathering.told)
    if gathering.withheld:
        settings["variables not known"] = _listed(gathering.withheld)
    if gathering.unknown:
        settings["variables may also come from"] = ", ".join(gathering.unknown)
    return settings


def _listed(names: Any) -> str:
    found = sorted(names)
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return ", ".join(found[:_SHOWN]) + more


def substituted(manifest: JsonObject, variables: Variables) -> JsonObject:
    """The manifest after `postBuild`; the very same object where nothing changes. Raises RenderError where Flux too
    cannot go on. A resource labelled or annotated `substitute: disabled` is left alone."""
    printed = orjson.dumps(manifest)
    if (b"${" not in printed and b"$$" not in printed) or _is_disabled(manifest):
        return manifest
    try:
        return _read_again(filled(_printed(manifest), variables))
    except SubstitutionError as error:
        name = f"{manifest.get('kind')} {mapping(manifest.get('metadata')).get('name')}"
        raise RenderError(
            f"variables cannot be filled into {name}: {error}",
            hint="write $$ for a dollar sign, or label the resource kustomize.toolkit.fluxcd.io/substitute: disabled",
        ) from error


def _is_disabled(manifest: JsonObject) -> bool:
    metadata = mapping(manifest.get("metadata"))
    return any(
        mapping(metadata.get(field)).get(SUBSTITUTE) == "disabled" for field in ("labels", "annotations")
    )


def _read_again(printed: str) -> JsonObject:
    blob = read_blob(printed.encode("utf-8", "surrogatepass"), _LIMITS)
    if blob.problems:
        raise SubstitutionError(f"it is no YAML any more: {blob.problems[0].message}")
    value = blob.documents[0].value if len(blob.documents) == 1 else None
    if not isinstance(value, dict):
        raise SubstitutionError("it is no object any more")
    return value


class _Dumper(yaml.CSafeDumper):
    """Prints as the YAML library of Flux does, as far as a variable is near; all else is quoted."""

    def ignore_aliases(self, data: Any) -> bool:
        """True: JSON has none."""
        return True


def _text_node(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    style = '"' if "$" not in value else "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text_node)


def _printed(manifest: JsonObject) -> str:
    """The manifest as YAML, keys sorted. A text with a variable is plain where it can be, so that its value decides
    what it is read as."""
    try:
        return yaml.dump(
            manifest, Dumper=_Dumper, allow_unicode=True, default_flow_style=False, width=1_000_000_000
        )
    except (yaml.YAMLError, RecursionError, UnicodeError) as error:
        raise SubstitutionError(f"it cannot be printed as YAML: {error}") from error
