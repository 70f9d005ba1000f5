"""Asking a forge over HTTP: with patience, within limits, and with the token for that forge alone.

An answer is whole or it is an error. A redirect or a next page that leads to another origin is an error too:
the token is for one server, and so is the trust in what it says.
"""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2
import orjson
import stamina

from auditor.errors import ConfigurationError, ForgeError
from auditor.refusals import reason_in, seconds_to_wait

# Where structlog is installed, stamina would print each retry on standard output, into the middle of our data.
stamina.instrumentation.set_on_retry_hooks(())

TIMEOUT_S = 30.0
"""For connecting, and for each wait on the socket."""
ANSWER_TIME_S = 120.0
"""For one answer as a whole: a server that drips bytes is given up."""
ANSWER_BYTES = 32 * 2**20
MAX_PAGES = 5_000
MAX_REDIRECTS = 3
ATTEMPTS = 4
PATIENCE_S = 60.0
"""How long a rate limit is waited for; beyond it the run ends as incomplete, and the next one goes on there."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({500, 502, 503, 504})
_NEXT = re.compile(r'<([^<>]*)>\s*;[^,]*\brel="?next"?')


class _PassingError(Exception):
    """A failure that may pass, with the seconds to wait (None: as the retry schedule has it)."""

    def __init__(self, error: ForgeError, wait_s: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: its JSON value (or its bytes where no JSON was asked for), and its headers."""

    data: Any
    headers: Mapping[str, str]
    url: str


