"""Spreads the reading of blobs over processes; a few blobs are read here, which is quicker."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from types import TracebackType
from typing import TypeVar

from auditor.errors import AuditorError, EngineError
from auditor.pipeline.mining.allocating import give_back_early
from auditor.pipeline.mining.contents import Batch, DiffRow
from auditor.pipeline.mining.tasks import DigestPair, ReadingTask, cut
from auditor.pipeline.mining.worker import (
    Worker,
    WorkerSpec,
    ask_in_process,
    compare_in_process,
    read_in_process,
    start_process,
)
from auditor.policy.judge import EngineSession, Judge
from auditor.policy.sets import SetAnswer, SetQuestion

FEW = 400
"""Blobs under which starting processes costs more than they save (measured: 0.8 s to start two)."""

PAIRS_AT_A_TIME = 200
"""Pairs of versions a task of the second pass."""

PRELOADED = "auditor.pipeline.mining.worker"

Result = TypeVar("Result")


def jobs_by_default() -> int:
    """As many processes as this process may use cores, at most 8: more find git's pipe and memory first."""
    return max(1, min(8, len(os.sched_getaffinity(0))))


class BlobReading:
    """Reads blobs from the moment the block is entered, while the caller does other things.

    Errors of a worker are raised by `batches` and `compare`. Leaving the block early ends the workers.
    """

    def __init__(
        self,
        spec: WorkerSpec,
        tasks: Sequence[ReadingTask],
        *,
        jobs: int,
        judge: Judge | None = None,
        session: EngineSession | None = None,
    ) -> None:
        """`judge` judges what is read in this process, `session` is what other processes share."""
        self._spec = spec
        self._judge = judge
        self._session = session
        self._tasks = tasks
        self._jobs = jobs
        self._pool: Executor | None = None
        self._here: Worker | None = None
        self._running: set[Future[Batch]] = set()

    def __enter__(self) -> BlobReading:
        if self._tasks and self._session is not None:
            self._session.start()
        if sum(len(task.blobs) for task in self._tasks) >= FEW and self._jobs > 1:
            give_back_early()
            # forkserver: a forked child would inherit our pipes to git and keep them open for ever.
            context = multiprocessing.get_context("forkserver")
            # What every worker needs is imported once, by the process that they are forked from, and shared.
            context.set_forkserver_preload([PRELOADED])
            self._pool = ProcessPoolExecutor(
                self._jobs,
                mp_context=context,
                initializer=start_process,
                initargs=(self._shared_spec(),),
            )
            self._running = {self._pool.submit(read_in_process, task) for task in self._tasks}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        if self._here is not None:
            self._here.close()

    def batches(self) -> Iterator[Batch]:
        """Every batch, in the order in which they are ready. Raises EngineError, IncompleteHistoryError."""
        if self._pool is None:
            for task in self._tasks:
                yield self._worker().read(task)
            return
        while self._running:
            done, self._running = wait(self._running, return_when=FIRST_COMPLETED)
            # One after the other is let go of: several batches may be ready, and each is large.
            while done:
                yield _result(done.pop())

    def compare(self, pairs: Sequence[DigestPair]) -> Iterator[DiffRow]:
        """The differences of versions that did not meet in one task. Raises as `batches` does."""
        parts = cut(pairs, PAIRS_AT_A_TIME)
        if self._pool is None or len(pairs) < FEW:
            for part in parts:
                yield from self._worker().compare(part)
            return
        for future in [self._pool.submit(compare_in_process, part) for part in parts]:
            yield from _result(future)

    def ask(self, batches: Iterable[Sequence[SetQuestion]]) -> Iterator[list[SetAnswer]]:
        """The answers to each batch of questions about sets, in order. Raises EngineError."""
        if self._pool is None:
            for batch in batches:
                yield self._worker().ask(batch)
            return
        waiting: deque[Future[list[SetAnswer]]] = deque()
        for batch in batches:
            waiting.append(self._pool.submit(ask_in_process, batch))
            if len(waiting) > 2 * self._jobs:
                yield _result(waiting.popleft())
        while waiting:
            yield _result(waiting.popleft())

    def _shared_spec(self) -> WorkerSpec:
        """The workers' specification with the address of the server, which has to answer by now."""
        if self._session is None or self._spec.judge is None:
            return self._spec
        return replace(self._spec, judge=replace(self._spec.judge, opa=self._session.opa))

    def _worker(self) -> Worker:
        if self._here is None:
            self._here = Worker(self._spec, judge=self._judge)
        return self._here


def _result(future: Future[Result]) -> Result:
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, BrokenProcessPool):
        raise EngineError(
            "a worker process ended before its work did",
            hint="it may have been killed for its memory: give --jobs 1, or look at the system's log",
        ) from error
    if isinstance(error, AuditorError):
        raise error
    raise EngineError(f"a worker process failed: {type(error).__name__}: {error}") from error
