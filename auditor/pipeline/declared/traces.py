"""Where findings on what is rendered at the tip come from: which line, through what, and who last wrote that line.

A trace holds as long as nothing changes that decided it, and is then taken from the last run. Tracing is asked of
findings alone, and costs the reading of the files on their way; of Helm releases, renderings with other values.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import orjson

from auditor.findings.lifetimes import Sighting
from auditor.git.blobs import ObjectReader
from auditor.git.lines import Version, last_writers
from auditor.git.mirror import Mirror
from auditor.git.tree import CommitTree
from auditor.manifests.deployments.interface import DeploymentId
from auditor.manifests.deployments.traces import Deployed, TracedField, trace_fields
from auditor.manifests.rendering.traced_files import TracedFiles
from auditor.manifests.rendering.tracing import Trace
from auditor.model import FileChange, Resource, ResourceId
from auditor.pipeline.declared.seen import SeenAt
from auditor.store.database import Database
from auditor.store.traces import TraceRow, landed_versions, stored_traces

TRACING_VERSION = 1
"""Raised whenever the same files would be traced otherwise."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RenderedAtTip:
    """What was rendered at the tip, and the deployments that it was rendered for."""

    resources: Sequence[Resource]
    deployed: Deployed


def shown_at_tip(seen: Iterable[SeenAt]) -> list[Sighting]:
    """The violations that are there at the last of the landings."""
    shown: dict[str, Sighting] = {}
    for at in seen:
        for name in at.gone:
            shown.pop(name, None)
        shown.update((sighting.id, sighting) for sighting in at.come)
    return list(shown.values())


def traced_tip(
    rendered: RenderedAtTip,
    sightings: Sequence[Sighting],
    *,
    mirror: Mirror,
    database: Database,
    repo: str,
    changes: Sequence[FileChange],
    redact: Callable[[str], str],
) -> list[TraceRow]:
    """The traces of violations at the tip. `changes` are those of this run, newest first, which no run has recorded."""
    by_id = {(item.environment, item.id): item for item in rendered.resources}
    asked: list[tuple[Sighting, Resource]] = []
    for sighting in sightings:
        if sighting.line:
            continue  # it names its place itself: a value that a schema refuses
        group = sighting.api_version.rpartition("/")[0]
        named = ResourceId(group=group, kind=sighting.kind, namespace=sighting.namespace, name=sighting.name)
        item = by_id.get((sighting.environment, named))
        if item is not None and item.rendered_from:
            asked.append((sighting, item))
    if not asked:
        return []
    known = stored_traces(database, repo)
    rows: list[TraceRow] = []
    new: list[tuple[Sighting, Resource, str]] = []
    with ObjectReader(mirror.git, mirror.path) as reader:
        tree = CommitTree(mirror, mirror.tip, reader)
        keys = _Keys(rendered.deployed, tree)
        for sighting, item in asked:
            key = keys.of(item, sighting.pointer)
            if key in known:
                rows += [row._replace(finding=sighting.id) for row in known[key]]
            else:
                new.append((sighting, item, key))
        fields = [TracedField(resource=item, pointer=sighting.pointer) for sighting, item, _ in new]
        traces = trace_fields(rendered.deployed, fields, TracedFiles(tree.read))
        versions = _Versions(database, repo, changes)
        writers = _writers([trace for trace in traces if trace is not None], versions, reader.read)
    for (sighting, _, key), trace in zip(new, traces, strict=True):
        if trace is not None:
            rows += _rows(sighting.id, trace, writers, key, redact)
    return rows


def _rows(
    finding: str,
    trace: Trace,
    writers: Mapping[tuple[str, int], str],
    key: str,
    redact: Callable[[str], str],
) -> list[TraceRow]:
    source = trace.source
    sha = writers.get((source.path, source.line), "") if trace.is_exact else ""
    return [
        TraceRow(
            finding=finding,
            position=position,
            path=redact(step.path),
            line=step.line,
            column=step.column,
            what=redact(step.what),
            exact=trace.is_exact,
            sha=sha if position == 0 else "",
            key=key,
        )
        for position, step in enumerate(trace.steps)
    ]


class _Keys:
    """Gives the keys of traces: all that decides a rendering, and the files of the objects that lead to it."""

    def __init__(self, deployed: Deployed, tree: CommitTree) -> None:
        self._deployed = deployed
        self._tree = tree
        self._of_work: dict[int, str] = {}

    def of(self, item: Resource, pointer: str) -> str:
        """'' where the rendering has no key either."""
        known = self._deployed.work_of(item)
        if known is None:
            return ""
        deployment, work = known
        if id(work) not in self._of_work:
            possible = work.possible_keys()
            parts = [TRACING_VERSION, possible[0], self._declared(deployment.id)] if possible else []
            self._of_work[id(work)] = _digest(parts) if parts else ""
        made = self._of_work[id(work)]
        return _digest([made, item.environment, str(item.id), item.document.digest, pointer]) if made else ""

    def _declared(self, name: DeploymentId) -> list[tuple[str, str]]:
        """The files that declare the deployment and those that apply it, with their blobs."""
        pending, seen = [name], {name}
        found: list[tuple[str, str]] = []
        while pending:
            node = self._deployed.nodes.get(pending.pop(0))
            if node is None:
                continue
            path = node.plan.deployment.path
            found.append((path, self._blob(path)))
            pending += [parent for parent in node.parents if parent not in seen]
            seen.update(node.parents)
        return found

    def _blob(self, path: str) -> str:
        try:
            return self._tree.blob(path)
        except KeyError:
            return ""


class _Versions:
    """The versions of files along the landings: of this run, then those that are recorded."""

    def __init__(self, database: Database, repo: str, changes: Sequence[FileChange]) -> None:
        self._database = database
        self._repo = repo
        self._new: dict[str, list[tuple[str, str, str, str]]] = {}
        for change in changes:
            if change.landed:
                entry = (change.sha, change.old_path, change.old_blob, change.new_blob)
                self._new.setdefault(change.path, []).append(entry)

    def of(self, paths: Iterable[str]) -> dict[str, list[Version]]:
        """The versions of each path, newest first, up to where it was another's content or not there."""
        wanted = sorted(set(paths))
        recorded = landed_versions(self._database, self._repo, wanted)
        found: dict[str, list[Version]] = {}
        for path in wanted:
            versions: list[Version] = []
            for sha, _, old_blob, new_blob in [*self._new.get(path, ()), *recorded.get(path, ())]:
                if versions and versions[-1].old_blob != new_blob:
                    break
                versions.append(Version(sha=sha, old_blob=old_blob, new_blob=new_blob))
            found[path] = versions
        return found


def _writers(
    traces: Iterable[Trace], versions: _Versions, read: Callable[[str], bytes | None]
) -> dict[tuple[str, int], str]:
    """The commit that last wrote each line that is the exact source of something."""
    lines: dict[str, set[int]] = {}
    for trace in traces:
        if trace.is_exact and trace.source.line:
            lines.setdefault(trace.source.path, set()).add(trace.source.line)
    found: dict[tuple[str, int], str] = {}
    for path, history in versions.of(lines).items():
        for line, sha in last_writers(lines[path], history, read).items():
            found[(path, line)] = sha
    return found


def _digest(parts: object) -> str:
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()
