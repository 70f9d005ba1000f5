"""Who approved what, when, and whether that is somebody else: each rule with its trap."""

from __future__ import annotations

from itertools import product

import pytest
from forge.made import commit, part, request, review, sha
from hypothesis import given
from hypothesis import strategies as st

from auditor.forge.approval import assess
from auditor.forge.contributors import account, co_authors
from auditor.forge.owners import required_owners
from auditor.model import ForgeUser, RequestState, ReviewState


def test_an_approval_by_somebody_else_of_what_landed() -> None:
    found = assess(request(reviews=(review("bob"),)))
    assert (found.approved, found.self_approved, found.stale, found.missing_owners) == (
        True,
        False,
        False,
        None,
    )
    assert found.approvals[0].independent
    assert "approved by bob" in found.facts


@pytest.mark.parametrize(
    ("reviews", "why"),
    [
        ((review("bob", hours=10.5),), "approved after the merge"),
        ((review("bob", state="dismissed"),), "the review was dismissed"),
        ((review("ci", user=ForgeUser(login="ci[bot]", is_bot=True)),), "a bot's approval is nobody's"),
        ((review("bob", hours=4), review("bob", hours=5, state="changes_requested")), "taken back by a later review (changes requested)"),
        ((review("bob", official=False),), "the forge does not count this reviewer's approvals for the branch"),
    ],
)  # fmt: skip
def test_approvals_that_do_not_count(reviews: tuple[object, ...], why: str) -> None:
    found = assess(request(reviews=reviews))
    assert found.approved is False
    assert found.approvals[0].why == why
    assert (found.self_approved, found.stale) == (False, False)


@pytest.mark.parametrize(
    "reviews",
    [
        (review("bob", hours=4), review("bob", hours=5, state="commented")),
        (review("bob", hours=4, state="changes_requested"), review("bob", hours=5)),
        (review("bob", hours=5), review("bob", hours=11, state="changes_requested")),  # after the merge
        (
            review("bob", hours=5, official=False),
            review("bob", hours=11, official=True),
        ),  # Gitea moves the mark
    ],
    ids=[
        "a comment after it",
        "asked for changes before it",
        "taken back after the merge",
        "repeated after it",
    ],
)
def test_approvals_that_count(reviews: tuple[object, ...]) -> None:
    assert assess(request(reviews=reviews)).approved is True


def test_merging_is_not_approving() -> None:
    found = assess(request(reviews=()))
    assert found.approved is False
    assert found.reasons["approved"].endswith("merging it (mia) is not approving it")


def test_what_the_forge_does_not_tell_is_unknown_and_never_a_pass() -> None:
    found = assess(request(unknown=("reviews",)))
    assert (found.approved, found.self_approved) == (None, None)
    untimed = assess(request(reviews=(review("bob", hours=None),)))
    assert untimed.approved is None
    unnamed = assess(request(reviews=(review("bob", of=""),)))
    assert unnamed.stale is None
    partial = assess(request(unknown=("commits",), reviews=(review("bob"),)))
    assert partial.self_approved is None


def test_an_open_request_may_be_assessed_too() -> None:
    found = assess(
        request(state=RequestState.OPEN, merged_at=None, merge_sha="", reviews=(review("bob", hours=None),))
    )
    assert (found.approved, found.stale) == (True, False)


BOT = ForgeUser(login="renovate[bot]", is_bot=True)


@pytest.mark.parametrize(
    ("commits", "approvers", "expected"),
    [
        ((part("head", "renovate[bot]"),), ("bob",), False),
        ((part("one", "renovate[bot]"), part("head", "bob")), ("bob",), True),  # edited a bot's request
        ((part("one", "renovate[bot]"), part("head", "bob")), ("bob", "cem"), False),
        ((part("head", "renovate[bot]", co_authors=("bob@users.noreply.github.com",)),), ("bob",), True),
        ((part("head", "renovate[bot]", co_authors=("12+bob@users.noreply.github.com",)),), ("bob",), True),
        ((part("head", "renovate[bot]", committer_email="bob@users.noreply.github.com"),), ("bob",), True),
        ((part("head", "renovate[bot]", committer_email="noreply@github.com"),), ("bob",), False),
        ((part("head", None, email="somebody@home.example"),), ("bob",), None),  # bob at home?
        ((part("head", None, email="somebody@home.example"),), ("bob", "cem"), False),  # not both of them
    ],
)
def test_whose_work_it_is(
    commits: tuple[object, ...], approvers: tuple[str, ...], expected: bool | None
) -> None:
    made = request(author=BOT, commits=commits, reviews=tuple(review(one) for one in approvers))
    found = assess(made)
    assert found.self_approved is expected
    assert found.approved is True


