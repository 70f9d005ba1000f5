"""One worker process: blobs in, rows out. Reads, parses, redacts and judges; keeps nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from auditor.git.blobs import SIZE_LIMIT, ObjectReader
from auditor.git.command import Git
from auditor.git.names import storable
from auditor.manifests.documents import parse
from auditor.manifests.secrets import Redactor
from auditor.model import Document, Judgement, ParsedBlob, Problem
from auditor.pipeline.contents import Batch, BlobRow, DocumentRow, JudgementRow, ProblemRow, VerdictRow
from auditor.policy.judge import Judge, JudgeSpec

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

    def __init__(self, spec: WorkerSpec) -> None:
        self._reader = ObjectReader(Git(spec.state, safe=(spec.repository,)), spec.repository)
        self._redactor = Redactor(spec.redaction_key)
        self._judge = Judge(spec.judge) if spec.judge is not None else None
        self._judged: set[bytes] = set()
        # Verdicts repeat in the same words; equal texts also go to the main process once a batch.
        self._redact = lru_cache(maxsize=TEXTS_KEPT)(self._redactor.redact_text)

    def read(self, wanted: Sequence[tuple[str, bool]]) -> Batch:
        """Blobs given as (sha, is named like a kustomization).

        Raises IncompleteHistoryError where the repository lacks one.
        """
        named = dict(wanted)
        blobs: list[BlobRow] = []
        fresh: list[Document] = []
        for sha, content in self._reader.read_many(named):
            if content is None:
                parsed = _TOO_LARGE
            else:
                parsed = parse(content, redactor=self._redactor, is_kustomization_name=named[sha])
            blobs.append(blob_row(sha, parsed, self._redactor.redact_text))
            for document in parsed.documents:
                short = bytes.fromhex(document.digest[:32])
                if short not in self._judged:
                    self._judged.add(short)
                    fresh.append(document)
        judgements = self._judge.judge(fresh) if self._judge is not None else []
        return Batch(
            blobs=tuple(blobs),
            judgements=tuple(judgement_row(judgement, self._redact) for judgement in judgements),
        )

    def close(self) -> None:
        """Ends the git process and the engine."""
        self._reader.close()
        if self._judge is not None:
            self._judge.close()


def blob_row(sha: str, parsed: ParsedBlob, redact: Callable[[str], str]) -> BlobRow:
    """The rows of one parsed blob, every text fit for a column."""
    return BlobRow(
        blob=sha,
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
    )


def judgement_row(judgement: Judgement, redact: Callable[[str], str]) -> JudgementRow:
    """The row of one judgement; a rule that says the same of one field twice says it once."""
    verdicts = dict.fromkeys(
        VerdictRow(
            verdict.rule_id,
            verdict.outcome.value,
            redact(storable(verdict.pointer)),
            _message(redact(verdict.message)),
        )
        for verdict in judgement.verdicts
    )
    return JudgementRow(judgement.digest, _joined(judgement.evaluated), tuple(verdicts))


@lru_cache(maxsize=1024)
def _joined(evaluated: tuple[str, ...]) -> str:
    return " ".join(evaluated)


def _message(text: str) -> str:
    text = storable(text)
    return text if len(text) <= MESSAGE_LIMIT else text[:MESSAGE_LIMIT] + " …"


_process_worker: Worker | None = None


def start_process(spec: WorkerSpec) -> None:
    """Initialiser of a pool's process."""
    global _process_worker
    _process_worker = Worker(spec)


def read_in_process(wanted: Sequence[tuple[str, bool]]) -> Batch:
    """`Worker.read` in a pool's process."""
    assert _process_worker is not None  # noqa: S101 - the pool's initialiser ran
    return _process_worker.read(wanted)
