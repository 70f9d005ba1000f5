"""JSON Schema verdicts: jsonschema-rs decides, `jsonschema` explains what failed.

Kubernetes' own schemas come with the `kubernetes-validate` package (1.25 to 1.37); custom resources'
from their CustomResourceDefinitions. A kind without a schema is skipped with that reason, never passed.
Each kind's schema is compiled when the first document of it comes.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from auditor.errors import ConfigurationError, MissingPartError
from auditor.model import Document, JsonObject, Outcome, Verdict
from auditor.policy.builtin import SCHEMA
from auditor.policy.crds import Gvk, schemas_of_crds
from auditor.policy.explain import Mismatch, mismatches

_FOLDER = re.compile(r"^v(\d+)\.(\d+)\.\d+-local-strict$")
_VERSION = re.compile(r"^v?(\d+)\.(\d+)(?:\.\d+)?(?:[-+].*)?$")
_SOPS = "sops"


def schema_folders() -> tuple[Path, ...]:
    """The folder of each installed Kubernetes version, by name."""
    return tuple(sorted(path for path in _root().iterdir() if _FOLDER.match(path.name)))


def known_versions() -> tuple[str, ...]:
    """The Kubernetes versions whose schemas are installed, e.g. ("1.25", …, "1.37"), oldest first."""
    found = [match for match in (_FOLDER.match(path.name) for path in _root().iterdir()) if match]
    return tuple(f"{a}.{b}" for a, b in sorted((int(m[1]), int(m[2])) for m in found))


def target_version(asked: str) -> str:
    """The version to judge by: the newest for '', else the one asked for ("1.31", "v1.31.4").

    Raises ConfigurationError where it is not a version or its schemas are not installed.
    """
    known = known_versions()
    if not asked:
        return known[-1]
    match = _VERSION.match(asked)
    version = f"{int(match[1])}.{int(match[2])}" if match else asked
    if version not in known:
        raise ConfigurationError(
            f"there are no schemas for Kubernetes {asked!r}", hint=f"choose one of {known[0]} to {known[-1]}"
        )
    return version


class SchemaCatalogue:
    """The schemas of one Kubernetes version and of some custom resource definitions."""

    def __init__(self, version: str, crds: Iterable[JsonObject] = ()) -> None:
        """`version` as `target_version` gives it; `crds` are CustomResourceDefinition manifests."""
        self.version = version
        self._folder = _root() / f"v{version}.0-local-strict"
        self._custom = schemas_of_crds(crds)
        self._checks: dict[tuple[str, str], _Check | Verdict] = {}

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the version and the custom schemas: all that a schema verdict depends on."""
        custom = {"/".join(gvk): schema for gvk, schema in self._custom.items()}
        record = [self.version, custom]
        return hashlib.sha256(orjson.dumps(record, option=orjson.OPT_SORT_KEYS)).hexdigest()

    def check(self, document: Document) -> list[Verdict]:
        """Every verdict that is not a pass; [] where the document fits."""
        key = (document.api_version, document.kind)
        if key not in self._checks:
            self._checks[key] = self._compile(*key) or _unknown(*key)
        check = self._checks[key]
        if isinstance(check, Verdict):
            return [check]
        manifest: Any = document.manifest
        if _SOPS in manifest:
            manifest = {name: value for name, value in manifest.items() if name != _SOPS}
        if check.is_valid(manifest):
            return []
        return [_of_mismatch(found) for found in mismatches(check.explainer, manifest)]

    def _compile(self, api_version: str, kind: str) -> _Check | None:
        group, _, version = api_version.rpartition("/")
        custom = self._custom.get((group, version, kind))
        if custom is not None:
            return _Check(custom, None)
        schema = self._builtin(group, version, kind)
        return _Check(schema, self._definitions) if schema is not None else None

    def _builtin(self, group: str, version: str, kind: str) -> dict[str, Any] | None:
        prefix = f"{group.split('.')[0]}-" if group else ""
        name = f"{kind.lower()}-{prefix}{version}.json"
        path = self._folder / name
        if not re.fullmatch(r"[a-z0-9.-]+", name) or not path.is_file():
            return None
        schema: dict[str, Any] = orjson.loads(path.read_bytes())
        # A file's name holds only the first label of the group, so another "apps.example.org" would match.
        named = schema.get("x-kubernetes-group-version-kind", ())
        wanted: Gvk = (group, version, kind)
        return schema if wanted in {(n["group"], n["version"], n["kind"]) for n in named} else None

    @cached_property
    def _definitions(self) -> dict[str, Any]:
        loaded: dict[str, Any] = orjson.loads((self._folder / "_definitions.json").read_bytes())
        return loaded


class _Check:
    """One compiled schema, and its slow twin that can say what failed, built when something does."""

    def __init__(self, schema: dict[str, Any], definitions: dict[str, Any] | None) -> None:
        import jsonschema_rs

        self._schema = schema
        self._definitions = definitions
        registry = (
            jsonschema_rs.Registry([(definitions["$id"], definitions)]) if definitions is not None else None
        )
        # offline: a schema out of a hostile CRD must not make us fetch what it refers to.
        validator = jsonschema_rs.Draft202012Validator(schema, registry=registry, retriever=_no_retrieval)
        self.is_valid: Callable[[Any], bool] = validator.is_valid

    @cached_property
    def explainer(self) -> Any:
        """A `jsonschema` validator of the same schema."""
        import jsonschema
        from referencing import Registry, Resource

        registry: Any = Registry()
        if self._definitions is not None:
            registry = Resource.from_contents(self._definitions) @ registry
        return jsonschema.Draft202012Validator(self._schema, registry=registry)


def _no_retrieval(uri: str) -> Any:
    raise ValueError(f"a schema refers to {uri}, which is not part of it")


def _root() -> Path:
    # The package itself takes 0.1 s to import and only its data is needed.
    spec = importlib.util.find_spec("kubernetes_validate")
    if spec is None or spec.origin is None:
        raise MissingPartError(
            "the Kubernetes schemas are not installed", hint="pip install kubernetes-validate"
        )
    return Path(spec.origin).parent / "kubernetes-json-schema"


def _unknown(api_version: str, kind: str) -> Verdict:
    return _verdict(Outcome.SKIPPED, "", f"no schema for {api_version} {kind} is known")


def _of_mismatch(found: Mismatch) -> Verdict:
    outcome = Outcome.SKIPPED if found.placeholder else Outcome.FAIL
    return _verdict(outcome, found.pointer, found.message)


def _verdict(outcome: Outcome, pointer: str, message: str) -> Verdict:
    return Verdict(rule_id=SCHEMA, outcome=outcome, pointer=pointer, message=message)
