"""What the tip's tree says is accepted, and which open findings that is about."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from auditor.errors import GitError
from auditor.findings.suppressions import ANNOTATION, WORD
from auditor.findings.waiverfile import Mistake
from auditor.findings.waivers import Waiver, Waivers, WaiverTerms, read_waivers
from auditor.git.blobs import ObjectReader
from auditor.git.mirror import Mirror
from auditor.git.searching import files_holding
from auditor.git.tree import REGULAR_MODES
from auditor.manifests.formats import parse_file
from auditor.manifests.places import Places
from auditor.manifests.secrets import Redactor
from auditor.model import Document
from auditor.pipeline.check.inline import read_inline
from auditor.reports.check.interface import ExcuseKind
from auditor.settings import Settings
from auditor.store.writer import Writer

_OPEN = """
SELECT f.id, f.rule_id, f.environment, f.api_version, f.kind, f.namespace, f.name, f.path, f.pointer,
    list(DISTINCT r.path ORDER BY r.path) FILTER (r.path IS NOT NULL),
    list(DISTINCT r.rendered_from ORDER BY r.rendered_from) FILTER (r.path IS NOT NULL)
FROM trail.finding f LEFT JOIN trail.resource r
    ON f.source = 'rendered' AND r.rendered_from <> '' AND f.name <> '' AND r.repo = f.repo
    AND (r.environment, r.api_version, r.kind, r.namespace, r.name)
        = (f.environment, f.api_version, f.kind, f.namespace, f.name)
WHERE f.repo = ? AND f.fixed_sha = '' AND NOT coalesce(f.lost, false)
GROUP BY ALL
ORDER BY f.id
"""


@dataclass(frozen=True, slots=True)
class OpenFinding:
    """An open finding as waivers look at it. `rendered` are the files and folders that the resource at the tip is
    rendered from, where it is."""

    id: str
    rule_id: str
    environment: str
    api_version: str
    kind: str
    namespace: str
    name: str
    place: str
    pointer: str
    rendered: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """Where it stands, and where what it is about is rendered from."""
        return (self.place, *self.rendered)

    @property
    def group(self) -> str:
        """The API group, '' for the core."""
        return self.api_version.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the tip says: its waivers, with what is wrong with them, and suppressions that are not in order by path."""

    waivers: Waivers
    path: str
    mistakes: tuple[tuple[str, Mistake], ...]


def _inside(folder: str) -> str:
    """A path in a folder, as patterns of paths take it."""
    return posixpath.normpath(posixpath.join(folder, "kustomization.yaml"))


def record_waived(
    writer: Writer,
    mirror: Mirror,
    *,
    repo: str,
    settings: Settings,
    rules: frozenset[str],
    redactor: Redactor,
    redact: Callable[[str], str],
    today: date,
) -> Accepted:
    """Replaces the repository's rows of trail.waiver and trail.waived by what the mirror's tip says.

    `rules` are the ids there are. Findings and the tip have to be recorded before. Raises GitError where the tip cannot be read.
    """
    policies = settings.policies
    terms = WaiverTerms(rules=rules, never=policies.never_waived, days_at_most=policies.waiver_days_at_most)
    waivers = read_waivers(_file(mirror, policies.waivers) if policies.waivers else b"", terms, today)
    inline = files_holding(mirror, mirror.tip, (WORD, ANNOTATION)) if policies.inline_suppressions else []
    said: list[tuple[Any, ...]] = [_row(repo, policies.waivers, entry, redact) for entry in waivers.entries]
    fits: list[tuple[Any, ...]] = []
    mistakes: list[tuple[str, Mistake]] = []
    findings = (
        [
            replace(OpenFinding(*row), rendered=(*(files or ()), *map(_inside, folders or ())))
            for *row, files, folders in writer.execute(_OPEN, [repo]).fetchall()
        ]
        if said or inline
        else []
    )
    for finding, entry in _fitting(waivers, findings):
        fits.append((repo, finding.id, "waiver", policies.waivers, entry.line, entry.rule))
    if inline:
        by_path: dict[str, list[OpenFinding]] = {}
        for finding in findings:
            by_path.setdefault(finding.place, []).append(finding)
        for path, content in _contents(mirror, inline):
            one = _Suppressing(path, redact(path), content, redactor, terms)
            mistakes += [(path, mistake) for mistake in one.inline.mistakes]
            said += one.entries(repo, redact)
            fits += one.fitting(repo, by_path.get(redact(path), ()))
    writer.replace("waiver", dict.fromkeys(said), repo=repo)
    writer.replace("waived", dict.fromkeys(fits), repo=repo)
    return Accepted(waivers, policies.waivers, tuple(mistakes))


