"""Some files read and judged, each by itself: what a worker process does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from auditor.findings.fingerprint import fingerprint
from auditor.findings.waiverfile import Mistake
from auditor.manifests.formats import format_of, is_readable_name, parse_file
from auditor.manifests.limits import DEFAULT_LIMITS
from auditor.manifests.places import Places
from auditor.manifests.reading import read_blob
from auditor.manifests.secrets import Redactor
from auditor.model import Document, Outcome, ParsedBlob, Problem, ResourceId, Verdict
from auditor.pipeline.check.files import InputFile
from auditor.pipeline.check.inline import Inline, Key, read_inline
from auditor.pipeline.check.options import CheckOptions
from auditor.pipeline.mining.problems import FILE_RULES, is_unreadable
from auditor.policy.builtin import DUPLICATE_KEY
from auditor.policy.builtin_waivers import UNUSED_WAIVER, WRONG_WAIVER
from auditor.policy.judge import Judge
from auditor.reports.check.interface import CheckFinding, NotEvaluated, Skipped

_APIVERSION = b"\n# apiVersion\n"
"""A comment that makes the reader take a file for a manifest, and so tell what is wrong with it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """A document as rules over an environment see it, and where it stands: index and item in its file."""

    environment: str
    api_version: str
    kind: str
    id: ResourceId
    index: int
    item: int | None
    view: bytes


@dataclass(kw_only=True, slots=True)
class JudgedFile:
    """What one file shows, if the tree around it makes it no fragment. `parsed` has what that depends on.

    `inline` and `used` are the suppressions in it and those that were about something.
    """

    file: InputFile
    parsed: ParsedBlob
    documents: int = 0
    findings: list[CheckFinding] = field(default_factory=list)
    errors: list[NotEvaluated] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    inline: frozenset[Key] = frozenset()
    used: set[Key] = field(default_factory=set)


@dataclass(slots=True)
class _Reading:
    """A file while it is being judged."""

    judged: JudgedFile
    documents: tuple[Document, ...]
    places: Places
    inline: Inline
    environment: str


