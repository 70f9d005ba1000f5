"""Spreads the reading of blobs over processes; a few blobs are read here, which is quicker."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from types import TracebackType

from auditor.errors import AuditorError, EngineError
from auditor.pipeline.contents import Batch
from auditor.pipeline.worker import Worker, WorkerSpec, read_in_process, start_process

FEW = 400
"""Blobs under which starting processes costs more than they save (measured: 0.8 s to start two)."""

BATCH = 250
"""Blobs a task: some 500 documents, which is what OPA answers best at a time."""


def jobs_by_default() -> int:
    """As many processes as this process may use cores, at most 8: more find git's pipe and memory first."""
    return max(1, min(8, len(os.sched_getaffinity(0))))


class BlobReading:
    """Reads blobs from the moment the block is entered, while the caller does other things.

    Errors of a worker are raised by `batches`. Leaving the block early ends the workers.
    """

    def __init__(self, spec: WorkerSpec, wanted: Sequence[tuple[str, bool]], *, jobs: int) -> None:
        self._spec = spec
        self._wanted = wanted
        self._jobs = jobs
        self._pool: ProcessPoolExecutor | None = None
        self._running: set[Future[Batch]] = set()

    def __enter__(self) -> BlobReading:
        if len(self._wanted) >= FEW and self._jobs > 1:
            # forkserver: a forked child would inherit our pipes to git and keep them open for ever.
            self._pool = ProcessPoolExecutor(
                self._jobs,
                mp_context=multiprocessing.get_context("forkserver"),
                initializer=start_process,
                initargs=(self._spec,),
            )
            self._running = {self._pool.submit(read_in_process, part) for part in _parts(self._wanted)}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def batches(self) -> Iterator[Batch]:
        """Every batch, in the order in which they are ready. Raises EngineError, IncompleteHistoryError."""
        if self._pool is None:
            yield from _read_here(self._spec, self._wanted)
            return
        while self._running:
            done, self._running = wait(self._running, return_when=FIRST_COMPLETED)
            for future in done:
                try:
                    yield _result(future)
                except BrokenProcessPool as error:
                    raise EngineError(
                        "a worker process ended before its work did",
                        hint="it may have been killed for its memory: give --jobs 1, or look at the system's log",
                    ) from error


def _read_here(spec: WorkerSpec, wanted: Sequence[tuple[str, bool]]) -> Iterator[Batch]:
    if not wanted:
        return
    worker = Worker(spec)
    try:
        for part in _parts(wanted):
            yield worker.read(part)
    finally:
        worker.close()


def _result(future: Future[Batch]) -> Batch:
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, (AuditorError, BrokenProcessPool)):
        raise error
    raise EngineError(f"a worker process failed: {type(error).__name__}: {error}") from error


def _parts(wanted: Iterable[tuple[str, bool]]) -> Iterator[list[tuple[str, bool]]]:
    blobs = iter(wanted)
    while part := list(islice(blobs, BATCH)):
        yield part
