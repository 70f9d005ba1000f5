"""What kind of actor a commit claims, and which request its message claims.

Both are claims: a name proves nothing without the key behind it. The defaults name only accounts that
forges and GitOps controllers document as theirs; a wildcard such as `.*bot.*` would let anyone in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from auditor.model import ActorKind, Identity, Origin, Person


@dataclass(frozen=True, kw_only=True, slots=True)
class ActorRule:
    """An identity known to the registry: an e-mail address (lower case), a name, or both."""

    kind: ActorKind
    email: str = ""
    name: str = ""

    def matches(self, identity: Identity) -> bool:
        """True where every given part equals the identity's (addresses regardless of case)."""
        if self.email and self.email != identity.email.lower():
            return False
        return not (self.name and self.name != identity.name)


DEFAULT_ACTORS: tuple[ActorRule, ...] = (
    # Flux image automation: the address in Flux's own guide, and its documented author name.
    ActorRule(kind=ActorKind.AUTOMATION, email="fluxcdbot@users.noreply.github.com"),
    ActorRule(kind=ActorKind.AUTOMATION, name="fluxcdbot"),
    # Argo CD Image Updater: the default of its --git-commit-user and --git-commit-email.
    ActorRule(kind=ActorKind.AUTOMATION, name="argocd-image-updater", email="noreply@argoproj.io"),
    # Forges commit for people when a merge is made on their pages.
    ActorRule(kind=ActorKind.FORGE, name="GitHub", email="noreply@github.com"),
    ActorRule(kind=ActorKind.BOT, email="bot@renovateapp.com"),
    ActorRule(kind=ActorKind.BOT, email="support@dependabot.com"),
    ActorRule(kind=ActorKind.BOT, email="action@github.com"),
)

GITHUB_WEB_FLOW_KEYS = (
    # https://github.com/web-flow.gpg: what is signed with since January 2024, and what expired then.
    "968479A1AFF927E37D1A566BB5690EEEBB952194",
    "5DE3E0509C47EA3CF04A42D34AEE18F83AFDEB23",
)
"""Fingerprints of the key with which GitHub signs what is made on its pages and through its API. They say
whose key it is; it is trusted only where the operator configures it."""


def _known(kind: ActorKind, name: str, **what: tuple[str, ...]) -> Person:
    return Person(kind=kind, name=name, origin=Origin.DEFAULT, **what)


KNOWN_ACTORS: tuple[Person, ...] = (
    # docs.renovatebot.com: the hosted app's account, and the address of `gitAuthor` by default.
    _known(
        ActorKind.BOT,
        "Renovate",
        emails=("bot@renovateapp.com",),
        logins=("renovate[bot]", "renovate-bot"),
        names=("renovate[bot]", "Renovate Bot", "WhiteSource Renovate", "Mend Renovate"),
    ),
    # docs.github.com: Dependabot's account and the address of its commits before GitHub took it over.
    _known(
        ActorKind.BOT,
        "Dependabot",
        emails=("support@dependabot.com",),
        logins=("dependabot[bot]", "dependabot-preview[bot]"),
        names=("dependabot[bot]", "dependabot-preview[bot]", "dependabot"),
    ),
    # github.com/actions/checkout, README: the account that workflows push as.
    _known(
        ActorKind.BOT,
        "GitHub Actions",
        emails=("action@github.com",),
        logins=("github-actions[bot]",),
        names=("github-actions[bot]", "GitHub Action", "github-actions"),
    ),
    # fluxcd.io/flux/guides/image-update: author name and address of the guide's ImageUpdateAutomation.
    _known(
        ActorKind.AUTOMATION,
        "Flux image automation",
        emails=("fluxcdbot@users.noreply.github.com",),
        logins=("fluxcdbot",),
        names=("fluxcdbot", "flux"),
    ),
    # argocd-image-updater.readthedocs.io: defaults of --git-commit-user and --git-commit-email.
    _known(
        ActorKind.AUTOMATION,
        "Argo CD Image Updater",
        emails=("noreply@argoproj.io",),
        names=("argocd-image-updater",),
    ),
    # docs.github.com, "About commit signature verification": commits for people as GitHub <noreply@github.com>.
    _known(
        ActorKind.FORGE,
        "GitHub",
        emails=("noreply@github.com",),
        logins=("web-flow",),
        names=("GitHub",),
        keys=GITHUB_WEB_FLOW_KEYS,
    ),
    _known(ActorKind.FORGE, "GitLab", emails=("noreply@gitlab.com",), names=("GitLab",)),
)
"""Bots, automation and forges as their makers document them. None has a key of its own here: a bot is only
proven by the key that the operator registers for it."""

_GITHUB_APP = re.compile(r"^(?:\d+\+)?([a-z0-9-]+)\[bot\]@users\.noreply\.github\.com$")
_GITLAB_BOT = re.compile(r"^(?:project|group)_\d+_bot(?:_[0-9a-f]+)?@noreply\.")


def actor_kind(author: Identity, committer: Identity, rules: Sequence[ActorRule] = ()) -> ActorKind:
    """The kind of the commit's author: configured rules first, then the documented defaults.

    GitHub gives each app an address `ID+name[bot]@users.noreply.github.com`, which no person can verify
    as theirs. A commit that the forge made for a person is that person's; 'forge' is a commit whose
    author is the forge itself.
    """
    for rule in (*rules, *DEFAULT_ACTORS):
        if rule.matches(author):
            return rule.kind
    address = author.email.lower()
    if _GITHUB_APP.match(address) or _GITLAB_BOT.match(address):
        return ActorKind.BOT
    return ActorKind.PERSON


_REQUEST_PATTERNS = (
    (re.compile(r"^Merge pull request #(\d+) from "), "#"),
    (re.compile(r"^Merged in .+ \(pull request #(\d+)\)$"), "#"),
)
_SQUASH = re.compile(r"\(#(\d+)\)$")
_GITLAB_REQUEST = re.compile(r"^See merge request (\S*!\d+)\s*$", re.M)
_AZURE = re.compile(r"^Merged PR (\d+): ")
_TRAILERS = (
    re.compile(r"^Reviewed-on: (\S+)\s*$", re.M),
    re.compile(r"^Differential Revision: (\S+)\s*$", re.M),
)


def pull_request(subject: str, body: str) -> str:
    """The request that the message names ('#12', 'group/project!7', an address), '' where it names none."""
    for pattern, prefix in _REQUEST_PATTERNS:
        if match := pattern.match(subject):
            return prefix + match[1]
    if match := _GITLAB_REQUEST.search(body):
        return match[1]
    if match := _AZURE.match(subject):
        return f"!{match[1]}"
    if match := _SQUASH.search(subject.rstrip()):
        return f"#{match[1]}"
    for pattern in _TRAILERS:
        if match := pattern.search(body):
            return match[1]
    return ""