class FileJudge:
    """Judges files with one judge and one redactor."""

    def __init__(self, judge: Judge, redactor: Redactor, options: CheckOptions) -> None:
        self._judge = judge
        self._redactor = redactor
        self._options = options
        self._terms = options.terms(judge.rule_ids)

    def judge(self, files: Sequence[InputFile], asked: frozenset[str] | None) -> list[JudgedFile]:
        """What each file shows, in order; of those whose spots are not `asked` for only what others need of them."""
        found: list[JudgedFile] = []
        readings: list[_Reading] = []
        for file in files:
            if asked is None or file.spot in asked:
                reading = self._read(file)
                found.append(reading.judged)
                readings.append(reading)
            else:
                found.append(self._beside(file))
        pairs = [(reading, document) for reading in readings for document in reading.documents]
        judgements = self._judge.judge(
            [document for _, document in pairs], [reading.environment for reading, _ in pairs]
        )
        for (reading, document), judgement in zip(pairs, judgements, strict=True):
            if judgement.view:
                reading.judged.members.append(_member(reading.environment, document, judgement.view))
            for verdict in judgement.verdicts:
                self._take(reading, document, verdict)
        for reading in readings:
            reading.judged.used = reading.inline.used
        return found

    def findings(
        self, file: InputFile, about: Sequence[tuple[Member, Verdict]]
    ) -> tuple[list[CheckFinding], set[Key]]:
        """What rules over an environment say of members in one file, and the suppressions that were about that."""
        content = file.read()
        places = Places(content, file.path)
        parsed = parse_file(content, file.path, redactor=self._redactor)
        inline = self._inline(file, content, places, parsed.documents)
        found = [
            self._finding(
                file, member.id, member.api_version, (member.index, member.item), verdict, places, inline
            )
            for member, verdict in about
        ]
        return found, inline.used

    def mistake(self, file: InputFile, mistake: Mistake, *, rule_id: str = WRONG_WAIVER) -> CheckFinding:
        """A finding about a suppression in a file."""
        return self._on_file(file, rule_id, mistake.line, 1, mistake.message, pointer=f"line {mistake.line}")

    def unused(self, file: InputFile, key: Key) -> CheckFinding:
        """A finding about a suppression that is about nothing."""
        line, rule = key
        message = f"the suppression of {rule} is about nothing that is found here"
        return self._on_file(file, UNUSED_WAIVER, line, 1, message, pointer=rule)

    def _read(self, file: InputFile) -> _Reading:
        judged = JudgedFile(file=file, parsed=ParsedBlob(documents=(), problems=()))
        try:
            content = file.read()
        except OSError as error:
            judged.errors.append(_not_evaluated(file, f"cannot be read: {error.strerror}"))
            return _Reading(judged, (), Places(b"", file.path), Inline(file.path), "")
        parsed = parse_file(content, file.path, redactor=self._redactor)
        if file.named and not parsed.documents and file.content is None and not is_readable_name(file.path):
            reason = "declares no resource, and its name is not a manifest's"
            judged.skipped.append(Skipped(path=file.path, resource="", reason=reason, place=file.place))
            return _Reading(judged, (), Places(b"", file.path), Inline(file.path), "")
        judged.parsed = _light(parsed)
        judged.documents = len(parsed.documents)
        if not parsed.documents and not parsed.problems and format_of(file.path) is None:
            _no_manifest(judged, content)
        places = Places(content, file.path)
        for problem in parsed.problems:
            self._take_problem(judged, problem)
        inline = self._inline(file, content, places, parsed.documents)
        judged.inline = inline.keys
        judged.findings.extend(self.mistake(file, mistake) for mistake in inline.mistakes)
        environment = self._options.environment_of(file.place or file.spot)
        return _Reading(judged, parsed.documents, places, inline, environment)

    def _inline(
        self, file: InputFile, content: bytes, places: Places, documents: Sequence[Document]
    ) -> Inline:
        if not self._options.inline:
            return Inline(file.place or file.path)
        return read_inline(file.place or file.path, content, places, documents, self._terms)

    def _beside(self, file: InputFile) -> JudgedFile:
        """A file that was not asked for: its role and what rules over its environment read of it."""
        judged = JudgedFile(file=file, parsed=ParsedBlob(documents=(), problems=()))
        try:
            parsed = parse_file(file.read(), file.path, redactor=self._redactor)
        except OSError as error:
            judged.skipped.append(_unseen(file, f"cannot be read: {error.strerror}"))
            return judged
        if is_unreadable(problem.code for problem in parsed.problems):
            judged.skipped.append(
                _unseen(file, f"line {parsed.problems[0].line}: {parsed.problems[0].message}")
            )
        judged.parsed = _light(parsed)
        environment = self._options.environment_of(file.place or file.spot)
        views = ((document, self._judge.sets.view_of(document)) for document in parsed.documents)
        judged.members = [_member(environment, document, view) for document, view in views if view]
        return judged

    def _take_problem(self, judged: JudgedFile, problem: Problem) -> None:
        rule_id = FILE_RULES.get(problem.code)
        file = judged.file
        if rule_id is None:
            reason = f"line {problem.line}: {problem.message}"
            judged.skipped.append(Skipped(path=file.path, resource="", reason=reason, place=file.place))
            return
        judged.findings.append(self._on_file(file, rule_id, problem.line, problem.column, problem.message))
        if rule_id != DUPLICATE_KEY:
            judged.errors.append(
                _not_evaluated(file, f"line {problem.line}: {problem.message}", line=problem.line)
            )

    def _take(self, reading: _Reading, document: Document, verdict: Verdict) -> None:
        judged, file = reading.judged, reading.judged.file
        if verdict.outcome is Outcome.FAIL:
            about = (document.index, document.item)
            judged.findings.append(
                self._finding(
                    file, document.id, document.api_version, about, verdict, reading.places, reading.inline
                )
            )
        elif verdict.outcome is Outcome.ERROR:
            message = f"{document.id}: {verdict.rule_id}: {verdict.message}"
            judged.errors.append(_not_evaluated(file, message, line=document.line))
        else:
            judged.skipped.append(
                Skipped(
                    path=file.path,
                    resource=str(document.id),
                    reason=f"{verdict.rule_id}: {verdict.message}",
                    place=file.place,
                )
            )

    def _finding(
        self,
        file: InputFile,
        resource: ResourceId,
        api_version: str,
        about: tuple[int, int | None],
        verdict: Verdict,
        places: Places,
        inline: Inline,
    ) -> CheckFinding:
        way = places.way(*about, verdict.pointer)
        line, column = way[-1]
        environment = self._options.environment_of(file.place or file.spot)
        return CheckFinding(
            id=fingerprint(
                verdict.rule_id,
                environment,
                resource.group,
                resource.kind,
                resource.namespace,
                _name(resource, file.place or file.path),
                verdict.pointer,
            ),
            rule_id=verdict.rule_id,
            severity=self._judge.severity(verdict.rule_id),
            path=file.path,
            place=file.place,
            line=line,
            column=column,
            environment=environment,
            api_version=api_version,
            resource=resource,
            pointer=verdict.pointer,
            message=verdict.message,
            excuse=inline.excuse(verdict.rule_id, about, [row for row, _ in way]),
        )

    def _on_file(
        self, file: InputFile, rule_id: str, line: int, column: int, message: str, pointer: str = ""
    ) -> CheckFinding:
        environment = self._options.environment_of(file.place or file.spot)
        return CheckFinding(
            id=fingerprint(rule_id, environment, "", "", "", file.place or file.path, pointer),
            rule_id=rule_id,
            severity=self._judge.severity(rule_id),
            path=file.path,
            place=file.place,
            line=line,
            column=column,
            environment=environment,
            api_version="",
            resource=None,
            pointer="",
            message=message,
        )


