"""Files judged by as many processes as help: reading and judging one file needs no other."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from auditor.errors import EngineError
from auditor.manifests.secrets import Redactor
from auditor.pipeline.check.files import InputFile
from auditor.pipeline.check.judging import FileJudge, JudgedFile, batches
from auditor.pipeline.check.options import CheckOptions
from auditor.policy.engines import EngineSession
from auditor.policy.judge import Judge, JudgeSpec

FEW_FILES = 100
"""Up to so many the embedded engine has answered before OPA is up."""

FILES_FOR_TWO = 300
"""From so many on a second process pays for its start."""

BATCH_FILES = 100


def judge_files(
    files: Sequence[InputFile],
    asked: frozenset[str] | None,
    *,
    judge: Judge,
    spec: JudgeSpec,
    session: EngineSession,
    options: CheckOptions,
    redactor: Redactor,
    jobs: int,
) -> list[JudgedFile]:
    """What each file shows, in order. Raises EngineError where a process ends before its answer."""
    processes = jobs or len(os.sched_getaffinity(0))
    if processes < 2 or (not jobs and len(files) < FILES_FOR_TWO):
        file_judge = FileJudge(judge, redactor, options)
        parts = batches(files, BATCH_FILES)
        return [entry for part in parts for entry in file_judge.judge(part, asked)]
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    start = _Start(replace(spec, opa=session.opa), options, redactor)
    found: list[JudgedFile] = []
    try:
        with ProcessPoolExecutor(
            processes, multiprocessing.get_context("fork"), initializer=_begin, initargs=(start,)
        ) as pool:
            for part in pool.map(partial(_judge_in_process, asked), batches(files, BATCH_FILES)):
                found.extend(part)
    except BrokenProcessPool as error:
        raise EngineError(
            "a process that judges ended before its answer",
            hint="the engine may have failed on a rule or a manifest; try --engine opa",
        ) from error
    return found


@dataclass(frozen=True, slots=True)
class _Start:
    spec: JudgeSpec
    options: CheckOptions
    redactor: Redactor


_file_judge: FileJudge | None = None


def _begin(start: _Start) -> None:
    global _file_judge
    _file_judge = FileJudge(Judge(start.spec), start.redactor, start.options)


def _judge_in_process(asked: frozenset[str] | None, files: Sequence[InputFile]) -> list[JudgedFile]:
    assert _file_judge is not None  # noqa: S101 - the pool's initialiser ran
    return _file_judge.judge(files, asked)
