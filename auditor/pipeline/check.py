"""Judges files as they are: no database, no git. For CI jobs and pre-commit, so it imports little."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from auditor.errors import UsageError
from auditor.manifests.foldertree import FolderTree
from auditor.manifests.formats import format_of, is_readable_name, locate_in, parse_file
from auditor.manifests.layout import FileRole, Layout
from auditor.manifests.limits import DEFAULT_LIMITS
from auditor.manifests.reading import read_blob
from auditor.manifests.secrets import Redactor
from auditor.model import Document, Outcome, ParsedBlob, Problem, ResourceId, Severity, Verdict
from auditor.pipeline.mining.problems import FILE_RULES
from auditor.policy.judge import Judge

_SKIP_REASONS = {
    FileRole.FRAGMENT: "a piece of a kustomization, judged only as part of what it renders to",
    FileRole.CHART_TEMPLATE: "a Helm template, judged only rendered",
    FileRole.CHART_VALUES: "Helm values, judged only as part of what they render to",
    FileRole.CHART: "describes a Helm chart and declares no resource",
}


_APIVERSION = b"\n# apiVersion\n"
"""A comment that makes the reader take a file for a manifest, and so tell what is wrong with it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckFinding:
    """One violation in a file; `line` and `column` 1-based, of the field where it stands."""

    rule_id: str
    severity: Severity
    path: str
    line: int
    column: int
    api_version: str
    resource: ResourceId | None
    pointer: str
    message: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was left out: the file, the resource in it ('' for the whole file), and why."""

    path: str
    resource: str
    reason: str

    def __str__(self) -> str:
        return f"{self.resource}: {self.reason}" if self.resource else self.reason


@dataclass(kw_only=True, slots=True)
class CheckResult:
    """What was found, what could not be evaluated (`errors`) and what was left out (`skipped`)."""

    findings: list[CheckFinding] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    files: int = 0
    resources: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class _File:
    path: str
    content: bytes
    parsed: ParsedBlob


def check(paths: Sequence[Path], *, judge: Judge, redactor: Redactor) -> CheckResult:
    """Judges files and folders. A folder's symlinks and `.git` are not followed.

    Raises UsageError for a path that does not exist or is neither file nor folder.
    """
    result = CheckResult()
    files: dict[str, _File] = {}
    layout = Layout()
    for path in paths:
        for name, content in _contents(path, result):
            if name not in files:
                parsed = parse_file(content, name, redactor=redactor)
                files[name] = _File(path=name, content=content, parsed=parsed)
    around = _kustomizations_around(paths, files, redactor)
    placed = {**around, **{name: file.parsed for name, file in files.items()}}
    layout.apply({_place(name): parsed for name, parsed in placed.items()}, ())
    judged: list[_File] = []
    for name in sorted(files):
        file = files[name]
        role = layout.role(_place(name))
        if not layout.is_judged(_place(name)) and format_of(name) is None:
            if role in _SKIP_REASONS and (file.parsed.documents or file.parsed.problems):
                result.skipped.append(Skipped(name, "", _SKIP_REASONS[role]))
            continue
        judged.append(file)
        if not file.parsed.documents and not file.parsed.problems:
            _no_manifest(file, named=Path(name) in paths, result=result)
        _read_problems(file, judge, result)
    _judge_documents(judged, judge, result)
    result.files = len(files)
    result.findings.sort(key=lambda finding: (finding.path, finding.line, finding.rule_id, finding.pointer))
    return result


def _place(name: str) -> str:
    """Where the file stands, from the root of the file system: `..` and absolute paths are nowhere in a tree."""
    return Path(name).absolute().resolve().as_posix().lstrip("/")


def _contents(path: Path, result: CheckResult) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        tree = FolderTree(path)
        for name in tree.paths():
            if is_readable_name(name):
                shown = (path / name).as_posix()
                try:
                    yield shown, tree.read(name)
                except (OSError, KeyError) as error:
                    result.errors.append((shown, f"cannot be read: {error}"))
        return
    if not path.exists():
        raise UsageError(
            f"there is no file or folder {path}", hint="give paths of manifests, or of folders that hold them"
        )
    if not path.is_file():
        raise UsageError(f"{path} is neither a file nor a folder")
    try:
        yield path.as_posix(), path.read_bytes()
    except OSError as error:
        result.errors.append((path.as_posix(), f"cannot be read: {error.strerror}"))


def _kustomizations_around(
    paths: Iterable[Path], files: dict[str, _File], redactor: Redactor
) -> dict[str, ParsedBlob]:
    """Kustomizations and charts in the folders above what was asked for, up to the repository's top.

    They say whether a file given alone (as pre-commit does) is a patch or a chart's template.
    """
    found: dict[str, ParsedBlob] = {}
    for path in paths:
        for folder in _folders_above(path):
            for name in ("kustomization.yaml", "kustomization.yml", "Kustomization", "Chart.yaml"):
                file = folder / name
                shown = file.as_posix()
                if shown in files or shown in found or not file.is_file() or file.is_symlink():
                    continue
                found[shown] = parse_file(file.read_bytes(), shown, redactor=redactor)
    return found


def _folders_above(path: Path) -> Iterator[Path]:
    folder = path.parent if path.is_file() else path
    while True:
        yield folder
        if (folder / ".git").exists() or folder == folder.parent or folder.parent == Path():
            return
        folder = folder.parent


def _no_manifest(file: _File, *, named: bool, result: CheckResult) -> None:
    """A file without a manifest is left out with that reason; one that was asked for has to be readable."""
    if format_of(file.path) is not None:
        result.skipped.append(Skipped(file.path, "", "says nothing"))
        return
    broken = [entry for entry in _reading_problems(file.content) if entry.code != "template"]
    if broken and named:
        line = min(broken[0].line, file.content.count(b"\n") + 1)
        result.errors.append((file.path, f"line {line}: {broken[0].message}"))
    elif broken:
        result.skipped.append(
            Skipped(file.path, "", "not readable, and it does not say apiVersion: no manifest")
        )
    else:
        result.skipped.append(Skipped(file.path, "", "declares no resource: apiVersion and kind are missing"))


def _reading_problems(content: bytes) -> tuple[Problem, ...]:
    """What is wrong with a file that does not say apiVersion, for which `parse` names no problem."""
    return read_blob(content + _APIVERSION, DEFAULT_LIMITS).problems


def _read_problems(file: _File, judge: Judge, result: CheckResult) -> None:
    for problem in file.parsed.problems:
        rule_id = FILE_RULES.get(problem.code)
        if rule_id is None:
            result.skipped.append(Skipped(file.path, "", f"line {problem.line}: {problem.message}"))
            continue
        result.findings.append(
            CheckFinding(
                rule_id=rule_id,
                severity=judge.severity(rule_id),
                path=file.path,
                line=problem.line,
                column=problem.column,
                api_version="",
                resource=None,
                pointer="",
                message=problem.message,
            )
        )
        if problem.code != "duplicate-key":
            result.errors.append((file.path, f"line {problem.line}: {problem.message}"))


def _judge_documents(files: Sequence[_File], judge: Judge, result: CheckResult) -> None:
    pairs = [(file, document) for file in files for document in file.parsed.documents]
    result.resources = len(pairs)
    judgements = judge.judge([document for _, document in pairs])
    for (file, document), judgement in zip(pairs, judgements, strict=True):
        for verdict in judgement.verdicts:
            if verdict.outcome is Outcome.FAIL:
                result.findings.append(_finding(file, document, verdict, judge))
            elif verdict.outcome is Outcome.ERROR:
                result.errors.append((file.path, f"{document.id}: {verdict.rule_id}: {verdict.message}"))
            else:
                result.skipped.append(
                    Skipped(file.path, str(document.id), f"{verdict.rule_id}: {verdict.message}")
                )


def _finding(file: _File, document: Document, verdict: Verdict, judge: Judge) -> CheckFinding:
    line, column = locate_in(file.content, file.path, document, verdict.pointer)
    return CheckFinding(
        rule_id=verdict.rule_id, severity=judge.severity(verdict.rule_id), path=file.path, line=line, column=column,
        api_version=document.api_version, resource=document.id, pointer=verdict.pointer, message=verdict.message,
    )  # fmt: skip