def batches(files: Sequence[InputFile], size: int) -> Iterator[Sequence[InputFile]]:
    """The files in order, so many at once."""
    for start in range(0, len(files), size):
        yield files[start : start + size]


def _light(parsed: ParsedBlob) -> ParsedBlob:
    """What other files' roles depend on, and whether there was anything in it."""
    return ParsedBlob(
        documents=(),
        problems=parsed.problems,
        is_kustomization=parsed.is_kustomization,
        fragments=parsed.fragments,
        by_name=parsed.by_name,
    )


def _member(environment: str, document: Document, view: bytes) -> Member:
    return Member(
        environment=environment,
        api_version=document.api_version,
        kind=document.kind,
        id=document.id,
        index=document.index,
        item=document.item,
        view=view,
    )


def _name(resource: ResourceId, path: str) -> str:
    """As in the audit database: what has no name of its own is named by where it stands."""
    if resource.name:
        return resource.name
    return path.rpartition("/")[0] or "." if resource.group == "kustomize.config.k8s.io" else path


def _no_manifest(judged: JudgedFile, content: bytes) -> None:
    """A file without a manifest is left out with that reason; one that was asked for has to be readable."""
    file = judged.file
    problems = read_blob(content + _APIVERSION, DEFAULT_LIMITS).problems
    broken = [entry for entry in problems if entry.code != "template"]
    if broken and file.named:
        line = min(broken[0].line, content.count(b"\n") + 1)
        judged.errors.append(_not_evaluated(file, f"line {line}: {broken[0].message}", line=line))
        return
    reason = (
        "not readable, and it does not say apiVersion: no manifest"
        if broken
        else "declares no resource: apiVersion and kind are missing"
    )
    judged.skipped.append(Skipped(path=file.path, resource="", reason=reason, place=file.place))


def _unseen(file: InputFile, why: str) -> Skipped:
    """A file that was not asked for and cannot be read: rules over its environment judge without it."""
    reason = f"rules over several resources do not see it: {why}"
    return Skipped(path=file.path, resource="", reason=reason, place=file.place)


def _not_evaluated(file: InputFile, message: str, *, line: int = 0) -> NotEvaluated:
    return NotEvaluated(path=file.path, message=message, place=file.place, line=line)
