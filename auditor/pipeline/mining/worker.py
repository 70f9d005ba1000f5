"""One worker process: blobs in, rows out. Reads, parses, redacts and judges; keeps nothing."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from auditor.git.blobs import SIZE_LIMIT, ObjectReader
from auditor.git.command import Git
from auditor.git.names import storable
from auditor.manifests.fields import field_diff
from auditor.manifests.formats import is_of_path, parse_reading
from auditor.manifests.secrets import Redactor
from auditor.model import Document, Judgement, ParsedBlob, Problem
from auditor.pipeline.mining.allocating import give_back_early
from auditor.pipeline.mining.contents import (
    Batch,
    BlobRow,
    DiffRow,
    DocumentRow,
    JudgementRow,
    ProblemRow,
    VerdictRow,
    packed,
    reading_of,
)
from auditor.pipeline.mining.tasks import DigestPair, ReadingTask, WantedBlob
from auditor.policy.judge import Judge, JudgeSpec
from auditor.policy.sets import SetAnswer, SetQuestion

MESSAGE_LIMIT = 2_000
"""Characters of a message that are kept; a hostile manifest can make a rule say much more."""

TEXTS_KEPT = 4096
"""Messages and pointers that are kept redacted, at about 200 bytes each."""

_TOO_LARGE = ParsedBlob(
    documents=(),
    problems=(
        Problem(
            code="limit",
            message=f"the file is over the limit of {SIZE_LIMIT:,} bytes",
            line=1,
            column=1,
            document=0,
        ),
    ),
)


@dataclass(frozen=True, kw_only=True)
class WorkerSpec:
    """What a worker needs; picklable. `judge` None reads and parses without judging."""

    state: Path
    repository: Path
    redaction_key: bytes
    judge: JudgeSpec | None


class Worker:
    """Reads blobs of one repository. `close` ends its processes."""

    def __init__(self, spec: WorkerSpec, *, judge: Judge | None = None) -> None:
        """`judge` is the caller's, who also closes it; without one the worker makes its own."""
        self._reader = ObjectReader(Git(spec.state, safe=(spec.repository,)), spec.repository)
        self._redactor = Redactor(spec.redaction_key)
        self._own = Judge(spec.judge) if spec.judge is not None and judge is None else None
        self._judge = judge or self._own
        self._judged: set[bytes] = set()
        # Verdicts repeat in the same words; equal texts also go to the main process once a batch.
        self._redact = lru_cache(maxsize=TEXTS_KEPT)(self._redactor.redact_text)
        self._pointer = lru_cache(maxsize=TEXTS_KEPT)(self._fit_pointer)
        self._compared: set[tuple[bytes, bytes]] = set()

    def read(self, task: ReadingTask) -> Batch:
        """The blobs of one task: what they say, how that is judged, and what differs between its pairs.

        Raises IncompleteHistoryError where the repository lacks one.
        """
        blobs: list[BlobRow] = []
        fresh: list[tuple[Document, str]] = []
        documents: dict[str, tuple[Document, ...]] = {"": ()}
        readings: dict[str, list[WantedBlob]] = {}
        for wanted in task.blobs:
            readings.setdefault(wanted.blob, []).append(wanted)
        for sha, content in self._reader.read_many(readings):
            for wanted in readings[sha]:
                parsed = self._parse(content, wanted.reading)
                documents[wanted.key] = parsed.documents
                if not wanted.known:
                    blobs.append(blob_row(wanted, parsed, self._redactor.redact_text))
                for profile in wanted.profiles:
                    fresh.extend((document, profile) for document in self._not_judged(parsed, profile))
        return Batch(
            blobs=tuple(blobs),
            judgements=tuple(self._judgements(fresh)),
            diffs=tuple(self._diffs(task.pairs, documents)),
        )

    def _not_judged(self, parsed: ParsedBlob, profile: str) -> Iterator[Document]:
        """The documents that have not been judged here by the parameters of that name."""
        for document in parsed.documents:
            short = bytes.fromhex(document.digest[:32] + profile)
            if short not in self._judged:
                self._judged.add(short)
                yield document

    def _judgements(self, fresh: Sequence[tuple[Document, str]]) -> Iterator[JudgementRow]:
        if self._judge is None:
            return
        profiles = [profile for _, profile in fresh]
        judged = self._judge.judge_by([document for document, _ in fresh], profiles)
        for judgement, profile in zip(judged, profiles, strict=True):
            yield judgement_row(judgement, self._redact, profile)

    def compare(self, pairs: Sequence[DigestPair]) -> list[DiffRow]:
        """What differs between versions that are known by their digests.

        Raises IncompleteHistoryError where the repository lacks a blob.
        """
        readings: dict[str, set[str]] = {}
        for key in {key for pair in pairs for key in (pair.old_key, pair.new_key) if key}:
            blob, reading = reading_of(key)
            readings.setdefault(blob, set()).add(reading)
        versions: dict[str, Document] = {}
        for blob, content in self._reader.read_many(sorted(readings)):
            for reading in sorted(readings[blob]):
                for document in self._parse(content, reading).documents:
                    versions.setdefault(document.digest, document)
        return [self._diff(versions.get(pair.old_digest), versions.get(pair.new_digest)) for pair in pairs]

    def ask(self, questions: Sequence[SetQuestion]) -> list[SetAnswer]:
        """What rules over several resources say of sets. There is a judge, or nothing would be asked."""
        assert self._judge is not None  # noqa: S101 - as said
        return self._judge.judge_sets(questions)

    def _parse(self, content: bytes | None, reading: str) -> ParsedBlob:
        if content is None:
            return _TOO_LARGE
        return parse_reading(content, reading, redactor=self._redactor)

    def _diffs(
        self, pairs: Iterable[tuple[str, str]], documents: Mapping[str, tuple[Document, ...]]
    ) -> Iterator[DiffRow]:
        for old_blob, new_blob in pairs:
            for old, new in _versions(documents[old_blob], documents[new_blob]):
                key = (
                    bytes.fromhex(old.digest[:32]) if old else b"",
                    bytes.fromhex(new.digest[:32]) if new else b"",
                )
                if key not in self._compared:
                    self._compared.add(key)
                    yield self._diff(old, new)

    def _diff(self, old: Document | None, new: Document | None) -> DiffRow:
        differences = field_diff(old.manifest if old else None, new.manifest if new else None)
        fields = [(self._pointer(pointer), before, after) for pointer, before, after in differences]
        fields.sort(key=_by_pointer)
        return DiffRow(old.digest if old else "", new.digest if new else "", packed(orjson.dumps(fields)))

    def _fit_pointer(self, pointer: str) -> str:
        return self._redactor.redact_text(storable(pointer))

    def close(self) -> None:
        """Ends the git process and the engine."""
        self._reader.close()
        if self._own is not None:
            self._own.close()


