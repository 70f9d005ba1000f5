"""Asking one API server: GET and nothing else, with patience and within limits.

The client library's own methods are not used: they decode into models that drop what they do not know. Its connection
pool is, for addresses, proxies and certificates are set up as its users expect.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Never
from urllib.parse import urlencode

import orjson
import stamina
import urllib3
from kubernetes.client.rest import RESTClientObject

from auditor.cluster.live.accounts import Access, Account
from auditor.cluster.live.limits import DEFAULT_LIMITS, Limits
from auditor.errors import ClusterError
from auditor.refusals import reason_in, seconds_to_wait

# Where structlog is installed, stamina would print each retry on standard output, into the middle of our JSON.
stamina.instrumentation.set_on_retry_hooks(())

_PASSING = frozenset({429, 500, 502, 503, 504})
_CHUNK = 64 * 1024
_WORDS_BYTES = 64 * 1024


class RefusedError(ClusterError):
    """The server answered, and not with what was asked for. `status` is HTTP's."""

    def __init__(self, status: int, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status


class SilentError(ClusterError):
    """No whole answer came, however often it was asked."""


class TooLargeError(ClusterError):
    """The answer is larger than the caller wants to hold."""


class _PassingError(Exception):
    """A failure that may pass, with the seconds to wait (None: as the retry schedule has it)."""

    def __init__(self, error: ClusterError, wait_s: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait_s = wait_s


class Answer:
    """A whole answer: its bytes and its media type."""

    __slots__ = ("body", "media_type")

    def __init__(self, body: bytes, media_type: str) -> None:
        self.body, self.media_type = body, media_type

    def json(self) -> Any:
        """The JSON value. Raises ClusterError for anything else."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise ClusterError(f"the API server's answer is not JSON: {error}") from error


class Connection:
    """One API server, asked as one account. Not for several threads. Use as a context manager, or `close`."""

    def __init__(
        self,
        account: Account,
        limits: Limits = DEFAULT_LIMITS,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Raises what `account.access` raises; asks the server nothing yet. `now` is what Retry-After dates are read against."""
        self._account, self._limits, self._now = account, limits, now
        self._access = account.access()
        self._renewed = False
        self._pool = self._opened()

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._pool.clear()

    @property
    def access(self) -> Access:
        """What is asked, and with what."""
        return self._access

    def get(
        self,
        path: str,
        parameters: Mapping[str, str | int] | None = None,
        *,
        accept: str = "application/json",
        max_bytes: int | None = None,
    ) -> Answer:
        """The answer to a GET of `path`, which begins with `/`; passing failures and rate limits are waited for.

        Raises RefusedError, SilentError, TooLargeError (over `max_bytes`, by default a page's limit).
        """
        query = f"?{urlencode(parameters)}" if parameters else ""
        most = max_bytes if max_bytes is not None else self._limits.page_bytes

        def again(error: Exception) -> bool | float:
            if not isinstance(error, _PassingError):
                return False
            return True if error.wait_s is None else error.wait_s

        try:
            for attempt in stamina.retry_context(
                on=again,
                attempts=self._limits.attempts,
                timeout=self._limits.patience_s,
                wait_initial=self._limits.retry_wait_s,
                wait_max=10.0,
            ):
                with attempt:
                    return self._signed_in(path + query, path, accept, most)
        except _PassingError as error:
            raise error.error from error.__cause__
        raise AssertionError("a retry ends in an answer or an error")

    def _signed_in(self, url: str, path: str, accept: str, most: int) -> Answer:
        """A token may end while a long list is read: fresh credentials are taken once for each time they are refused."""
        try:
            answer = self._once(url, path, accept, most)
        except RefusedError as error:
            if error.status != 401 or self._renewed:
                raise
            self._renewed = True
            self._access = self._account.access()
            self.close()
            self._pool = self._opened()
            answer = self._once(url, path, accept, most)
        self._renewed = False
        return answer

    def _opened(self) -> Any:
        configuration = self._access.configuration
        if not configuration.verify_ssl:
            # It is said once, in `Access.remarks`, and not once for each request.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        return RESTClientObject(configuration).pool_manager

    def _headers(self, accept: str) -> urllib3.HTTPHeaderDict:
        headers = urllib3.HTTPHeaderDict(
            {"Accept": accept, "Accept-Encoding": "gzip", "User-Agent": "auditor"}
        )
        token = self._access.configuration.api_key.get("BearerToken")
        if token:
            headers["Authorization"] = token
        for name, value in self._access.headers:
            headers.add(name, value)
        return headers

    def _once(self, url: str, path: str, accept: str, most: int) -> Answer:
        timeout = urllib3.Timeout(connect=self._limits.connect_s, read=self._limits.read_s)
        try:
            response = self._pool.request(
                "GET",
                self._access.server.rstrip("/") + url,
                headers=self._headers(accept),
                timeout=timeout,
                retries=False,
                redirect=False,
                preload_content=False,
            )
            try:
                wanted = response.status == 200
                body = self._body(response, path, most if wanted else _WORDS_BYTES)
                if not wanted:
                    self._refused(response.status, response.headers, body, path)
                response.drain_conn()
                return Answer(body, str(response.headers.get("Content-Type", "")))
            except BaseException:
                response.close()
                raise
            finally:
                response.release_conn()
        except urllib3.exceptions.SSLError as error:
            raise SilentError(
                f"{self._access.server} cannot be trusted: {_kind_of(error)}",
                hint="is the context's certificate authority that of this cluster?",
            ) from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise _PassingError(
                SilentError(
                    f"{self._access.server} gave no whole answer to {path}: {_kind_of(error)}",
                    hint="is the API server up, and can it be reached from here?",
                )
            ) from error

    def _body(self, response: Any, path: str, most: int) -> bytes:
        until = time.monotonic() + self._limits.answer_s
        body = bytearray()
        for chunk in response.stream(_CHUNK, decode_content=True):
            body += chunk
            if len(body) > most:
                raise TooLargeError(f"the answer to {path} is larger than {most:,} bytes")
            if time.monotonic() > until:
                raise SilentError(f"the answer to {path} took more than {self._limits.answer_s:.0f} s")
        return bytes(body)

    def _refused(self, status: int, headers: Mapping[str, str], body: bytes, path: str) -> Never:
        error = RefusedError(status, f"{status}{reason_in(body)} to {path}", hint=_HINTS.get(status, ""))
        if status not in _PASSING:
            raise error
        wait_s = seconds_to_wait(headers.get("Retry-After", ""), self._now())
        if wait_s is not None and wait_s > self._limits.patience_s:
            raise SilentError(
                f"{status}{reason_in(body)} to {path}: the server asks for {wait_s:.0f} s of patience",
                hint="repeat this later",
            )
        raise _PassingError(SilentError(error.message, hint="repeat this later"), wait_s)


_HINTS = {
    401: "the credentials are wrong or have expired: sign in again",
    403: "`auditor doctor --context NAME` says what may not be listed, and `--rbac` prints the role that may",
}


def _kind_of(error: Exception) -> str:
    """What went wrong, without the address that urllib3 puts into every message."""
    reason = getattr(error, "reason", None)
    found = reason if isinstance(reason, Exception) else error
    return f"{type(found).__name__}: {' '.join(str(found).split())[:200]}"
