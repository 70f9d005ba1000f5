"""One declared resource against its live object: what differs, since when, by whom, and what that means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from auditor.crosscheck.additions import Addition, additions, covered, unowned_additions
from auditor.crosscheck.allow import AllowList
from auditor.crosscheck.attribution import Attribution, attribute
from auditor.crosscheck.compare import Difference, differences
from auditor.crosscheck.excuses import Change, Excuses, is_restart
from auditor.crosscheck.listkeys import Path, pointer
from auditor.crosscheck.managedfields import Owner, ownership
from auditor.crosscheck.normalise import normalise
from auditor.crosscheck.opaque import why_opaque
from auditor.crosscheck.schema import CUSTOM_RESOURCE, MISSING, FieldType, Schemas
from auditor.crosscheck.schema.crd import convertible, fallback
from auditor.crosscheck.severity import severity_of
from auditor.crosscheck.staleness import Timeline
from auditor.crosscheck.text import as_json
from auditor.crosscheck.tracking import Trackers, instruction
from auditor.model import (
    DeclaredHistory,
    DeclaredVersion,
    Drift,
    DriftVerdict,
    LiveObject,
    Resource,
    ResourceId,
    Unknown,
)


@dataclass(frozen=True)
class Setting:
    """What every comparison of one run shares. `has_owners`: the snapshot was recorded with managedFields."""

    schemas: Schemas
    history: DeclaredHistory
    allow: AllowList
    excuses: Excuses
    trackers: Trackers
    definitions: tuple[Mapping[str, Any], ...]
    has_owners: bool

    @cached_property
    def convertible(self) -> frozenset[tuple[str, str]]:
        """Custom resources whose API versions differ in nothing but their name."""
        return convertible(self.definitions)

    def kind(self, identity: ResourceId, api_version: str) -> FieldType:
        """The type of a whole object."""
        known = self.schemas.of(identity, api_version)
        return fallback(identity.group, identity.kind) if known is CUSTOM_RESOURCE else known

    def normalised(self, live: LiveObject) -> dict[str, Any]:
        """A live object as it is compared."""
        return normalise(live.manifest, self.kind(live.id, live.api_version))


class ResourceCheck:
    """The comparison of one pair. `unknown` and `compared` are whole after `drift` was called."""

    def __init__(self, resource: Resource, live: LiveObject, setting: Setting) -> None:
        self._resource, self._live, self._setting = resource, live, setting
        self._kind = setting.kind(live.id, live.api_version)
        self._manifest = {name: value for name, value in resource.document.manifest.items() if name != "sops"}
        self._wanted = normalise(self._manifest, self._kind)
        self._there = normalise(live.manifest, self._kind)
        self._owned = ownership(live.manifest)
        self.unknown: list[Unknown] = []
        self.compared = 0

    def drift(self) -> list[Drift]:
        """Every drift of the pair; [] where nothing differs or git asks not to compare."""
        reason = self._not_compared()
        if reason:
            self._say(reason)
            return []
        self.compared = 1
        if instruction(self._manifest, "ssa") == "ifnotpresent":
            return []
        if self._setting.has_owners and not self._owned.recorded and not _is_bare(self._manifest):
            self._say(
                "it has no managedFields, unlike others: somebody cleared them, or nobody ever wrote it"
            )
        for problem in self._owned.problems:
            self._say(problem)
        changed = [found for found in self._differences() if not self._is_opaque(found)]
        paths = tuple(found.path for found in changed)
        return [*self._changes(changed), *self._extras(paths)]

    def _say(self, reason: str) -> None:
        self.unknown.append(Unknown(id=self._resource.id, reason=reason))

    def _not_compared(self) -> str:
        if instruction(self._manifest, "ssa") == "ignore":
            return "git tells Flux to ignore this object (ssa: Ignore), so its fields were not compared"
        if instruction(self._manifest, "reconcile") == "disabled":
            return "git tells Flux not to reconcile this object, so its fields were not compared"
        ours, theirs = self._resource.document.api_version, self._live.api_version
        same = ours == theirs or (self._live.id.group, self._live.id.kind) in self._setting.convertible
        return (
            ""
            if same
            else f"git declares it as {ours} and the snapshot holds it as {theirs}, whose fields differ: "
            "record it in the declared version (kubectl get KIND.VERSION.GROUP)"
        )

    def _differences(self) -> Iterator[Difference]:
        for found in differences(self._wanted, self._there, self._kind):
            owners = self._owned.of(found.path) if found.live is not MISSING else ()
            if not self._is_excused(found.path, found.declared, found.live, owners):
                yield found

    def _is_opaque(self, found: Difference) -> bool:
        reason = why_opaque(found.declared, found.live) or self._setting.excuses.why_unknown(
            found.path, self._owned.of(found.path) if found.live is not MISSING else ()
        )
        if reason:
            self._say(f"{pointer(found.path)}: {reason}")
        return bool(reason)

    def _is_excused(self, path: Path, declared: Any, live: Any, owners: tuple[Owner, ...]) -> bool:
        text = pointer(path)
        allow, kind = self._setting.allow, self._live.id.kind
        change = Change(self._live, self._manifest, path, declared, live, owners)
        return allow.allows(
            owners, kind, text, declared=declared is not MISSING
        ) or self._setting.excuses.excuse(change)

    @cached_property
    def _timeline(self) -> Timeline:
        return Timeline(self._setting.history.versions(self._resource), self._kind)

    def _changes(self, changed: list[Difference]) -> Iterator[Drift]:
        if not changed:
            return
        is_gitops = self._setting.allow.is_gitops
        owners = {
            found.path: self._owned.of(found.path) if found.live is not MISSING else () for found in changed
        }
        theirs = [found for found in changed if any(not is_gitops(owner) for owner in owners[found.path])]
        ours = [found for found in changed if found not in theirs]
        whole = self._timeline.equal_version(self._there, changed)
        strangers = tuple(found.path for found in theirs)
        rest = whole or (self._timeline.equal_version(self._there, ours, strangers) if ours else None)
        for found in changed:
            held = owners[found.path]
            who = attribute(held, self._owned, is_gitops)
            by_stranger = found in theirs or (found.live is MISSING and bool(theirs))
            yield self._judged(found, who, whole if by_stranger else rest, by_stranger, bool(held))

    def _judged(
        self,
        found: Difference,
        who: Attribution,
        version: DeclaredVersion | None,
        by_stranger: bool,
        is_owned: bool,
    ) -> Drift:
        verdict, evidence = self._cause(version, by_stranger, is_owned)
        return self._drift(
            found.path,
            found.declared,
            found.live,
            verdict,
            Attribution(who.manager, who.at, f"{evidence}; {who.evidence}", who.confidence),
            version.sha if version else "",
            self._timeline.setter(found.path),
        )

    def _cause(
        self, version: DeclaredVersion | None, by_stranger: bool, is_owned: bool
    ) -> tuple[DriftVerdict, str]:
        if version is None:
            if not len(self._timeline):
                return DriftVerdict.UNAUTHORISED, "no history of this resource is known to compare with"
            if is_owned and not by_stranger:
                text = (
                    "equal to no version that git ever declared, though the GitOps manager's name is on the "
                    "field: something between git and the cluster sets it, or somebody borrowed the name"
                )
                return DriftVerdict.UNAUTHORISED, text
            return DriftVerdict.UNAUTHORISED, "equal to no version that git ever declared"
        short = version.sha[:12]
        if version.sha and version.sha in self._setting.trackers.synced(self._live):
            return DriftVerdict.STALE, f"equals {short}, the revision that the GitOps tool reports as synced"
        if by_stranger:
            return DriftVerdict.UNAUTHORISED, f"unauthorised rollback: equals the older version {short}"
        return DriftVerdict.STALE, f"equals the older version {short}"

    def _extras(self, changed: tuple[Path, ...]) -> Iterator[Drift]:
        if instruction(self._manifest, "ssa") == "merge":
            return
        if self._owned.recorded:
            found = additions(
                self._wanted, self._there, self._kind, self._owned, self._setting.allow.is_gitops
            )
        else:
            found = unowned_additions(self._wanted, self._there, self._kind)
        for extra in found:
            excused = self._is_excused(extra.path, MISSING, extra.live, extra.owners)
            if not excused and not covered(extra.path, changed):
                yield self._unpruned(extra) if extra.unpruned else self._added(extra)

    def _added(self, extra: Addition) -> Drift:
        who = attribute(extra.owners, self._owned, self._setting.allow.is_gitops)
        what = (
            "a manual restart (kubectl rollout restart)" if is_restart(extra.path) else "not declared in git"
        )
        found = Attribution(who.manager, who.at, f"{what}; {who.evidence}", who.confidence)
        return self._drift(extra.path, MISSING, extra.live, DriftVerdict.ADDED, found, "", None)

    def _unpruned(self, extra: Addition) -> Drift:
        who = attribute(extra.owners, self._owned, self._setting.allow.is_gitops)
        last, remover = self._timeline.last_with(extra.path), None
        if last is None:
            text = (
                "applied for git and not declared now; no recorded version declares it, so when it was "
                "removed is unknown, or somebody borrowed the manager's name"
            )
            confidence = "low"
        else:
            remover = self._timeline.setter(extra.path)
            removed = f", removed in {remover.sha[:12]}" if remover and remover.sha else ""
            text, confidence = f"git last declared it in {last.sha[:12]}{removed}", who.confidence
        found = Attribution(who.manager, who.at, f"{text}; {who.evidence}", confidence)
        return self._drift(extra.path, MISSING, extra.live, DriftVerdict.UNPRUNED, found, "", remover)

    def _drift(
        self,
        path: Path,
        declared: Any,
        live: Any,
        verdict: DriftVerdict,
        who: Attribution,
        matches: str,
        setter: DeclaredVersion | None,
    ) -> Drift:
        text = pointer(path)
        return Drift(
            cluster=self._live.cluster,
            id=self._live.id,
            api_version=self._live.api_version,
            pointer=text,
            declared=as_json(declared),
            live=as_json(live),
            verdict=verdict,
            severity=severity_of(verdict, self._live.id, text),
            manager=who.manager,
            changed_at=who.at,
            actor=who.manager,
            evidence=who.evidence,
            confidence=who.confidence,
            matches_commit=matches,
            declared_sha=setter.sha if setter else "",
            declared_by=str(setter.by) if setter else "",
            declared_at=setter.at if setter else None,
        )


def _is_bare(manifest: Mapping[str, Any]) -> bool:
    """True for a declaration of nothing but a name, such as most Namespaces: nobody owns a field, so none is recorded."""
    metadata = manifest.get("metadata")
    named = isinstance(metadata, Mapping) and metadata.keys() <= {"name", "namespace"}
    return named and manifest.keys() <= {"apiVersion", "kind", "metadata"}
