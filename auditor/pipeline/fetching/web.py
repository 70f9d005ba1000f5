"""Asking servers of charts: patiently, within limits, every step of the way checked."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx2
import stamina

from auditor.errors import FetchError
from auditor.pipeline.fetching.addresses import Allowed

# Where structlog is installed, stamina would print each retry on standard output, into the middle of our data.
stamina.instrumentation.set_on_retry_hooks(())

TIMEOUT_S = 30.0
"""For connecting, and for each wait on the socket."""

ANSWER_TIME_S = 300.0
"""For one answer as a whole: a server that drips bytes is given up."""

MAX_REDIRECTS = 5
ATTEMPTS = 4
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. `headers` are by lower case name; `url` is the address that gave it."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


class _PassingError(Exception):
    """A failure that may pass."""

    def __init__(self, error: FetchError) -> None:
        super().__init__(error.message)
        self.error = error


class Web:
    """A context manager around connections. `verify` is the trust in servers' certificates, the system's by default;
    `retry_wait_s` the first wait of the retry schedule."""

    def __init__(
        self, allowed: Allowed, *, verify: ssl.SSLContext | None = None, retry_wait_s: float = 0.5
    ) -> None:
        self.allowed = allowed
        self._retry_wait_s = retry_wait_s
        # No proxy or netrc of the environment: a proxy would be asked for names that were checked here.
        self._client = httpx2.Client(
            headers={"User-Agent": "auditor"},
            timeout=TIMEOUT_S,
            follow_redirects=False,
            trust_env=False,
            verify=verify if verify is not None else True,
        )

    def __enter__(self) -> Web:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(
        self,
        url: str,
        *,
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
        accept: tuple[int, ...] = (),
    ) -> Answer:
        """What the address gives: 200, or one of the statuses in `accept`. Redirects are followed, without `headers`
        to another server. Raises FetchError."""
        try:
            for attempt in stamina.retry_context(
                on=_PassingError,
                attempts=ATTEMPTS,
                timeout=None,
                wait_initial=self._retry_wait_s,
                wait_max=10.0,
            ):
                with attempt:
                    return self._once(url, max_bytes, dict(headers or {}), accept)
        except _PassingError as error:
            raise error.error from error.__cause__
        raise AssertionError("a retry ends in an answer or an error")

    def _once(self, url: str, max_bytes: int, headers: dict[str, str], accept: tuple[int, ...]) -> Answer:
        started = url
        for _ in range(MAX_REDIRECTS + 1):
            self.allowed.check(url)
            answer = self._read(url, max_bytes, headers)
            if answer.status in _REDIRECTS and "location" in answer.headers:
                following = urljoin(url, answer.headers["location"])
                if urlsplit(url).scheme == "https" and urlsplit(following).scheme != "https":
                    raise FetchError(
                        f"{url} leads from HTTPS to {following[:200]}", hint="it was not followed"
                    )
                if urlsplit(following).netloc != urlsplit(url).netloc:
                    headers.pop("Authorization", None)
                url = following
                continue
            if answer.status in _PASSING:
                raise _PassingError(
                    FetchError(f"{_shown(url)} answered {answer.status}", hint="try again later")
                )
            if answer.status != 200 and answer.status not in accept:
                raise FetchError(
                    f"{_shown(url)} answered {answer.status}", hint=_HINTS.get(answer.status, "")
                )
            return answer
        raise FetchError(f"{_shown(started)} is redirected again and again")

    def _read(self, url: str, max_bytes: int, headers: Mapping[str, str]) -> Answer:
        until = time.monotonic() + ANSWER_TIME_S
        body = bytearray()
        try:
            with self._client.stream("GET", url, headers=dict(headers)) as response:
                self._check_peer(response, url)
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > max_bytes:
                        raise FetchError(f"the answer of {_shown(url)} is larger than {max_bytes} bytes")
                    if time.monotonic() > until:
                        raise FetchError(f"the answer of {_shown(url)} took more than {ANSWER_TIME_S:.0f} s")
                return Answer(response.status_code, dict(response.headers), bytes(body), url)
        except httpx2.HTTPError as error:
            raise _PassingError(
                FetchError(
                    f"{_shown(url)} did not answer: {type(error).__name__}: {error}",
                    hint="is the network there?",
                )
            ) from error

    def _check_peer(self, response: httpx2.Response, url: str) -> None:
        """The name was looked up again for the connection, and may have meant another server then."""
        stream = response.extensions.get("network_stream")
        peer = stream.get_extra_info("server_addr") if stream is not None else None
        if peer:
            self.allowed.check_peer(urlsplit(url).hostname or "", str(peer[0]))


_HINTS = {
    401: "it wants a login, and auditor asks without one: fetch the chart yourself, or keep it in the repository",
    403: "it wants a login, and auditor asks without one: fetch the chart yourself, or keep it in the repository",
    404: "is the address right, and is the chart there?",
}


def _shown(url: str) -> str:
    """An address for messages, without what may be a signature or token in its query."""
    return url.partition("?")[0][:300]
