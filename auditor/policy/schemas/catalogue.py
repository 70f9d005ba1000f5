"""Which schema a document is held against, and what comes of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import orjson

from auditor.model import Document, JsonObject, Outcome, Verdict
from auditor.policy.builtin import MISSING_SCHEMA, SCHEMA
from auditor.policy.router import kind_of
from auditor.policy.schemas.compiled import Compiled, Shared
from auditor.policy.schemas.crds import Definition, convert, counts, definitions
from auditor.policy.schemas.explain import Budget, Mismatch, Subject, decrypted_sample, mismatches
from auditor.policy.schemas.folders import SchemaFolders
from auditor.policy.schemas.options import SchemaOptions, ignored
from auditor.policy.schemas.served import Gvk, builtin_schema, is_kubernetes_group, why_not_served
from auditor.policy.schemas.versions import schema_folder

_SOPS = "sops"


class SchemaCatalogue:
    """The schemas of one Kubernetes version and of custom resources.

    Kubernetes' own kinds first, then what the audited repository defines, then what the operator has besides. Each
    kind's schema is compiled when the first document of it comes.
    """

    def __init__(
        self, version: str, crds: Iterable[JsonObject] = (), options: SchemaOptions | None = None
    ) -> None:
        """`version` as `target_version` gives it; `crds` are the repository's CustomResourceDefinitions."""
        options = options or SchemaOptions()
        self.version = version
        self._options = options
        self._crds = tuple(crd for crd in crds if counts(crd))
        self._folder = schema_folder(version, strict=options.strict)
        self._is_ignored = ignored(options.ignore_kinds)
        self._checks: dict[tuple[str, str], _Check] = {}

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the version, the definitions and the options: all that a schema verdict depends on."""
        options = self._options
        record = [
            self.version,
            options.strict,
            options.fail_on_missing,
            sorted(options.ignore_kinds),
            _digests(self._crds),
            _digests(crd for crd in options.crds if counts(crd)),
            self._folders.digest,
        ]
        return hashlib.sha256(orjson.dumps(record)).hexdigest()

    def check(self, document: Document) -> list[Verdict]:
        """Every verdict that is not a pass; [] where the document fits."""
        key = (document.api_version, document.kind)
        check = self._checks.get(key)
        if check is None:
            check = self._checks[key] = self._check(*key)
        return check.verdicts(document.manifest)

    def _check(self, api_version: str, kind: str) -> _Check:
        group, _, version = api_version.rpartition("/")
        gvk = (group, version, kind)
        if self._is_ignored(kind_of(api_version, kind)):
            return _Check(instead=self._unjudged("kept from schemas by schemas.ignore_kinds"))
        try:
            found = self._compiled(gvk)
        except (ValueError, TypeError, RecursionError) as error:
            words = " ".join(str(error).split())[:160]
            return _Check(instead=[_error(f"the schema of {api_version} {kind} cannot be used: {words}")])
        if isinstance(found, Verdict):
            return _Check(instead=[found])
        return _Check(found) if found else _Check(instead=self._missing(gvk))

    def _compiled(self, gvk: Gvk) -> list[Compiled] | Verdict:
        """The schemas of which a document has to fit one, or what is to be said instead."""
        own = builtin_schema(self._folder, gvk)
        if own is not None:
            return [Compiled(own, shared=self._shared)]
        for known in (self._defined, self._defined_elsewhere):
            if gvk in known:
                return self._of_definitions(known[gvk], gvk)
        found = self._folders.schema(gvk)
        return [Compiled(found)] if found is not None else []

    def _of_definitions(self, found: list[Definition], gvk: Gvk) -> list[Compiled] | Verdict:
        served = [definition for definition in found if definition.served]
        if not served:
            return _fail(f"the definition of {gvk[2]} does not serve {gvk[0]}/{gvk[1]}", "apiVersion")
        strict = self._options.strict
        distinct: dict[bytes, Mapping[str, Any]] = {}
        for definition in served:
            if definition.schema is not None:
                distinct.setdefault(orjson.dumps(definition.schema, option=_SORTED), definition.schema)
        compiled = []
        for schema in distinct.values():
            converted = convert(schema, strict=strict, metadata=self._shared.object_meta)
            compiled.append(Compiled(converted.schema, unjudged=converted.unjudged, nulls_pass=False))
        return compiled

    def _missing(self, gvk: Gvk) -> list[Verdict]:
        group, version, kind = gvk
        told = why_not_served(self.version, gvk) if is_kubernetes_group(group) else None
        if told is not None:
            words, is_later = told
            return [_fail(words, "apiVersion")] if is_later else self._unjudged(words)
        api_version = f"{group}/{version}" if group else version
        words = f"no schema for {api_version} {kind} is known{self._other_versions(gvk)}"
        if not self._options.fail_on_missing:
            return [_skipped(words)]
        missing = Verdict(rule_id=MISSING_SCHEMA, outcome=Outcome.FAIL, pointer="", message=words)
        return [_skipped(words), missing]

    def _other_versions(self, gvk: Gvk) -> str:
        group, _, kind = gvk
        found = sorted(self._versions_of.get((group, kind), ()))
        return f"; its definition has {', '.join(found[:5])}" if found else ""

    @cached_property
    def _versions_of(self) -> dict[tuple[str, str], set[str]]:
        found: dict[tuple[str, str], set[str]] = {}
        for group, version, kind in (*self._defined, *self._defined_elsewhere):
            found.setdefault((group, kind), set()).add(version)
        return found

    def _unjudged(self, words: str) -> list[Verdict]:
        """That no schema is asked, of every rule that there is about schemas."""
        rules = (SCHEMA, MISSING_SCHEMA) if self._options.fail_on_missing else (SCHEMA,)
        return [Verdict(rule_id=rule, outcome=Outcome.SKIPPED, pointer="", message=words) for rule in rules]

    @cached_property
    def _defined(self) -> dict[Gvk, list[Definition]]:
        return definitions(self._crds)

    @cached_property
    def _defined_elsewhere(self) -> dict[Gvk, list[Definition]]:
        return definitions(self._options.crds)

    @cached_property
    def _folders(self) -> SchemaFolders:
        return SchemaFolders(self._options.folders, strict=self._options.strict)

    @cached_property
    def _shared(self) -> Shared:
        return Shared(orjson.loads((self._folder / "_definitions.json").read_bytes()))


class _Check:
    """What a kind's documents are held against, or what is said of each of them instead."""

    def __init__(self, schemas: list[Compiled] | None = None, *, instead: Sequence[Verdict] = ()) -> None:
        self._schemas = schemas or []
        self._instead = instead
        first = self._schemas[0] if self._schemas else None
        self._is_valid = first.is_valid if first else None
        self._judges_all = not any(schema.unjudged for schema in self._schemas)

    def verdicts(self, manifest: Any) -> list[Verdict]:
        """Every verdict on one document that is not a pass."""
        if self._instead:
            return list(self._instead)
        held = manifest
        if _SOPS in manifest:
            manifest = {name: value for name, value in manifest.items() if name != _SOPS}
            held = decrypted_sample(manifest)
        try:
            if self._judges_all and self._is_valid is not None and self._is_valid(held):
                return []
            return self._found(manifest, held)
        except (ValueError, RecursionError) as error:
            return [_error(f"it could not be held against its schema: {' '.join(str(error).split())[:160]}")]

    def _found(self, manifest: Any, held: Any) -> list[Verdict]:
        best: list[Verdict] | None = None
        for schema in self._schemas:
            found = [_skipped(_UNJUDGED, pointer) for pointer in schema.unjudged[:_MENTIONED]]
            if not schema.is_valid(held):
                subject = Subject(manifest, schema.nulls_pass)
                found += [_of_mismatch(one) for one in mismatches(schema.errors(held, Budget()), subject)]
            if best is None or _failures(found) < _failures(best):
                best = found
        return best or []