class ForgeHttp:
    """One server's API. `base` is the URL that paths are appended to; use as a context manager, or `close`.

    `now` is the clock that rate limits are read against; `retry_wait_s` the first wait of the retry schedule.
    """

    def __init__(
        self,
        base: str,
        headers: Mapping[str, str],
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        retry_wait_s: float = 0.5,
    ) -> None:
        self._base = _checked(base)
        self._origin = _origin(self._base)
        self._now = now
        self._retry_wait_s = retry_wait_s
        self._client = httpx2.Client(
            headers={"User-Agent": "auditor", "Accept": "application/json", **headers},
            timeout=TIMEOUT_S,
            follow_redirects=False,
        )

    def __enter__(self) -> ForgeHttp:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    @property
    def host(self) -> str:
        """The server's name, for messages."""
        return self._origin[1]

    def get(
        self, path: str, parameters: Mapping[str, str | int] | None = None, *, accept: str = ""
    ) -> Answer:
        """One answer. With `accept`, that media type is asked for and the bytes are given as they are.

        Raises ForgeError: `NotToldError` where the server has no such thing or does not show it.
        """
        return self._patiently(f"{self._base}{path}", parameters, accept)

    def pages(self, path: str, parameters: Mapping[str, str | int] | None = None) -> Iterator[Answer]:
        """Answer after answer by the `Link` header's `next`, to the last."""
        url, asked = f"{self._base}{path}", parameters
        seen: set[str] = set()
        while url:
            if len(seen) >= MAX_PAGES or url in seen:
                raise ForgeError(
                    f"{self.host} gives pages without end for {path}", hint=f"the last one was {url}"
                )
            seen.add(url)
            answer = self._patiently(url, asked, "")
            yield answer
            url, asked = self._next(answer), None

    def _next(self, answer: Answer) -> str:
        match = _NEXT.search(answer.headers.get("link", ""))
        if match is None:
            return ""
        following = str(httpx2.URL(answer.url).join(match[1]))
        self._same_origin(following, f"the next page of {answer.url}")
        return following

    def _same_origin(self, url: str, what: str) -> None:
        if _origin(url) != self._origin:
            raise ForgeError(
                f"{what} leads to another server: {urlsplit(url).netloc}",
                hint="it was not followed, and the token was not sent there; is `forge.url` the right one?",
            )

    def _patiently(self, url: str, parameters: Mapping[str, str | int] | None, accept: str) -> Answer:
        def again(error: Exception) -> bool | float:
            if not isinstance(error, _PassingError):
                return False
            return True if error.wait_s is None else error.wait_s

        try:
            for attempt in stamina.retry_context(
                on=again, attempts=ATTEMPTS, timeout=None, wait_initial=self._retry_wait_s, wait_max=10.0
            ):
                with attempt:
                    return self._once(url, parameters, accept)
        except _PassingError as error:
            raise error.error from error.__cause__
        raise AssertionError("a retry ends in an answer or an error")

    def _once(self, url: str, parameters: Mapping[str, str | int] | None, accept: str) -> Answer:
        for _ in range(MAX_REDIRECTS + 1):
            try:
                status, headers, body, final = self._read(url, parameters, accept)
            except httpx2.HTTPError as error:
                raise _PassingError(
                    ForgeError(
                        f"{self.host} did not answer {_shown(url)}: {type(error).__name__}: {error}",
                        hint="what was fetched before is kept; scan again when the forge can be reached",
                    )
                ) from error
            if status in _REDIRECTS and "location" in headers:
                url = str(httpx2.URL(final).join(headers["location"]))
                parameters = None
                self._same_origin(url, f"{_shown(final)}, which is redirected,")
                continue
            self._refused(status, headers, body, final)
            return Answer(_json(body, final) if not accept else body, headers, final)
        raise ForgeError(f"{self.host} redirects {_shown(url)} again and again")

    def _read(
        self, url: str, parameters: Mapping[str, str | int] | None, accept: str
    ) -> tuple[int, Mapping[str, str], bytes, str]:
        until = time.monotonic() + ANSWER_TIME_S
        headers = {"Accept": accept} if accept else None
        with self._client.stream("GET", url, params=parameters, headers=headers) as response:
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > ANSWER_BYTES:
                    raise ForgeError(f"the answer to {_shown(url)} is larger than {ANSWER_BYTES >> 20} MiB")
                if time.monotonic() > until:
                    raise ForgeError(f"the answer to {_shown(url)} took more than {ANSWER_TIME_S:.0f} s")
            return response.status_code, response.headers, bytes(body), str(response.url)

    def _refused(self, status: int, headers: Mapping[str, str], body: bytes, url: str) -> None:
        if 200 <= status < 300:
            return
        said = f"{self.host} answered {status} to {_shown(url)}{reason_in(body)}"
        wait_s = self._limited(status, headers, body)
        if wait_s is not None:
            if wait_s > PATIENCE_S:
                when = datetime.fromtimestamp(self._now().timestamp() + wait_s, UTC)
                raise ForgeError(
                    f"{said}: its rate limit is used up until {when:%Y-%m-%d %H:%M} UTC",
                    hint="what was fetched is kept; scan again then, and it goes on from there",
                )
            raise _PassingError(ForgeError(said, hint="its rate limit did not lift"), wait_s)
        if status in _PASSING:
            raise _PassingError(ForgeError(said, hint="what was fetched is kept; scan again later"))
        if status == 401:
            raise ForgeError(said, hint="set AUDITOR_FORGE_TOKEN to a token that may read the repository")
        if status in (403, 404, 406, 410, 422, 451):
            raise NotToldError(said, hint="is `forge.repository` right, and may the token read it?")
        raise ForgeError(said)

    def _limited(self, status: int, headers: Mapping[str, str], body: bytes) -> float | None:
        """Seconds until the server answers again; None where this is no matter of rates.

        GitHub: 403 or 429 with `x-ratelimit-remaining: 0` and `x-ratelimit-reset`, or `retry-after` for the
        secondary limits, which may come with neither (then it asks for at least a minute). GitLab: 429 with
        `retry-after`, `ratelimit-remaining` and `ratelimit-reset`.
        """
        if status not in (403, 429):
            return None
        after = seconds_to_wait(headers.get("retry-after", ""), self._now())
        if after is not None:
            return after
        for prefix in ("x-ratelimit-", "ratelimit-"):
            if headers.get(f"{prefix}remaining", "").strip() == "0":
                reset = headers.get(f"{prefix}reset", "")
                if reset.isdigit():
                    return max(0.0, int(reset[:12]) - self._now().timestamp())
        if status == 429 or b"rate limit" in body[:2000].lower():
            return PATIENCE_S
        return None


class NotToldError(ForgeError):
    """The server has no such thing, or does not show it to this token."""


def _checked(base: str) -> str:
    parts = urlsplit(base)
    if parts.username or parts.password:
        raise ConfigurationError(
            "forge.url must not hold a user or password", hint="the token goes in AUDITOR_FORGE_TOKEN"
        )
    if parts.scheme == "https" and parts.hostname:
        return base.rstrip("/")
    if parts.scheme == "http" and parts.hostname and _is_loopback(parts.hostname):
        return base.rstrip("/")
    raise ConfigurationError(
        f"forge.url is {base!r}: only https:// is asked (http:// on this machine alone)",
        hint="a token sent over http could be read by anybody on the way",
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _origin(url: str) -> tuple[str, str, int]:
    parts = httpx2.URL(url)
    return parts.scheme, parts.host, parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)


def _shown(url: str) -> str:
    """A URL for messages: path and query, without the server."""
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _json(body: bytes, url: str) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _PassingError(
            ForgeError(
                f"the answer to {_shown(url)} is not JSON: {error}", hint="is `forge.url` the API's server?"
            )
        ) from error
