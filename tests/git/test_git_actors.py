"""Which request a message names and what kind of actor an address is: tables of what forges write."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from auditor.git.actors import ActorRule, actor_kind, pull_request
from auditor.model import ActorKind, Identity

REQUESTS = [
    ("Merge pull request #12 from acme/feature", "Add web", "#12"),
    ("Add web (#34)", "", "#34"),
    ('Revert "Add web (#34)" (#56)', "", "#56"),
    ("Add web (#34) ", "", "#34"),
    ("Add web", "\nSee merge request acme/shop!7", "acme/shop!7"),
    (
        "Merge branch 'x' into 'main'",
        "Words\n\nSee merge request acme/group/shop!123\n",
        "acme/group/shop!123",
    ),
    ("Merged in feature/x (pull request #9)", "", "#9"),
    ("Merged PR 77: Add web", "", "!77"),
    (
        "Add web",
        "Reviewed-on: https://forge.example.org/acme/shop/pulls/3\n",
        "https://forge.example.org/acme/shop/pulls/3",
    ),
    ("Add web", "Differential Revision: https://ph.example.org/D42", "https://ph.example.org/D42"),
    ("Add web", "", ""),
    ("Fix #12", "", ""),
    ("Add web (#34) and more", "", ""),
    ("Talk of Merge pull request #12 from x", "", ""),
    ("Add web", "closes #12", ""),
    ("", "", ""),
]


@pytest.mark.parametrize(("subject", "body", "request_named"), REQUESTS)
def test_requests(subject: str, body: str, request_named: str) -> None:
    assert pull_request(subject, body) == request_named


ACTORS = [
    ("Ann", "ann@example.org", ActorKind.PERSON),
    ("Ann", "12345+ann@users.noreply.github.com", ActorKind.PERSON),
    ("renovate[bot]", "29139614+renovate[bot]@users.noreply.github.com", ActorKind.BOT),
    ("Renovate Bot", "bot@renovateapp.com", ActorKind.BOT),
    ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com", ActorKind.BOT),
    ("github-actions[bot]", "github-actions[bot]@users.noreply.github.com", ActorKind.BOT),
    ("GitHub Action", "action@github.com", ActorKind.BOT),
    ("fluxcdbot", "fluxcdbot@users.noreply.github.com", ActorKind.AUTOMATION),
    ("fluxcdbot", "flux@example.org", ActorKind.AUTOMATION),
    ("argocd-image-updater", "noreply@argoproj.io", ActorKind.AUTOMATION),
    ("argocd-image-updater", "eve@example.org", ActorKind.PERSON),
    ("GitHub", "noreply@github.com", ActorKind.FORGE),
    ("Eve", "noreply@github.com", ActorKind.PERSON),
    ("project", "project_42_bot@noreply.gitlab.example.org", ActorKind.BOT),
    ("group", "group_7_bot_0abc@noreply.gitlab.com", ActorKind.BOT),
    ("renovate[bot]", "eve@example.org", ActorKind.PERSON),
    ("not a bot", "eve+bot@example.org", ActorKind.PERSON),
    ("x", "1+eve[bot]@users.noreply.github.com.evil.example", ActorKind.PERSON),
]


def _who(name: str, email: str) -> Identity:
    return Identity(name=name, email=email, at=datetime(2024, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(("name", "email", "kind"), ACTORS)
def test_actors(name: str, email: str, kind: ActorKind) -> None:
    who = _who(name, email)
    assert actor_kind(who, who) is kind
    assert actor_kind(_who(name, email.upper()), who) is kind


def test_the_committer_makes_nobody_a_forge() -> None:
    assert (
        actor_kind(_who("Ann", "ann@example.org"), _who("GitHub", "noreply@github.com")) is ActorKind.PERSON
    )


def test_configured_actors_come_first() -> None:
    rules = (
        ActorRule(kind=ActorKind.AUTOMATION, email="bot@renovateapp.com"),
        ActorRule(kind=ActorKind.BOT, name="deploy"),
    )
    assert actor_kind(_who("x", "Bot@RenovateApp.com"), _who("x", "x"), rules) is ActorKind.AUTOMATION
    assert actor_kind(_who("deploy", "d@example.org"), _who("x", "x"), rules) is ActorKind.BOT