def test_logins_are_the_same_whatever_their_case() -> None:
    made = request(author=BOT, commits=(part("head", "Bob"),), reviews=(review("bob"),))
    assert assess(made).self_approved is True


def test_a_second_account_of_the_same_person_is_the_directorys_to_say() -> None:
    made = request(reviews=(review("ann-work"),))
    assert assess(made).self_approved is False
    people = {"ann": "Ann Example", "ann-work": "Ann Example"}
    assert assess(made, person=lambda user: people.get(user.login, account(user))).self_approved is True


def test_merging_does_not_make_a_contributor_and_bringing_the_base_in_need_not() -> None:
    squashed = commit("landed", "bob", committer="bob")
    assert assess(request(reviews=(review("bob"),)), landings=[squashed]).self_approved is False
    update = part("merge", "bob", parents=(sha("head"), sha("base")))
    made = request(
        head_sha=sha("merge"), commits=(part("head"), update), reviews=(review("bob", of="merge"),)
    )
    assert assess(made).self_approved is True  # bob may have changed something in that merge
    assert assess(made, clean_merges=frozenset({sha("merge")})).self_approved is False


def test_co_authors_named_where_it_landed_count() -> None:
    squashed = commit("landed", "ann", body="Co-authored-by: Bob <bob@users.noreply.github.com>")
    found = assess(request(reviews=(review("bob"),)), landings=[squashed])
    assert found.self_approved is True


def test_commits_that_the_forge_did_not_list_count() -> None:
    made = request(
        unknown=("commits",), reviews=(review("bob", user=ForgeUser(login="bob", email="bob@example.com")),)
    )
    found = assess(
        made, landings=[commit("landed", "mia", parents=("base", "head"))], side=[commit("more", "bob")]
    )
    assert found.self_approved is True


@given(
    st.lists(st.sampled_from("abcd"), min_size=1, max_size=3),
    st.lists(st.sampled_from("abcd"), max_size=3, unique=True),
)
def test_self_approval_is_what_its_definition_says(authors: list[str], approvers: list[str]) -> None:
    """Somebody approved, and some contributor has no approver but themselves."""
    commits = tuple(part(f"c{number}", author) for number, author in enumerate(authors))
    made = request(
        author=ForgeUser(login=authors[0]), commits=commits, reviews=tuple(review(one) for one in approvers)
    )
    alone = {one for one in authors if not any(one != other for other in approvers)}
    assert assess(made).self_approved is bool(approvers and alone)


@pytest.mark.parametrize(
    ("reviews", "same", "other", "expected"),
    [
        ((review("bob", of="old"),), (), (), None),
        ((review("bob", of="old"),), ("old",), (), False),
        ((review("bob", of="old"),), (), ("old",), True),
        ((review("bob", of="old", stale=True),), (), (), True),
        ((review("bob", of="old", stale=False),), (), (), False),
        ((review("bob", of="old", stale=False),), (), ("old",), True),  # what git shows comes first
        ((review("bob", of="old"), review("cem")), (), ("old",), False),
        ((review("bob", of="old"), review("ann")), (), ("old",), True),  # ann's is her own work
    ],
)
def test_stale(
    reviews: tuple[object, ...], same: tuple[str, ...], other: tuple[str, ...], expected: bool | None
) -> None:
    found = assess(
        request(reviews=reviews),
        same_patch=frozenset(map(sha, same)),
        other_patch=frozenset(map(sha, other)),
    )
    assert found.stale is expected
    assert found.reasons["stale"]


