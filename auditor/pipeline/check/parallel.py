"""Files judged by as many processes as help: reading and judging one file needs no other."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial

from auditor.errors import EngineError
from auditor.manifests.secrets import Redactor
from auditor.pipeline.check.files import InputFile
from auditor.pipeline.check.judging import FileJudge, JudgedFile, batches
from auditor.pipeline.check.options import CheckOptions
from auditor.policy.engines import EngineSession
from auditor.policy.judge import Judge

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
    session: EngineSession,
    options: CheckOptions,
    redactor: Redactor,
    jobs: int,
) -> list[JudgedFile]:
    """What each file shows, in order. Raises EngineError where a process ends before its answer."""
    processes = jobs or len(os.sched_getaffinity(0))
    file_judge = FileJudge(judge, redactor, options)
    if processes < 2 or (not jobs and len(files) < FILES_FOR_TWO):
        parts = batches(files, BATCH_FILES)
        return [entry for part in parts for entry in file_judge.judge(part, asked)]
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    from auditor.policy.lifeline import end_with_parent

    global _file_judge
    # The processes inherit a judge that has loaded and compiled everything, and each opens its engine itself.
    _file_judge = file_judge
    if judge.has_rules:
        _ = session.opa  # the server is up, or the reason why not is told, before there are others
    found: list[JudgedFile] = []
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("fork"), initializer=end_with_parent())
    try:
        for part in pool.map(partial(_judge_in_process, asked), batches(files, BATCH_FILES)):
            found.extend(part)
        pool.shutdown()
    except BaseException as error:
        # Ended by a signal, perhaps before the pool knew all of its processes: nobody would tell those to end, and
        # they would be waited for at the end of this one.
        for process in multiprocessing.active_children():
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)
        if not isinstance(error, BrokenProcessPool):
            raise
        raise EngineError(
            "a process that judges ended before its answer",
            hint="the engine may have failed on a rule or a manifest; try --engine opa",
        ) from error
    finally:
        _file_judge = None
    return found


_file_judge: FileJudge | None = None
"""What the forked processes judge with."""


def _judge_in_process(asked: frozenset[str] | None, files: Sequence[InputFile]) -> list[JudgedFile]:
    assert _file_judge is not None  # noqa: S101 - it was there when we were forked
    return _file_judge.judge(files, asked)
