"""The token goes to one server, an answer is whole or an error, and limits are waited for with patience."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from forge.http_server import Asked, Reply, Server, pages, serving

from auditor.errors import ConfigurationError, ForgeError
from auditor.forge import http as forge_http
from auditor.forge.forges import FORGES, open_forge, token_of
from auditor.forge.http import ForgeHttp, NotToldError

TOKEN = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"
NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    import tenacity.nap

    waited: list[float] = []
    monkeypatch.setattr(tenacity.nap.time, "sleep", waited.append)
    return waited


def client(server: Server) -> ForgeHttp:
    return ForgeHttp(server.url, {"Authorization": f"Bearer {TOKEN}"}, now=lambda: NOW, retry_wait_s=0.0)


def failing(reply: Reply, times: int) -> Any:
    """Answers with `reply` so many times, then well."""
    left = [times]

    def answer(asked: Asked) -> Reply:
        left[0] -= 1
        return reply if left[0] >= 0 else Reply({"fine": True})

    return answer


def test_pages_to_the_last() -> None:
    items = list(range(7))
    with serving(lambda asked: pages(items, asked, server.url, size=3)) as server, client(server) as http:
        got = [answer.data for answer in http.pages("/list", {"state": "all"})]
    assert got == [[0, 1, 2], [3, 4, 5], [6]]
    assert [asked.query.get("state") for asked in server.asked] == ["all"] * 3


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_passing_failure_passes(status: int) -> None:
    with serving(failing(Reply(status=status), 2)) as server, client(server) as http:
        assert http.get("/x").data == {"fine": True}
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=502),
        Reply([{"number": 1}], cut=True),
        Reply(body=b'[{"number": 1}, {"numb'),
        Reply(body=b"<html>busy</html>"),
    ],
    ids=["502", "cut short", "half a JSON", "HTML"],
)
def test_an_answer_that_stays_broken_is_an_error(reply: Reply) -> None:
    with serving(failing(reply, 99)) as server, client(server) as http:
        with pytest.raises(ForgeError):
            http.get("/x")
        assert len(server.asked) == forge_http.ATTEMPTS


def test_a_truncated_page_never_ends_a_list() -> None:
    def answer(asked: Asked) -> Reply:
        if asked.query.get("page") == "2":
            return Reply([4], cut=True)
        return pages(list(range(6)), asked, server.url, size=3)

    with serving(answer) as server, client(server) as http:
        listing = http.pages("/list", {})
        assert next(listing).data == [0, 1, 2]
        with pytest.raises(ForgeError, match="RemoteProtocolError"):
            next(listing)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_token_does_not_follow_to_another_server(status: int) -> None:
    with serving(lambda asked: Reply({"stolen": True})) as foreign:
        redirect = Reply(status=status, headers={"Location": f"{foreign.url}/x"})
        with (
            serving(lambda asked: redirect) as server,
            client(server) as http,
            pytest.raises(ForgeError, match="leads to another server") as caught,
        ):
            http.get("/x")
        assert foreign.asked == []
        assert TOKEN not in str(caught.value)


def test_nor_by_a_next_page() -> None:
    with serving(lambda asked: Reply([])) as foreign:
        reply = Reply([1], headers={"Link": f'<{foreign.url}/list?page=2>; rel="next"'})
        with (
            serving(lambda asked: reply) as server,
            client(server) as http,
            pytest.raises(ForgeError, match="leads to another server"),
        ):
            list(http.pages("/list"))
        assert foreign.asked == []


def test_a_redirect_on_the_same_server_is_followed() -> None:
    def answer(asked: Asked) -> Reply:
        if asked.path == "/repos/old/name":
            return Reply(status=301, headers={"Location": "/repositories/7"})
        return Reply({"path": asked.path})

    with serving(answer) as server, client(server) as http:
        assert http.get("/repos/old/name").data == {"path": "/repositories/7"}
    assert server.asked[1].headers["authorization"] == f"Bearer {TOKEN}"


def test_redirects_and_pages_end() -> None:
    loop = Reply(status=302, headers={"Location": "/x"})
    with (
        serving(lambda asked: loop) as server,
        client(server) as http,
        pytest.raises(ForgeError, match="again and again"),
    ):
        http.get("/x")
    same = Reply([1], headers={"Link": '</list?page=1>; rel="next"'})
    with (
        serving(lambda asked: same) as server,
        client(server) as http,
        pytest.raises(ForgeError, match="without end"),
    ):
        list(http.pages("/list"))


@pytest.mark.parametrize(
    ("reply", "waited"),
    [
        # docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
        (
            Reply(
                {"message": "API rate limit exceeded"}, status=403,
                headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()) + 42)},
            ),
            42.0,
        ),
        (Reply({"message": "You have exceeded a secondary rate limit"}, status=403, headers={"retry-after": "7"}), 7.0),
        (Reply({"message": "You have exceeded a secondary rate limit"}, status=403), 60.0),
        # docs.gitlab.com/security/rate_limits
        (
            Reply(
                body=b"Retry later\n", status=429,
                headers={"RateLimit-Remaining": "0", "RateLimit-Reset": str(int(NOW.timestamp()) + 5)},
            ),
            5.0,
        ),
        (Reply(status=429, headers={"Retry-After": "Fri, 01 May 2026 12:00:30 GMT"}), 30.0),
    ],
)  # fmt: skip
def test_rate_limits_are_waited_for(reply: Reply, waited: float, waits: list[float]) -> None:
    with serving(failing(reply, 1)) as server, client(server) as http:
        assert http.get("/x").data == {"fine": True}
    assert waited in waits


def test_a_long_limit_ends_the_asking_and_says_until_when() -> None:
    reset = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()) + 1800)}
    with serving(lambda asked: Reply(status=403, headers=reset)) as server, client(server) as http:
        with pytest.raises(ForgeError, match="used up until 2026-05-01 12:30 UTC"):
            http.get("/x")
        assert len(server.asked) == 1


@pytest.mark.parametrize("status", [403, 404, 410])
def test_what_may_not_be_seen_is_said_so(status: int) -> None:
    reply = Reply({"message": "Not Found\n\x1b[31m"}, status=status)
    with (
        serving(lambda asked: reply) as server,
        client(server) as http,
        pytest.raises(NotToldError, match=r"\(Not Found\[31m\)") as caught,
    ):
        http.get("/x?a=b")
    assert TOKEN not in repr(caught.value)


def test_an_answer_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forge_http, "ANSWER_BYTES", 1000)
    with serving(lambda asked: Reply("x" * 2000)) as server, client(server) as http:
        with pytest.raises(ForgeError, match="larger than"):
            http.get("/x")
        assert len(server.asked) == 1


def test_nobody_there() -> None:
    with serving(lambda asked: Reply()) as server:
        pass
    with client(server) as http, pytest.raises(ForgeError, match="did not answer /x: ConnectError"):
        http.get("/x")


@pytest.mark.parametrize(
    "url",
    ["http://git.example.com", "ftp://git.example.com", "git.example.com", "https://", "http://localhost.example.com", "file:///etc"],
)  # fmt: skip
def test_only_https_but_on_this_machine(url: str) -> None:
    with pytest.raises(ConfigurationError, match="only https"):
        ForgeHttp(url, {})


@pytest.mark.parametrize(
    "url",
    ["https://git.example.com/sub", "http://127.0.0.1:3000", "http://localhost:3000", "http://[::1]:3000"],
)
def test_servers_that_are_asked(url: str) -> None:
    ForgeHttp(url, {}).close()


def test_no_password_in_the_url() -> None:
    with pytest.raises(ConfigurationError, match="must not hold a user or password"):
        ForgeHttp("https://me:secret@git.example.com", {})


@pytest.mark.parametrize("repository", ["fleet", "../x", "a/..", "a/b?c", "a b/c", "/a/b", "a//b", "a/b#c"])
def test_odd_repositories_are_refused(repository: str) -> None:
    with pytest.raises(ConfigurationError, match="repository"):
        open_forge("github", repository, fetched_at=NOW)


def test_a_token_with_a_line_break_is_refused_without_showing_it() -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_forge("github", "a/b", token="secret\r\nX-Other: 1", fetched_at=NOW)
    assert "secret" not in str(caught.value)


def test_where_the_token_comes_from() -> None:
    assert token_of("github", {"GITHUB_TOKEN": "usual"}) == "usual"
    assert token_of("github", {"GITHUB_TOKEN": "usual", "AUDITOR_FORGE_TOKEN": "ours"}) == "ours"
    assert token_of("gitlab", {"GITHUB_TOKEN": "another's"}) == ""


@pytest.mark.parametrize(
    ("kind", "url", "api"),
    [
        ("github", "https://github.com", "https://api.github.com"),
        ("github", "https://acme.ghe.com", "https://api.acme.ghe.com"),
        ("github", "https://git.example.com", "https://git.example.com/api/v3"),
        ("gitlab", "https://gitlab.com", "https://gitlab.com/api/v4"),
        ("gitea", "https://git.example.com", "https://git.example.com/api/v1"),
    ],
)
def test_where_the_api_is(kind: str, url: str, api: str) -> None:
    assert FORGES[kind].api(url) == api
