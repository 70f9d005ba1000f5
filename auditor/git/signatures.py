"""Signatures of commits, checked by git itself against the operator's trust store (gitsign's by `auditor.git.gitsign`).

git starts gpg, ssh-keygen or gpgsm for each commit (some 10 ms); many commits go to each git process, and several
of those run at once. A commit on which a process dies or hangs costs its own answer and no other's.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import IO

from auditor.errors import GitError
from auditor.git.blobs import ObjectReader
from auditor.git.mirror import Mirror
from auditor.git.names import free_text
from auditor.git.signature_answers import Answer, Told, payload_of, signature_of, verdict
from auditor.git.trust import FORMATS, TrustStore
from auditor.model import SignatureCheck, SignatureStatus

TIME_LIMIT_S = 30.0
"""For one commit; a signature is checked in some 10 ms."""

SHA1_DIGITS = 40
"""Of an object id; those of SHA-256 repositories are longer, and their commits bear another header."""
_AT_A_TIME = 32
"""Commits of one git process: starting it costs as little as checking one of them."""
_FIELDS = ("%H", "%G?", "%GS", "%GK", "%GF", "%GP", "%GG")
# Never %GT: without a trust level git ends with "BUG: invalid trust level requested".
_FORMAT = "--format=" + "%x00".join(_FIELDS)
_LOG = ("log", "--no-walk=unsorted", "--stdin", "-z", "--no-notes", "--no-color", "--no-decorate", _FORMAT)
_NO_GITSIGN = "it is made with gitsign, and whose those are trusted is not configured (signatures.gitsign)"
_LONGEST_ANSWER = 4 * 1024 * 1024


def check_signatures(
    mirror: Mirror,
    signed: Mapping[str, str],
    trust: TrustStore,
    *,
    jobs: int = 1,
    advance: Callable[[int], None] | None = None,
    time_limit_s: float = TIME_LIMIT_S,
) -> Iterator[SignatureCheck]:
    """One check for each of the `signed` commits (sha to signature format), in no order.

    A format without a trust store gives UNCHECKED with the reason, and starts nothing. `advance` is told how many
    more are done. Leaving the iteration early ends every process. Raises ConfigurationError where a file of the
    trust store turns out to hold no keys.
    """
    by_format: dict[str, list[str]] = {}
    for sha, signature_format in signed.items():
        by_format.setdefault(signature_format, []).append(sha)
    for signature_format, shas in by_format.items():
        if signature_format not in FORMATS or signature_format in trust.unchecked:
            for sha in shas:
                yield _without_asking(sha, signature_format, trust)
            if advance is not None:
                advance(len(shas))
            continue
        if signature_format == "x509":
            told, shas = _sorted_by_maker(mirror, shas, trust)
            yield from told
            if advance is not None:
                advance(len(told))
            if not shas:
                continue
        asking = _Asking(
            mirror=mirror,
            trust=trust,
            signature_format=signature_format,
            environment=trust.environment(mirror.git, signature_format),
            time_limit_s=time_limit_s,
        )
        for checks in _at_once(asking, shas, jobs):
            yield from checks
            if advance is not None:
                advance(len(checks))


def _sorted_by_maker(
    mirror: Mirror, shas: Sequence[str], trust: TrustStore
) -> tuple[list[SignatureCheck], list[str]]:
    """Checks of the X.509 signatures that gitsign has made, and the commits whose others gpgsm is to be asked about."""
    from auditor.git.gitsign.checking import Maker, check_gitsign, maker_of

    told: list[SignatureCheck] = []
    others: list[str] = []
    with ObjectReader(mirror.git, mirror.path) as reader:
        for sha, raw in reader.read_many(shas):
            signature = signature_of(raw or b"", header=_header(sha))
            if maker_of(signature) is Maker.GITSIGN:
                found = Told(SignatureStatus.UNCHECKED, _NO_GITSIGN)
                if trust.gitsign is not None:
                    found = check_gitsign(payload_of(raw or b""), signature, trust.gitsign)
            elif trust.unchecked_x509:
                found = Told(SignatureStatus.UNCHECKED, trust.unchecked_x509)
            else:
                others.append(sha)
                continue
            told.append(_check_of(sha, found, trust.digest("x509")))
    return told, others


def _header(sha: str) -> bytes:
    return b"gpgsig" if len(sha) == SHA1_DIGITS else b"gpgsig-sha256"


def _check_of(sha: str, told: Told, digest: str) -> SignatureCheck:
    return SignatureCheck(
        sha=sha, status=told.status, signer=told.signer, key=told.key, trust=digest, reason=told.reason
    )


def _without_asking(sha: str, signature_format: str, trust: TrustStore) -> SignatureCheck:
    unchecked = trust.unchecked.get(signature_format)
    return SignatureCheck(
        sha=sha,
        status=SignatureStatus.UNCHECKED if unchecked else SignatureStatus.BAD,
        signer="",
        key="",
        trust="",
        reason=unchecked or "the signature is of no kind that git knows",
    )


def _at_once(asking: _Asking, shas: Sequence[str], jobs: int) -> Iterator[list[SignatureCheck]]:
    parts = [shas[at : at + _AT_A_TIME] for at in range(0, len(shas), _AT_A_TIME)]
    with ThreadPoolExecutor(max(1, jobs), thread_name_prefix="signatures") as pool:
        try:
            yield from pool.map(asking.check, parts)
        finally:
            asking.stop.set()
            pool.shutdown(wait=True, cancel_futures=True)


class _Stopped(Exception):  # noqa: N818 - no error
    """Nobody waits for the answers any more."""


@dataclass(frozen=True, kw_only=True)
class _Asking:
    """How git is asked about commits of one format."""

    mirror: Mirror
    trust: TrustStore
    signature_format: str
    environment: Mapping[str, str]
    time_limit_s: float
    stop: threading.Event = field(default_factory=threading.Event)

    def check(self, shas: Sequence[str]) -> list[SignatureCheck]:
        """A check of each; none where nobody waits any more."""
        answers: dict[str, Answer] = {}
        waiting = list(shas)
        with suppress(_Stopped):
            while waiting:
                failure = self._ask(waiting, answers)
                left = [sha for sha in waiting if sha not in answers]
                if left:
                    # git answers in order, so the first without an answer is where it ended.
                    answers[left[0]] = Answer(failure=failure or "git gave no answer")
                waiting = left[1:]
        return [self._told(sha, answers[sha]) for sha in shas if sha in answers]

    def _told(self, sha: str, answer: Answer) -> SignatureCheck:
        """The verdict; the raw signature is looked at where git's answer is not enough."""

        def embedded() -> bytes:
            try:
                raw = self.mirror.git.run("cat-file", "commit", sha, repository=self.mirror.path)
            except GitError:
                return b""
            return signature_of(raw, header=_header(sha))

        found = verdict(self.signature_format, answer, self.trust, embedded)
        return _check_of(sha, found, self.trust.digest(self.signature_format))

    def _ask(self, shas: Sequence[str], answers: dict[str, Answer]) -> str:
        """Fills in the answers as they come; why it ended too early, '' where it did not."""
        with tempfile.TemporaryFile() as words, tempfile.TemporaryFile() as asked:
            asked.write("".join(f"{sha}\n" for sha in shas).encode("ascii"))
            asked.seek(0)
            with self._running(asked, words) as process:
                failure = self._read(process, answers)
                if failure:
                    return failure
                if process.wait(timeout=self.time_limit_s) != 0:
                    words.seek(0)
                    said = " ".join(free_text(words.read(4096)).split())
                    return f"git ended: {said or 'without a reason'}"
        return ""

    @contextmanager
    def _running(self, asked: IO[bytes], words: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
        process = subprocess.Popen(
            ["git", "--no-pager", "--git-dir", str(self.mirror.path), *_LOG],
            stdin=asked,
            stdout=subprocess.PIPE,
            stderr=words,
            env=dict(self.environment),
            # A group of its own, so that what git has started ends with it.
            start_new_session=True,
        )
        try:
            yield process
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if process.stdout is not None:
                process.stdout.close()

    def _read(self, process: subprocess.Popen[bytes], answers: dict[str, Answer]) -> str:
        assert process.stdout is not None  # noqa: S101 - opened as a pipe
        descriptor = process.stdout.fileno()
        tokens: list[bytes] = []
        rest = b""
        last = time.monotonic()
        while True:
            if self.stop.is_set():
                raise _Stopped
            if time.monotonic() - last > self.time_limit_s:
                return f"the check did not end within {self.time_limit_s:.0f} s"
            if not select.select([descriptor], [], [], 0.2)[0]:
                continue
            chunk = os.read(descriptor, 1 << 16)
            if not chunk:
                return ""
            *whole, rest = (rest + chunk).split(b"\0")
            if len(rest) > _LONGEST_ANSWER:
                return "the answer is too long"
            tokens += whole
            while len(tokens) >= len(_FIELDS):
                last = time.monotonic()
                sha, *fields = tokens[: len(_FIELDS)]
                del tokens[: len(_FIELDS)]
                answers[sha.decode("ascii")] = Answer(*(free_text(field) for field in fields))
