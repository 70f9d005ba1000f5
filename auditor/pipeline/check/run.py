"""One check from the paths that were named to the report."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

from auditor.errors import UsageError
from auditor.findings.baseline import Baseline
from auditor.manifests.layout import FileRole, Layout
from auditor.manifests.secrets import Redactor
from auditor.model import JsonObject, RuleInfo
from auditor.pipeline.check.excuses import apply_baseline, apply_waivers
from auditor.pipeline.check.files import STANDARD_INPUT, InputFile, around, inputs, repository_root
from auditor.pipeline.check.judging import FileJudge, JudgedFile
from auditor.pipeline.check.options import CheckOptions
from auditor.pipeline.check.parallel import FEW_FILES, judge_files
from auditor.pipeline.check.together import judge_sets
from auditor.pipeline.definitions import definitions_in, may_hold_definitions
from auditor.policy.engines import engine_session
from auditor.policy.judge import Judge, JudgeSpec
from auditor.reports.check.interface import CheckFinding, CheckReport, Skipped

_SKIP_REASONS = {
    FileRole.FRAGMENT: "a piece of a kustomization, judged only as part of what it renders to",
    FileRole.CHART_TEMPLATE: "a Helm template, judged only rendered",
    FileRole.CHART_VALUES: "Helm values, judged only as part of what they render to",
    FileRole.CHART: "describes a Helm chart and declares no resource",
}


@dataclass(frozen=True, kw_only=True)
class CheckRequest:
    """What is to be checked and how.

    `judge.engine` is a choice; 'auto' takes the embedded engine for few files, where it answers before OPA has
    started. `since` is a revision: then only files that differ from where HEAD left it are reported on, within the
    whole repository. `waivers` names another file than the options do. `jobs` 0 takes a process a core.
    """

    paths: tuple[Path, ...]
    judge: JudgeSpec
    options: CheckOptions = field(default_factory=CheckOptions)
    opa_url: str = ""
    opa_token: str = field(default="", repr=False)
    since: str = ""
    standard_input: bytes = b""
    standard_name: str = ""
    waivers: Path | None = None
    baseline: Baseline | None = None
    baseline_path: str = ""
    jobs: int = 0
    today: Callable[[], date] = lambda: datetime.now(UTC).date()


def check(
    paths: Sequence[Path], *, judge: Judge, redactor: Redactor, options: CheckOptions | None = None
) -> CheckReport:
    """Judges files and folders in this process, with a judge that is at hand. Nothing excuses a finding.

    Raises UsageError for a path that does not exist or is neither file nor folder.
    """
    options = options or CheckOptions()
    root = repository_root(paths) or Path.cwd().resolve()
    found = inputs(paths, root=root, excluded=options.excluded())
    judged = FileJudge(judge, redactor, options).judge(found.files, None)
    report = CheckReport(errors=found.errors, skipped=found.skipped)
    _collect(report, judged, paths, judge, redactor, options, None)
    _finish(report, judge)
    return report


def run_check(request: CheckRequest) -> CheckReport:
    """The whole check. Raises UsageError, ConfigurationError, PolicyError, MissingPartError or EngineError."""
    options = request.options
    repository = repository_root(request.paths)
    root = repository or Path.cwd().resolve()
    paths = tuple(path for path in request.paths if str(path) != STANDARD_INPUT)
    if request.standard_name:
        paths = (*paths, Path(request.standard_name))
    asked: frozenset[str] | None = None
    found = inputs(
        request.paths,
        root=root,
        excluded=options.excluded(),
        standard_input=request.standard_input,
        standard_name=request.standard_name,
    )
    files = found.files
    report = CheckReport(errors=found.errors, skipped=found.skipped)
    if found.excluded:
        report.notes.append(f"{found.excluded} files are kept out by `exclude` in the configuration")
    if request.since:
        asked = _changed(request.since, repository, files)
        paths = (*paths, root)
        known = {file.spot for file in files}
        beside = inputs([_shown(root)], root=root, excluded=options.excluded())
        files += [file for file in beside.files if file.spot not in known]
    redactor = Redactor(secrets.token_bytes(32))  # nothing is kept, so its key need not outlive the process
    engine = _engine_for(request, len(files))
    with engine_session(
        engine,
        policy_folders=request.judge.policy_folders,
        only=request.judge.only,
        opa_url=request.opa_url,
        opa_token=request.opa_token,
    ) as session:
        spec = replace(request.judge, engine=session.engine, crds=(*request.judge.crds, *_definitions(files)))
        with Judge(spec, session=session) as judge:
            judged = judge_files(
                files, asked, judge=judge, session=session, options=options,
                redactor=redactor, jobs=request.jobs,
            )  # fmt: skip
            if request.judge.only:
                report.notes.append(f"asked only: {', '.join(request.judge.only)}")
            _collect(report, judged, paths, judge, redactor, options, asked)
            everything = asked is None and not request.judge.only and _covers(request.paths, root)
            complete = everything and not report.errors
            terms = options.terms(judge.rule_ids)
            report.never_excused = frozenset(rule for rule in judge.rule_ids if terms.forbids(rule))
            apply_waivers(
                report, judge, options, root=root, path=request.waivers, today=request.today(),
                complete=complete, changed=asked, judged=judged,
            )  # fmt: skip
            if request.baseline is not None:
                report.baseline = request.baseline_path
                apply_baseline(
                    report,
                    request.baseline,
                    request.baseline_path,
                    complete=complete,
                )
            _finish(report, judge)
    return report


def _engine_for(request: CheckRequest, files: int) -> str:
    """The choice, with 'auto' made up where the number of files decides. Foreign rules are asked of OPA."""
    spec = request.judge
    if spec.only == ("schemas",):
        return "embedded" if spec.engine == "auto" else spec.engine  # no rule will be asked of it
    few = files <= FEW_FILES and not spec.policy_folders and not request.opa_url
    return "embedded" if spec.engine == "auto" and few else spec.engine


def _changed(since: str, repository: Path | None, files: Sequence[InputFile]) -> frozenset[str]:
    """The spots of the files that are not as they were where HEAD left `since`."""
    import tempfile

    from auditor.git.command import Git
    from auditor.git.worktree import changed_since

    if repository is None:
        raise UsageError("--since compares with git, and this is not a git repository", hint="leave it out")
    outside = [file.path for file in files if not file.place]
    if outside:
        raise UsageError(
            f"{outside[0]} is not in the repository {repository}, so --since cannot tell whether it has changed",
            hint="check it without --since; say by --stdin-name where standard input would stand",
        )
    by_place = {file.place: file for file in files}
    with tempfile.TemporaryDirectory(prefix="auditor-") as state:
        git = Git(Path(state), safe=(repository,))
        places = changed_since(git, repository, since, sorted(by_place), lambda place: by_place[place].open())
    return frozenset(by_place[place].spot for place in places)


def _content(file: InputFile) -> bytes:
    try:
        return file.read()
    except OSError:
        return b""  # it is looked at, and found unreadable there


def _definitions(files: Sequence[InputFile]) -> tuple[JsonObject, ...]:
    """The definitions among the files, by which custom resources in all of them are judged."""
    return definitions_in(_content(file) for file in files if may_hold_definitions(file.path) or file.content)


def _shown(root: Path) -> Path:
    """The repository's root as the user finds it from where he stands."""
    return Path(os.path.relpath(root))