def test_git_says_which_head_landed() -> None:
    """A push after the merge moves the branch on: the merge's second parent does not move."""
    made = request(head_sha=sha("later"), commits=(part("head"), part("later")), reviews=(review("bob"),))
    merge = commit("landed", "mia", parents=("base", "head"))
    assert assess(made, landings=[merge]).stale is False
    assert assess(made).stale is None


OWNED = "* @everybody\n/apps/ @acme/web\n/infra/ @dora infra@example.com\n/free/\n"


@pytest.mark.parametrize(
    ("paths", "approvers", "groups", "missing"),
    [
        (("infra/dns.yaml",), ("bob",), {}, [("@dora", True)]),
        (("infra/dns.yaml",), ("Dora",), {}, []),
        (("free/x",), ("bob",), {}, []),
        (("apps/a",), ("bob",), {}, [("@acme/web", False)]),  # is bob in the team?
        (("apps/a",), (), {}, [("@acme/web", False)]),  # is ann, who opened it?
        (("apps/a",), ("bob",), {"@acme/web": ("bob",)}, []),
        (("apps/a",), ("bob",), {"@Acme/Web": ("cem",)}, [("@acme/web", True)]),
        (("apps/a",), ("bob",), {"@acme/web": ("ann",)}, []),  # ann opened it, and is an owner
        (
            ("apps/a", "infra/x", "y"),
            ("bob",),
            {"@acme/web": ("bob",)},
            [("@everybody", True), ("@dora", True)],
        ),
    ],
)
def test_missing_owners(
    paths: tuple[str, ...],
    approvers: tuple[str, ...],
    groups: dict[str, tuple[str, ...]],
    missing: list[tuple[str, bool]],
) -> None:
    found = assess(
        request(reviews=tuple(review(one) for one in approvers)),
        requirements=required_owners(OWNED, "github", paths),
        groups=groups,
    )
    assert [(one.requirement.owners[0], one.certain) for one in found.missing_owners or ()] == missing


def test_owners_known_by_address_and_several_approvals() -> None:
    mail = review("ina", user=ForgeUser(login="ina", email="Infra@Example.com"))
    rules = required_owners(OWNED, "github", ["infra/x"])
    assert assess(request(reviews=(mail,)), requirements=rules).missing_owners == ()
    two = required_owners("[Docs][2]\n* @bob @cem @dora\n", "gitlab", ["x"])
    for count in range(4):
        reviews = tuple(review(one) for one in ("bob", "cem", "dora")[:count])
        found = assess(request(reviews=reviews), requirements=two).missing_owners
        assert bool(found) is (count < 2)
    optional = required_owners("^[Docs]\n* @bob\n", "gitlab", ["x"])
    assert assess(request(), requirements=optional).missing_owners == ()


def test_a_stale_or_dismissed_owner_is_no_owner() -> None:
    rules = required_owners(OWNED, "github", ["infra/x"])
    assert assess(request(reviews=(review("dora", state="dismissed"),)), requirements=rules).missing_owners


def test_every_state_of_review_is_handled() -> None:
    for state, official, hours in product(ReviewState, (True, False, None), (None, 5, 11)):
        found = assess(request(reviews=(review("bob", state=state.value, official=official, hours=hours),)))
        # hours 5 are before the merge, 11 after it; without a time nobody knows.
        stands = state is ReviewState.APPROVED and official is not False and hours != 11
        expected = (None if hours is None else True) if stands else False
        assert found.approved is expected, (state, official, hours)
        assert len(found.reasons) == 3


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("S\n\nCo-authored-by: Bob B. <Bob@Example.com>", ("bob@example.com",)),
        (
            "S\n\nco-authored-by: a <a@b.c>\nCO-AUTHORED-BY: d <d@e.f>\nCo-authored-by: again <a@b.c>",
            ("a@b.c", "d@e.f"),
        ),
        ("Co-authored-by: no address", ()),
        ("> Co-authored-by: quoted <a@b.c>", ()),
    ],
)
def test_co_author_trailers(message: str, expected: tuple[str, ...]) -> None:
    assert co_authors(message) == expected
