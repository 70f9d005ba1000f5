"""Who made what a request brings in: its author, its commits' authors, co-authors and committers.

A person can stand behind several accounts and addresses; who is who is the caller's knowledge (the directory
of people in `auditor.yaml`), and by default an account is a person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from auditor.model import Commit, ForgeUser, Request, RequestCommit

Person = Callable[[ForgeUser], str]
"""Who an account (or, where `login` is '', an address) belongs to; equal texts are the same person."""

_NOREPLY = re.compile(r"^(?:\d+\+)?([^@+]+)@users\.noreply\.github\.com$|^(?:\d+-)?([^@]+)@users\.noreply\.")
"""GitHub's and GitLab's private addresses hold the login (docs.github.com, "Setting your commit email address")."""
_FORGES_OWN = re.compile(r"^(?:noreply@(?:github\.com|gitlab\.com)|(?:gitea|forgejo|noreply)@noreply\..*)$")
_CO_AUTHOR = re.compile(r"^co-authored-by:[^<\n]*<([^<>\s]+)>\s*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Contributor:
    """A person who wrote part of a request. `known` is false where there is only an address, and no account."""

    name: str
    principals: frozenset[str]
    roles: tuple[str, ...]
    known: bool


@dataclass(slots=True)
class _Gathered:
    name: str
    roles: list[str] = field(default_factory=list)
    known: bool = False


def account(user: ForgeUser) -> str:
    """The default `Person`: the login, else the login in a private address of the forge, else the address."""
    if user.login:
        return user.login.casefold()
    address = user.email.casefold()
    match = _NOREPLY.match(address)
    return (match[1] or match[2]) if match else address


def co_authors(message: str) -> tuple[str, ...]:
    """The addresses of a message's Co-authored-by trailers, lower case, each once."""
    return tuple(dict.fromkeys(address.casefold() for address in _CO_AUTHOR.findall(message)))


def contributors(
    request: Request,
    landings: Sequence[Commit],
    side: Sequence[Commit],
    person: Person,
    clean_merges: frozenset[str],
) -> tuple[Contributor, ...]:
    """Everybody whose work is in the request, its author first.

    Who merges does not contribute: a landing's own author counts only by its co-author trailers, and commits that
    were rebased while merging only by what they were before. Whoever committed what another wrote does: they may
    have changed it. Commits that the forge did not list but git has (a long request) count by their addresses.
    """
    accounts = _accounts(request)
    gathered: dict[str, _Gathered] = {}

    def add(user: ForgeUser, role: str) -> None:
        if _FORGES_OWN.match(user.email.casefold()) or user.login.casefold() in ("web-flow", "ghost"):
            return
        user = user if user.login else accounts.get(user.email.casefold(), user)
        who = person(user)
        if not who:
            return
        entry = gathered.setdefault(who, _Gathered(name=user.login or user.email))
        entry.known = entry.known or bool(user.login) or who != user.email.casefold()
        if role not in entry.roles:
            entry.roles.append(role)

    add(request.author, "opened the request")
    for listed in request.commits:
        if listed.sha not in clean_merges:
            _add_listed(listed, add)
    told = {listed.sha for listed in request.commits}
    written = {(listed.author_email.casefold(), listed.authored_at) for listed in request.commits}
    for commit in side:
        # A commit that the forge rebased while merging has the merger as its committer.
        is_rebased = (commit.author.email.casefold(), commit.author.at) in written
        if commit.sha not in told and commit.sha not in clean_merges and not is_rebased:
            _add_side(commit, add)
    for commit in (*landings, *side):
        for address in co_authors(commit.body):
            add(ForgeUser(login="", email=address), "co-author")
    return tuple(
        Contributor(name=entry.name, principals=frozenset({who}), roles=tuple(entry.roles), known=entry.known)
        for who, entry in gathered.items()
    )


def _add_listed(listed: RequestCommit, add: Callable[[ForgeUser, str], None]) -> None:
    add(listed.author or ForgeUser(login="", email=listed.author_email), "author of a commit")
    if listed.committer is not None or listed.committer_email:
        committer = listed.committer or ForgeUser(login="", email=listed.committer_email)
        add(committer, "committer")
    for address in listed.co_authors:
        add(ForgeUser(login="", email=address), "co-author")


def _add_side(commit: Commit, add: Callable[[ForgeUser, str], None]) -> None:
    add(ForgeUser(login="", email=commit.author.email), "author of a commit")
    add(ForgeUser(login="", email=commit.committer.email), "committer")


def _accounts(request: Request) -> dict[str, ForgeUser]:
    """Accounts by the addresses that the forge itself connects with them."""
    pairs: list[tuple[str, ForgeUser | None]] = [(request.author.email, request.author)]
    pairs += [(review.reviewer.email, review.reviewer) for review in request.reviews]
    for listed in request.commits:
        pairs += [(listed.author_email, listed.author), (listed.committer_email, listed.committer)]
    return dict(_connected(pairs))


def _connected(pairs: Iterable[tuple[str, ForgeUser | None]]) -> Iterable[tuple[str, ForgeUser]]:
    for address, user in pairs:
        if address and user is not None and user.login:
            yield address.casefold(), user
