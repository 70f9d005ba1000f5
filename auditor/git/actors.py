"""What kind of actor a commit claims, and which request its message claims.

Both are claims: a name proves nothing without the key behind it. The defaults name only accounts that
forges and GitOps controllers document as theirs; a wildcard such as `.*bot.*` would let anyone in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from auditor.model import ActorKind, Identity


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
