"""Rules over environments: asked about all that was given, answered for the files that count."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

import orjson

from auditor.manifests.attics import attic_of, left_out
from auditor.model import Outcome, Verdict
from auditor.pipeline.check.judging import FileJudge, JudgedFile, Member
from auditor.policy.deploying import DEPLOYING_READS
from auditor.policy.judge import Judge
from auditor.policy.router import kind_of
from auditor.reports.check.interface import CheckFinding, NotEvaluated


def judge_sets(
    counted: Sequence[JudgedFile], judge: Judge, file_judge: FileJudge, asked: frozenset[str] | None
) -> tuple[list[CheckFinding], list[NotEvaluated]]:
    """What such rules say of the members in files (by spot) that were asked for, and what they could not say."""
    from auditor.policy.sets import questions_about

    together: dict[str, list[tuple[JudgedFile, Member]]] = {}
    unused = _left_out(counted)
    for entry in counted:
        if entry.file.spot in unused:
            continue
        for member in entry.members:
            together.setdefault(member.environment, []).append((entry, member))
    # By file: where a value stands takes longer to find than whether it is wrong, and costs once a file.
    said: dict[str, tuple[JudgedFile, list[tuple[Member, Verdict]]]] = {}
    errors: list[NotEvaluated] = []
    for environment, members in sorted(together.items()):
        seen = [(member.api_version, member.kind, member.view) for _, member in members]
        questions = questions_about(judge.sets, environment, seen)
        answers = judge.judge_sets([question for question, _ in questions])
        for (_, numbers), answer in zip(questions, answers, strict=True):
            for number, verdict in answer.verdicts:
                if number < 0 or verdict.outcome is not Outcome.FAIL:
                    message = f"environment {environment}: {verdict.rule_id}: {verdict.message}"
                    errors.append(NotEvaluated(path=counted[0].file.path, message=message))
                    continue
                entry, member = members[numbers[number]]
                if asked is None or entry.file.spot in asked:
                    said.setdefault(entry.file.spot, (entry, []))[1].append((member, verdict))
    findings: list[CheckFinding] = []
    for entry, about in said.values():
        found, used = file_judge.findings(entry.file, about)
        findings.extend(found)
        entry.used |= used
    return findings, errors


def _left_out(counted: Sequence[JudgedFile]) -> frozenset[str]:
    """The spots of files in folders for what is no longer used, which nothing in use leads to."""
    members = [entry for entry in counted if entry.members]
    if not members:
        return frozenset()
    is_placed = all(entry.file.place for entry in members)
    paths = [entry.file.place if is_placed else entry.file.spot for entry in members]
    top = posixpath.commonpath([posixpath.dirname(path) for path in paths])
    if not is_placed or attic_of(f"{top}/"):
        # A name on the way to all of it says nothing: it is what was asked for.
        paths = [path[len(top) :].lstrip("/") for path in paths]
    placed = dict(zip(paths, members, strict=True))
    objects = (
        (path, member.api_version.rpartition("/")[0], orjson.loads(member.view))
        for path, entry in placed.items()
        for member in entry.members
        if kind_of(member.api_version, member.kind) in DEPLOYING_READS
    )
    out = left_out({path: entry.members[0].environment for path, entry in placed.items()}, objects)
    return frozenset(placed[path].file.spot for path in out)