def _covers(paths: Sequence[Path], root: Path) -> bool:
    """True where all of the repository was asked for: only then can something be said to fit nothing."""
    return any(str(path) != STANDARD_INPUT and path.is_dir() and path.resolve() == root for path in paths)


def _collect(
    report: CheckReport,
    judged: Sequence[JudgedFile],
    paths: Sequence[Path],
    judge: Judge,
    redactor: Redactor,
    options: CheckOptions,
    asked: frozenset[str] | None,
) -> None:
    """Takes over what counts: nothing of files that the tree around them makes pieces of something else."""
    file_judge = FileJudge(judge, redactor, options)
    layout = Layout()
    by_spot = {entry.file.spot: entry for entry in judged}
    beside = list(around(paths, frozenset(by_spot)))
    placed = {entry.file.spot: entry.parsed for entry in file_judge.judge(beside, frozenset())}
    placed |= {spot: entry.parsed for spot, entry in by_spot.items()}
    layout.apply(placed, ())
    counted: list[JudgedFile] = []
    for entry in judged:
        file = entry.file
        is_asked = asked is None or file.spot in asked
        report.files += is_asked
        if not (layout.is_judged(file.spot) or _is_other_format(file, layout)):
            role = layout.role(file.spot)
            if is_asked and role in _SKIP_REASONS and (entry.documents or entry.parsed.problems):
                report.skipped.append(
                    Skipped(path=file.path, resource="", reason=_SKIP_REASONS[role], place=file.place)
                )
            continue
        counted.append(entry)
        report.skipped.extend(entry.skipped)
        if is_asked:
            report.judged.append(file.path)
            report.resources += entry.documents
            report.findings.extend(entry.findings)
            report.errors.extend(entry.errors)
    findings, errors = judge_sets(counted, judge, file_judge, asked)
    report.findings.extend(findings)
    report.errors.extend(errors)
    _unused_suppressions(report, counted, judge, file_judge, asked)


