"""How many documents of a history the judges answer in a second: reading and recording are not timed.

A scan judges each distinct content once, in the order in which it landed, in batches, by a process a core that share an
OPA server. So does this.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import secrets
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from measure import git

from auditor.manifests.formats import is_readable_name, parse_file
from auditor.manifests.secrets import Redactor
from auditor.model import Document
from auditor.policy.engines import engine_session
from auditor.policy.judge import Judge, JudgeSpec

BATCH = 500


def judged_history(repository: Path, rounds: int) -> dict[str, Any]:
    """Documents, and how many of them a second, a round each. The OPA server's processor time counts too."""
    documents = list(distinct_documents(repository))
    processes = max(2, len(os.sched_getaffinity(0)))
    wall: list[float] = []
    cpu: list[float] = []
    for _ in range(rounds):
        took, used = _judge(documents, processes)
        wall.append(len(documents) / took)
        cpu.append(len(documents) / used)
    return {
        "documents": len(documents),
        "processes": processes,
        "documents_per_s": wall,
        "documents_per_cpu_s": cpu,
    }


def distinct_documents(repository: Path) -> Iterator[Document]:
    """Each distinct document of all versions of all files, in the order in which they came."""
    redactor = Redactor(secrets.token_bytes(32))
    seen: set[str] = set()
    for sha, path in _blobs(repository):
        content = _content(repository, sha)
        for document in parse_file(content, path, redactor=redactor).documents:
            if document.digest not in seen:
                seen.add(document.digest)
                yield document


def _blobs(repository: Path) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    listing = git(
        repository, "log", "--first-parent", "-m", "--reverse", "--raw", "--no-renames", "--no-abbrev",
        "--format=", "-z",
    )  # fmt: skip
    fields = listing.split("\0")
    for head, path in zip(fields[::2], fields[1::2], strict=False):
        parts = head.strip().split(" ")
        if len(parts) == 5 and parts[1].startswith("100") and parts[3] not in seen and is_readable_name(path):
            seen.add(parts[3])
            yield parts[3], path


_readers: dict[Path, subprocess.Popen[bytes]] = {}


def _content(repository: Path, sha: str) -> bytes:
    if repository not in _readers:
        _readers[repository] = subprocess.Popen(
            ["git", "-C", str(repository), "cat-file", "--batch"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
    reader = _readers[repository]
    assert reader.stdin is not None
    assert reader.stdout is not None
    reader.stdin.write(sha.encode() + b"\n")
    reader.stdin.flush()
    size = int(reader.stdout.readline().split()[2])
    return reader.stdout.read(size + 1)[:-1]


_documents: Sequence[Document] = ()


def _judge(documents: Sequence[Document], processes: int) -> tuple[float, float]:
    """Wall and processor seconds of judging, with the start of the processes and of the server."""
    global _documents
    _documents = documents
    started, before = time.monotonic(), _used()
    with engine_session("opa") as session:
        spec = replace(JudgeSpec(engine="opa"), opa=session.opa)
        context = multiprocessing.get_context("fork")
        with context.Pool(processes, initializer=_begin, initargs=(spec,)) as pool:
            judged = sum(pool.imap(_judge_part, range(0, len(documents), BATCH)))
            pool.close()
            pool.join()
    assert judged == len(documents)
    return time.monotonic() - started, _used() - before


def _used() -> float:
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)


_judge_here: Judge | None = None


def _begin(spec: JudgeSpec) -> None:
    global _judge_here
    _judge_here = Judge(spec)


def _judge_part(start: int) -> int:
    assert _judge_here is not None
    return len(_judge_here.judge(_documents[start : start + BATCH]))