def blob_row(wanted: WantedBlob, parsed: ParsedBlob, redact: Callable[[str], str]) -> BlobRow:
    """The rows of one parsed blob, every text fit for a column."""
    return BlobRow(
        blob=wanted.blob,
        is_kustomization=parsed.is_kustomization,
        fragments=tuple(redact(storable(fragment)) for fragment in parsed.fragments),
        documents=tuple(
            DocumentRow(
                document.index,
                document.item,
                document.line,
                storable(document.api_version),
                storable(document.kind),
                storable(document.namespace),
                storable(document.name),
                document.digest,
            )
            for document in parsed.documents
        ),
        problems=tuple(
            ProblemRow(
                problem.code,
                _message(redact(problem.message)),
                problem.line,
                problem.column,
                problem.document,
            )
            for problem in parsed.problems
        ),
        reading=wanted.reading if parsed.by_name or is_of_path(wanted.reading) else "",
    )


def judgement_row(judgement: Judgement, redact: Callable[[str], str], profile: str) -> JudgementRow:
    """The row of one judgement by the parameters of that name; a rule that says the same of one field twice says it
    once."""
    verdicts = dict.fromkeys(
        VerdictRow(
            verdict.rule_id,
            verdict.outcome.value,
            redact(storable(verdict.pointer)),
            _message(redact(verdict.message)),
        )
        for verdict in judgement.verdicts
    )
    view = _redacted_view(judgement.view, redact) if judgement.view else ""
    return JudgementRow(judgement.digest, _joined(judgement.evaluated), tuple(verdicts), view, profile)


def _redacted_view(view: bytes, redact: Callable[[str], str]) -> str:
    """The view as it is kept: values are redacted since they were read, names of fields may hold a credential too."""
    text = view.decode()
    return text if redact(text) == text else orjson.dumps(_redacted(orjson.loads(view), redact)).decode()


def _redacted(value: Any, redact: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list):
        return [_redacted(entry, redact) for entry in value]
    if isinstance(value, dict):
        return {redact(name): _redacted(entry, redact) for name, entry in value.items()}
    return value


@lru_cache(maxsize=1024)
def _joined(evaluated: tuple[str, ...]) -> str:
    return " ".join(evaluated)


def _message(text: str) -> str:
    text = storable(text)
    return text if len(text) <= MESSAGE_LIMIT else text[:MESSAGE_LIMIT] + " …"


def _versions(
    old: Iterable[Document], new: Iterable[Document]
) -> Iterator[tuple[Document | None, Document | None]]:
    """The documents of two versions of a file that belong together and differ, by their names in it."""
    left: dict[tuple[str, str, str, str], list[Document]] = {}
    for document in old:
        left.setdefault(_name(document), []).append(document)
    for document in new:
        same = left.get(_name(document), [])
        equal = next((other for other in same if other.digest == document.digest), None)
        if equal is not None:
            same.remove(equal)
        else:
            yield (same.pop(0) if same else None), document
    for rest in left.values():
        for document in rest:
            yield document, None


def _name(document: Document) -> tuple[str, str, str, str]:
    return document.api_version.rpartition("/")[0], document.kind, document.namespace, document.name


def _by_pointer(entry: tuple[str, str | None, str | None]) -> str:
    return entry[0]


_process_worker: Worker | None = None


def start_process(spec: WorkerSpec) -> None:
    """Initialiser of a pool's process."""
    global _process_worker
    # A worker keeps many objects and makes no cycles: looking for some takes a tenth of its time.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    give_back_early()
    _process_worker = Worker(spec)


def read_in_process(task: ReadingTask) -> Batch:
    """`Worker.read` in a pool's process."""
    assert _process_worker is not None  # noqa: S101 - the pool's initialiser ran
    return _process_worker.read(task)


def compare_in_process(pairs: Sequence[DigestPair]) -> list[DiffRow]:
    """`Worker.compare` in a pool's process."""
    assert _process_worker is not None  # noqa: S101 - the pool's initialiser ran
    return _process_worker.compare(pairs)


def ask_in_process(questions: Sequence[SetQuestion]) -> list[SetAnswer]:
    """`Worker.ask` in a pool's process."""
    assert _process_worker is not None  # noqa: S101 - the pool's initialiser ran
    return _process_worker.ask(questions)