_SORTED = orjson.OPT_SORT_KEYS
_MENTIONED = 5
_UNJUDGED = "the definition's schema cannot be evaluated here, so the field was not judged"


def _digests(crds: Iterable[JsonObject]) -> list[str]:
    """What each definition says of its versions, in no order of its own."""
    return sorted({hashlib.sha256(_written(crd.get("spec"))).hexdigest() for crd in crds})


def _written(spec: Any) -> bytes:
    try:
        return orjson.dumps(spec, option=_SORTED)
    except TypeError:
        return b"too deep for anybody"  # and so for a schema: it is an error wherever it is asked


def _failures(verdicts: list[Verdict]) -> int:
    return sum(verdict.outcome is Outcome.FAIL for verdict in verdicts)


def _of_mismatch(found: Mismatch) -> Verdict:
    outcome = Outcome.SKIPPED if found.placeholder else Outcome.FAIL
    return Verdict(rule_id=SCHEMA, outcome=outcome, pointer=found.pointer, message=found.message)


def _fail(message: str, pointer: str = "") -> Verdict:
    return Verdict(rule_id=SCHEMA, outcome=Outcome.FAIL, pointer=pointer, message=message)


def _skipped(message: str, pointer: str = "") -> Verdict:
    return Verdict(rule_id=SCHEMA, outcome=Outcome.SKIPPED, pointer=pointer, message=message)


def _error(message: str) -> Verdict:
    return Verdict(rule_id=SCHEMA, outcome=Outcome.ERROR, pointer="", message=message)
