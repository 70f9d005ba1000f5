"""The forges there are, and how each is opened."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from auditor.errors import ConfigurationError
from auditor.forge.gitea import Gitea
from auditor.forge.github import GitHub
from auditor.forge.gitlab import GitLab
from auditor.forge.http import ForgeHttp
from auditor.forge.interface import Forge

_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)+")


@dataclass(frozen=True, slots=True)
class ForgeKind:
    """One kind of forge. `api` gives the API's URL for a server's, `token_variable` is its usual variable."""

    make: Callable[[ForgeHttp, str, datetime], Forge]
    default_url: str
    api: Callable[[str], str]
    headers: Mapping[str, str]
    authorization: str
    token_variable: str
    dialect: str


def _github_api(url: str) -> str:
    # docs.github.com: api.github.com for github.com and api.SUBDOMAIN.ghe.com, else HOST/api/v3.
    host = urlsplit(url).netloc
    if host == "github.com" or host.endswith(".ghe.com"):
        return f"https://api.{host}"
    return f"{url}/api/v3"


FORGES: Mapping[str, ForgeKind] = {
    "github": ForgeKind(
        make=lambda http, repository, at: GitHub(http, repository, fetched_at=at),
        default_url="https://github.com",
        api=_github_api,
        headers={"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"},
        authorization="Bearer",
        token_variable="GITHUB_TOKEN",  # noqa: S106 - the variable's name
        dialect="github",
    ),
    "gitlab": ForgeKind(
        make=lambda http, repository, at: GitLab(http, repository, fetched_at=at),
        default_url="https://gitlab.com",
        api=lambda url: f"{url}/api/v4",
        headers={},
        authorization="Bearer",
        token_variable="GITLAB_TOKEN",  # noqa: S106 - the variable's name
        dialect="gitlab",
    ),
    "gitea": ForgeKind(
        make=lambda http, repository, at: Gitea(http, repository, fetched_at=at),
        default_url="",
        api=lambda url: f"{url}/api/v1",
        headers={},
        authorization="token",
        token_variable="GITEA_TOKEN",  # noqa: S106 - the variable's name
        dialect="gitea",
    ),
}
"""By kind. `gitea` is also for Forgejo, whose API is the same in what is asked here."""

TOKEN_VARIABLE = "AUDITOR_FORGE_TOKEN"  # noqa: S105 - the variable's name


def token_of(kind: str, environment: Mapping[str, str]) -> str:
    """The token from the environment, '' where there is none: AUDITOR_FORGE_TOKEN, else the forge's usual one.

    The usual variable holds a token for the public server, so it is sent only where the caller asks that kind.
    """
    return environment.get(TOKEN_VARIABLE, "") or environment.get(FORGES[kind].token_variable, "")


def open_forge(
    kind: str,
    repository: str,
    *,
    url: str = "",
    token: str = "",
    fetched_at: datetime,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    retry_wait_s: float = 0.5,
) -> Forge:
    """The forge of `kind` at `url` (the public one by default), for `repository` (owner/name).

    `token` is sent to that server alone. Raises ConfigurationError for what cannot be asked.
    """
    described = FORGES[kind]
    server = (url or described.default_url).rstrip("/")
    if not server:
        raise ConfigurationError(f"forge.url is missing: there is no public server for {kind}")
    if not _REPOSITORY.fullmatch(repository) or any(part in (".", "..") for part in repository.split("/")):
        raise ConfigurationError(
            f"forge.repository is {repository!r}",
            hint="it is owner/name as the forge has it, such as acme/fleet",
        )
    if token and (not token.isascii() or not token.isprintable() or " " in token):
        raise ConfigurationError(
            "the forge's token has characters that no token has", hint="is it the whole token?"
        )
    headers = dict(described.headers)
    if token:
        headers["Authorization"] = f"{described.authorization} {token}"
    http = ForgeHttp(described.api(server), headers, now=now, retry_wait_s=retry_wait_s)
    return described.make(http, repository, fetched_at)