def _fitting(waivers: Waivers, findings: Iterable[OpenFinding]) -> Iterator[tuple[OpenFinding, Waiver]]:
    for finding in findings if waivers.entries else ():
        for entry in waivers.all_for(finding):
            yield finding, entry


def _row(repo: str, path: str, entry: Waiver, redact: Callable[[str], str]) -> tuple[Any, ...]:
    return (
        repo, "waiver", path, entry.line, entry.rule, redact(str(entry.resource)), redact(entry.reason),
        redact(entry.owner), entry.granted, entry.expires, redact(entry.ticket),
    )  # fmt: skip


class _Suppressing:
    """One file with suppressions in it."""

    def __init__(self, path: str, shown: str, content: bytes, redactor: Redactor, terms: WaiverTerms) -> None:
        self._shown = shown
        self._path = path
        self._places = Places(content, path)
        self._documents = parse_file(content, path, redactor=redactor).documents
        self.inline = read_inline(shown, content, self._places, self._documents, terms)

    def entries(self, repo: str, redact: Callable[[str], str]) -> Iterator[tuple[Any, ...]]:
        """Rows of trail.waiver."""
        for entry in self.inline.entries:
            yield (
                repo, entry.kind.value, self._shown, entry.line, entry.rule, "", redact(entry.reason), "", None, None, "",
            )  # fmt: skip

    def fitting(self, repo: str, findings: Iterable[OpenFinding]) -> Iterator[tuple[Any, ...]]:
        """Rows of trail.waived."""
        for finding in findings:
            for document in self._documents:
                if not self._is_of(document, finding):
                    continue
                way = self._places.way(document.index, document.item, finding.pointer)
                about = (document.index, document.item)
                excuse = self.inline.excuse(finding.rule_id, about, [line for line, _ in way])
                if excuse is not None and excuse.kind is not ExcuseKind.WAIVER:
                    line = int(excuse.place.rpartition(":")[2])
                    yield repo, finding.id, excuse.kind.value, self._shown, line, finding.rule_id

    def _is_of(self, document: Document, finding: OpenFinding) -> bool:
        name = document.name or finding.name  # what has no name of its own is named by where it stands
        found = (document.id.group, document.kind, document.namespace, name)
        return found == (finding.group, finding.kind, finding.namespace, finding.name)


def _file(mirror: Mirror, path: str) -> bytes:
    """The file's content at the tip; empty where there is no regular file of that name."""
    listed = mirror.git.run("ls-tree", "-z", "--full-tree", mirror.tip, "--", path, repository=mirror.path)
    about = listed.split(b"\0")[0].partition(b"\t")[0].decode().split()
    if len(about) != 3 or about[0] not in REGULAR_MODES:
        return b""
    return mirror.git.run("cat-file", "blob", about[2], repository=mirror.path)


def _contents(mirror: Mirror, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    reader = ObjectReader(mirror.git, mirror.path)
    try:
        for path in paths:
            try:
                listed = mirror.git.run("rev-parse", f"{mirror.tip}:{path}", repository=mirror.path)
            except GitError:
                continue  # a name that git cannot be asked for
            content = reader.read(listed.decode().strip())
            if content is not None:
                yield path, content
    finally:
        reader.close()
