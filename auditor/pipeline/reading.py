"""Spreads the reading of blobs over processes; a few blobs are read here, which is quicker."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice

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


def read_blobs(spec: WorkerSpec, wanted: Sequence[tuple[str, bool]], *, jobs: int) -> Iterator[Batch]:
    """Batches in the order in which they are ready. Errors of a worker are raised here."""
    if len(wanted) < FEW or jobs == 1:
        yield from _read_here(spec, wanted)
        return
    # forkserver: a forked child would inherit our pipes to git and keep them open for ever.
    context = multiprocessing.get_context("forkserver")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=start_process, initargs=(spec,))
    try:
        yield from _read_there(pool, wanted, jobs)
    except BrokenProcessPool as error:
        raise EngineError(
            "a worker process ended before its work did",
            hint="it may have been killed for its memory: give --jobs 1, or look at the system's log",
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _read_here(spec: WorkerSpec, wanted: Sequence[tuple[str, bool]]) -> Iterator[Batch]:
    if not wanted:
        return
    worker = Worker(spec)
    try:
        for part in _parts(wanted):
            yield worker.read(part)
    finally:
        worker.close()


def _read_there(pool: ProcessPoolExecutor, wanted: Sequence[tuple[str, bool]], jobs: int) -> Iterator[Batch]:
    parts = _parts(wanted)
    running: set[Future[Batch]] = {pool.submit(read_in_process, part) for part in islice(parts, jobs * 2)}
    while running:
        done, running = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            yield _result(future)
            running.update(pool.submit(read_in_process, part) for part in islice(parts, 1))


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