def _is_other_format(file: InputFile, layout: Layout) -> bool:
    """What is read by another format than manifests has no role among them; nor has what was named for what it holds,
    whatever it is called.
    """
    from auditor.manifests.formats import format_of

    return format_of(file.path) is not None or (file.named and layout.role(file.spot) is FileRole.OTHER)


def _unused_suppressions(
    report: CheckReport,
    counted: Sequence[JudgedFile],
    judge: Judge,
    file_judge: FileJudge,
    asked: frozenset[str] | None,
) -> None:
    """Suppressions that are about nothing, where everything that they could be about was evaluated."""
    broken = {entry.path for entry in report.errors}
    over_sets = {rule.id for group in judge.sets.groups for rule in group.rules}
    silent = {*judge.disabled, *judge.left_out, *(over_sets if asked is not None else ())}
    for entry in counted:
        if entry.file.path in broken or not (asked is None or entry.file.spot in asked):
            continue
        for key in sorted(entry.inline - entry.used):
            if key[1] not in silent:
                report.findings.append(file_judge.unused(entry.file, key))


def _finish(report: CheckReport, judge: Judge) -> None:
    import auditor

    report.notes.extend(judge.remarks)
    report.advisory, report.warning = judge.advisory, judge.warning
    disabled = set(judge.disabled)
    report.findings = [one for one in report.findings if one.rule_id not in disabled]
    report.waived += [one for one in report.findings if one.excuse is not None]
    report.findings = [one for one in report.findings if one.excuse is None]
    for findings in (report.findings, report.waived):
        findings.sort(key=_order)
    report.errors.sort(key=lambda entry: (entry.path, entry.line, entry.message))
    report.skipped.sort(key=lambda entry: (entry.path, entry.resource, entry.reason))
    report.disabled = judge.disabled
    report.rules = _Rules(judge)
    report.engine = f"{judge.engine_name} {judge.engine_version}"
    report.kubernetes_version = judge.kubernetes_version
    report.version = auditor.__version__


def _order(finding: CheckFinding) -> tuple[str, int, int, str, str, str]:
    return (
        finding.path, finding.line, finding.column, finding.rule_id, finding.pointer, finding.message,
    )  # fmt: skip


class _Rules(Mapping[str, RuleInfo]):
    """What is known of each rule, looked up when a format asks: reading the frameworks takes longer than a file."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    def __getitem__(self, rule_id: str) -> RuleInfo:
        if rule_id not in self._judge.rule_ids:
            raise KeyError(rule_id)
        return self._judge.rule(rule_id)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._judge.rule_ids))

    def __len__(self) -> int:
        return len(self._judge.rule_ids)
