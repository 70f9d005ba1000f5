"""Questions about fields: moves, deletions, re-creations, merges, forged dates; by hand, and against a slow replay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store.made_history import REPO, Edit, MadeCommit, MadeRun, Manifest, make_history
from store.seeded_trail import insert

from auditor.errors import QueryError
from auditor.manifests.fields import leaves
from auditor.store.database import Database, open_database
from auditor.store.saved import normal_pointer, run_saved, saved_query

NOW = datetime(2026, 12, 1, tzinfo=UTC)
IMAGE = "spec.containers[name=web].image"


def at(month: int, day: int, year: int = 2026) -> datetime:
    return datetime(year, month, day, 12, tzinfo=UTC)


def web(image: str, replicas: int, **labels: str) -> Manifest:
    found: dict[str, Any] = {"spec": {"replicas": replicas, "containers": [{"name": "web", "image": image}]}}
    return found | ({"metadata": {"labels": labels}} if labels else {})


BINDING: Manifest = {
    "roleRef": {"kind": "ClusterRole", "name": "cluster-admin"},
    "subjects": [
        {"kind": "User", "name": "eve"},
        {"kind": "ServiceAccount", "name": "ci", "namespace": "ops"},
    ],
}
ONE, TWO, THREE = web("web:1", 1), web("web:2", 1), web("web:2", 3)
MERGED = web("web:2", 3, owner="nobody")
NEXT, BACK = web("web:3", 3, owner="nobody"), MERGED
AGAIN, OTHER = web("web:2", 5), web("web:9", 9)

HISTORY = (
    MadeCommit(sha="c0", author="Ada", at=at(5, 1), edits=[Edit(path="a.yaml", old=None, new=ONE)]),
    MadeCommit(
        sha="s1", author="Ben", at=at(5, 8), parents=["c0"], landed_in="m1",
        edits=[Edit(path="a.yaml", old=ONE, new=TWO)],
    ),
    MadeCommit(
        sha="s2", author="Cid", at=at(5, 9), parents=["s1"], landed_in="m1",
        edits=[Edit(path="a.yaml", old=TWO, new=THREE)],
    ),
    # A merge inside the branch shows Ben's change again, later.
    MadeCommit(
        sha="s3", author="Dan", at=at(5, 10), parents=["c0", "s2"], landed_in="m1",
        edits=[Edit(path="a.yaml", old=ONE, new=TWO)],
    ),
    # What nobody on the branch wrote came in with the merge itself.
    MadeCommit(
        sha="m1", author="Ada", at=at(5, 11), parents=["c0", "s3"], request="#7", subject="Merge pull request #7",
        edits=[Edit(path="a.yaml", old=ONE, new=MERGED)],
    ),
    MadeCommit(
        sha="c2", author="Ada", at=at(6, 1), parents=["m1"],
        edits=[Edit(path="b/web.yaml", old_path="a.yaml", old=MERGED, new=MERGED)],
    ),
    MadeCommit(
        sha="c3", author="renovate", actor="bot", at=at(6, 5), parents=["c2"], request="#8",
        edits=[Edit(path="b/web.yaml", old=MERGED, new=NEXT)],
    ),
    MadeCommit(
        sha="c4", author="Ben", at=at(6, 6), parents=["c3"], subject="hotfix: back to 2",
        edits=[Edit(path="b/web.yaml", old=NEXT, new=BACK)],
    ),
    MadeCommit(
        sha="c5", author="Cid", at=at(7, 1), parents=["c4"], edits=[Edit(path="b/web.yaml", old=BACK, new=None)]
    ),
    MadeCommit(
        sha="c6", author="Cid", at=at(7, 10), parents=["c5"], edits=[Edit(path="c.yaml", old=None, new=AGAIN)]
    ),
    # The same identity in a second file.
    MadeCommit(
        sha="c7", author="Dan", at=at(8, 1), parents=["c6"], edits=[Edit(path="d.yaml", old=None, new=OTHER)]
    ),
    # Backdated: it landed after c7 all the same.
    MadeCommit(
        sha="c8", author="Eve", at=at(1, 1, 2015), parents=["c7"],
        edits=[Edit(kind="ClusterRoleBinding", name="all", namespace="", environment="default", path="e.yaml",
                    old=None, new=BINDING)],
    ),
    # Dated far ahead: a run had seen it on September 1.
    MadeCommit(
        sha="c9", author="Eve", at=at(1, 1, 2099), parents=["c8"],
        edits=[Edit(path="d.yaml", old=OTHER, new=web("web:9", 2))],
    ),
    MadeCommit(
        sha="ca", author="Ada", at=at(10, 1), parents=["c9"],
        edits=[Edit(path="d.yaml", old=web("web:9", 2), new=web("web:9", 4))],
    ),
    MadeCommit(sha="t1", author="Cid", at=at(10, 2), parents=["ca"], landed_in="m2"),
    MadeCommit(sha="m2", author="Cid", at=at(10, 3), parents=["ca", "t1"], request="#9"),
)  # fmt: skip
RUNS = (MadeRun(tip="c9", finished_at=at(9, 1)), MadeRun(tip="ca", finished_at=at(10, 5)))

WEB = {"kind": "Deployment", "name": "web"}

# query, parameters, columns, rows
ANSWERS: list[tuple[str, dict[str, str], str, list[tuple[Any, ...]]]] = [
    (
        "who-changed",
        WEB | {"pointer": IMAGE},
        "change old_value new_value author_name sha landed_sha landed_by pull_request",
        [
            ("added", None, '"web:1"', "Ada", "c0", "c0", "Ada", ""),
            ("modified", '"web:1"', '"web:2"', "Ben", "s1", "m1", "Ada", "#7"),
            ("modified", '"web:2"', '"web:3"', "renovate", "c3", "c3", "renovate", "#8"),
            ("modified", '"web:3"', '"web:2"', "Ben", "c4", "c4", "Ben", ""),
            ("deleted", '"web:2"', None, "Cid", "c5", "c5", "Cid", ""),
            ("added", None, '"web:2"', "Cid", "c6", "c6", "Cid", ""),
            ("added", None, '"web:9"', "Dan", "c7", "c7", "Dan", ""),
        ],
    ),
    # Without a field: a row a modified field, whole resources that came, went or moved in one.
    (
        "who-changed",
        WEB | {"until": "2026-07-02"},
        "change pointer author_name sha landed_sha",
        [
            ("added", "", "Ada", "c0", "c0"),
            ("modified", "metadata.labels.owner", "Ada", "m1", "m1"),
            ("modified", IMAGE, "Ben", "s1", "m1"),
            ("modified", "spec.replicas", "Cid", "s2", "m1"),
            ("moved", "", "Ada", "c2", "c2"),
            ("modified", IMAGE, "renovate", "c3", "c3"),
            ("modified", IMAGE, "Ben", "c4", "c4"),
            ("deleted", "", "Cid", "c5", "c5"),
        ],
    ),
    ("who-changed", {"pointer": "/spec/containers[name=web]", "since": "2026-06-06", "until": "2026-06-07"},
     "pointer sha", [(IMAGE, "c4")]),
    ("who-changed", WEB | {"pointer": "spec.replicas", "since": "2026-05-02", "until": "2026-07-01"},
     "sha pull_request confirmed approvers", [("s2", "#7", "confirmed", "cid dan")]),
    ("who-changed", {"pointer": "spec.replica"}, "sha", []),
    (
        "who-set-now",
        WEB,
        "path pointer value author_name landed_sha",
        [
            ("c.yaml", IMAGE, '"web:2"', "Cid", "c6"),
            ("c.yaml", "spec.containers[name=web].name", '"web"', "Cid", "c6"),
            ("c.yaml", "spec.replicas", "5", "Cid", "c6"),
            ("d.yaml", IMAGE, '"web:9"', "Dan", "c7"),
            ("d.yaml", "spec.containers[name=web].name", '"web"', "Dan", "c7"),
            ("d.yaml", "spec.replicas", "4", "Ada", "ca"),
        ],
    ),
    (
        "field-history",
        WEB | {"pointer": "/spec/containers[name=web]/image"},
        "value since until author_name pull_request ended_sha",
        [
            ('"web:1"', at(5, 1), at(5, 11), "Ada", "", "m1"),
            ('"web:2"', at(5, 11), at(6, 5), "Ben", "#7", "c3"),
            ('"web:3"', at(6, 5), at(6, 6), "renovate", "#8", "c4"),
            ('"web:2"', at(6, 6), at(7, 1), "Ben", "", "c5"),
            ('"web:2"', at(7, 10), None, "Cid", "", None),
            ('"web:9"', at(8, 1), None, "Dan", "", None),
        ],
    ),
    (
        "value-first-seen",
        {"value": "web:2"},
        "since until pointer author_name sha landed_sha path",
        [
            (at(5, 11), at(6, 5), IMAGE, "Ben", "s1", "m1", "a.yaml"),
            (at(6, 6), at(7, 1), IMAGE, "Ben", "c4", "c4", "b/web.yaml"),
            (at(7, 10), None, IMAGE, "Cid", "c6", "c6", "c.yaml"),
        ],
    ),
    ("value-first-seen", {"value": "web:2", "pointer": "replicas"}, "sha", []),
    ("as-of", {"at": "2026-05-11T11:59:59Z", "pointer": "spec.replicas"}, "path value sha", [("a.yaml", "1", "c0")]),
    ("as-of", {"at": "2026-05-11T12:00:00Z", "pointer": "spec.replicas"}, "path value sha", [("a.yaml", "3", "m1")]),
    ("as-of", {"at": "2026-06-02", "pointer": "metadata"}, "path pointer value sha",
     [("b/web.yaml", "metadata.labels.owner", '"nobody"', "m1")]),
    ("as-of", {"at": "2026-07-05"}, "path", []),
    # Made again: nothing of its earlier life is left.
    ("as-of", {"at": "2026-07-20"}, "path pointer value",
     [("c.yaml", IMAGE, '"web:2"'), ("c.yaml", "spec.containers[name=web].name", '"web"'), ("c.yaml", "spec.replicas", "5")]),
    # The binding is dated 2015, and came after c7.
    ("resources-as-of", {"at": "2016-01-01"}, "path", []),
    ("resources-as-of", {"at": "2026-07-31"}, "path sha", [("c.yaml", "c6")]),
    ("resources-as-of", {"at": "2026-08-01T12:00:00Z"}, "kind path sha",
     [("ClusterRoleBinding", "e.yaml", "c8"), ("Deployment", "c.yaml", "c6"), ("Deployment", "d.yaml", "c7")]),
    # c9 is dated 2099, and a run had seen it on September 1.
    ("as-of", {"at": "2026-09-01", "pointer": "spec.replicas"}, "path value", [("c.yaml", "5"), ("d.yaml", "9")]),
    ("as-of", {"at": "2026-09-02", "pointer": "spec.replicas"}, "path value", [("c.yaml", "5"), ("d.yaml", "2")]),
    ("as-of", {"at": "2026-10-06", "pointer": "spec.replicas"}, "path value", [("c.yaml", "5"), ("d.yaml", "4")]),
    ("images-as-of", {}, "image places since set_by", [("web:2", 1, at(7, 10), "Cid"), ("web:9", 1, at(8, 1), "Dan")]),
    ("images-as-of", {"at": "2026-06-05T13:00:00Z"}, "image", [("web:3",)]),
    (
        "access-as-of",
        {},
        "binding name role subject_kind subject subject_namespace set_by",
        [
            ("ClusterRoleBinding", "all", "ClusterRole cluster-admin", "ServiceAccount", "ci", "ops", "Eve"),
            ("ClusterRoleBinding", "all", "ClusterRole cluster-admin", "User", "eve", "", "Eve"),
        ],
    ),
    ("access-as-of", {"at": "2026-07-31"}, "name", []),
    ("rolled-back-fields", {}, "pointer value tried days changed_by changed_back_by",
     [(IMAGE, '"web:2"', '"web:3"', 1.0, "renovate", "Ben")]),
    ("rolled-back-fields", {"days": "0.5"}, "pointer", []),
    ("deleted-resources", {}, "kind name author_name sha", [("Deployment", "web", "Cid", "c5")]),
    ("privileged-changes", {}, "change kind name author_name sha", [("added", "ClusterRoleBinding", "all", "Eve", "c8")]),
    ("bot-fields", {}, "author_name kind field times", [("renovate", "Deployment", "spec.containers[].image", 1)]),
    ("emergency-changes", {"until": "2026-06-30"}, "sha why", [
        ("c0", "to production without a request"),
        ("c2", "to production without a request"),
        ("c4", "the message says so"),
    ]),
    ("emergency-changes", {"environment": "other"}, "sha", [("c4",)]),
    ("self-merged", {}, "sha merged_by commits own_commits", [("m2", "Cid", 1, 1)]),
    ("self-merged", {"until": "2026-09-01"}, "sha", []),
    ("approvals", {"since": "2026-05-02", "until": "2026-06-06"}, "sha number confirmed claimed author approvers merged_by side_commits",
     [
         ("m1", 7, "confirmed", "#7", "ben", "cid dan", "ada", 3),
         ("c2", None, "not confirmed by a forge", "", "Ada", None, None, 0),
         ("c3", None, "contradicted", "#8", "renovate", None, None, 0),
     ]),
    ("change-findings", {}, "sha rule_id author", [("c4", "AUD-X", "Ben"), ("c8", "AUD-Y", "Eve")]),
    ("change-findings", {"rule": "AUD-Y"}, "sha", [("c8",)]),
    ("rewritten-history", {}, "ref move old_sha new_sha lost_commits_of_repository",
     [("refs/heads/main", "rewritten", "x1", "c0", 1), ("refs/tags/v1", "moved", "c0", "c2", 1)]),
    ("population-exclusions", {"since": "2026-05-11", "until": "2026-07-01"}, "reason commits",
     [
         ("in the population", 4),  # m1, c2, c3, c4
         ("excluded: landed before or after the period", 8),
         ("excluded: no ref reaches it any more (rewritten history)", 1),
         ("excluded: of a side branch, counted with the commit that brought it in", 4),
     ]),
    ("compared-clusters", {}, "cluster compared unknown differences unauthorised",
     [("prod-1", 7, 1, 0, 0), ("prod-1", 8, 0, 2, 1)]),
    ("who-merges-whom", {"since": "2026-05-02", "until": "2026-05-12"}, "author landed_by commits same_address",
     [("ben@example.com", "ada@example.com", 1, False), ("cid@example.com", "ada@example.com", 1, False)]),
]  # fmt: skip


@pytest.fixture(scope="module")
def trail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fields") / "audit.duckdb"
    with open_database(path, create=True) as database:
        run = database.connection
        make_history(run, HISTORY, RUNS)
        lost = {"repo": REPO, "sha": "x1", "committed_at": at(4, 1), "authored_at": at(4, 1)}
        insert(run, "commit_record", [lost])
        insert(run, "commit_loss", [{"repo": REPO, "sha": "x1", "lost": True, "seen_at": at(9, 1)}])
        moves = (("heads/main", "", "x1", "created"), ("heads/main", "x1", "c0", "rewritten"),
                 ("tags/v1", "c0", "c2", "moved"), ("heads/main", "c0", "ca", "advanced"))  # fmt: skip
        insert(
            run,
            "ref_observation",
            [
                {"repo": REPO, "ref": f"refs/{ref}", "old_sha": old, "new_sha": new, "move": move}
                | {"seen_at": at(9, 1), "seq": seq}
                for seq, (ref, old, new, move) in enumerate(moves)
            ],
        )
        insert(
            run,
            "finding",
            [
                {
                    "id": rule,
                    "repo": REPO,
                    "rule_id": rule,
                    "source": source,
                    "opened_sha": sha,
                    "opened_by": who,
                }
                | {"opened_at": when, "detected_at": at(9, 1), "severity": "low"}
                for rule, source, sha, who, when in (
                    ("AUD-Y", "change", "c8", "Eve", at(8, 2)),
                    ("AUD-X", "change", "c4", "Ben", at(6, 6)),
                    ("AUD-Z", "manifest", "c4", "Ben", at(6, 6)),
                )
            ],
        )
        request = {"repo": REPO, "forge": "gitea", "number": 7}
        told = {
            "author": "ben",
            "state": "merged",
            "merged_by": "ada",
            "created_at": at(5, 8),
            "updated_at": at(5, 11),
        }
        insert(run, "pull_request", [request | told | {"merged_at": at(5, 11), "fetched_at": at(9, 1)}])
        reviews = (("dan", "approved", 1), ("cid", "approved", 2), ("eve", "approved", 3), ("eve", "dismissed", 4),
                   ("bot", "commented", 5))  # fmt: skip
        insert(
            run,
            "review",
            [
                request
                | {"id": str(seq), "reviewer": who, "state": state, "seq": seq, "fetched_at": at(9, 1)}
                | {"submitted_at": at(5, 10) + timedelta(minutes=seq)}
                for who, state, seq in reviews
            ],
        )
        insert(
            run,
            "change_unit",
            [
                request | {"sha": "m1", "confirmed": "confirmed", "decided_at": at(9, 1)},
                request | {"number": None, "sha": "c3", "confirmed": "contradicted", "decided_at": at(9, 1)},
            ],
        )
        cluster = {"repo": REPO, "cluster": "prod-1", "environment": "production"}
        insert(
            run,
            "cross_check",
            [
                cluster | {"compared": 7, "unknown": 1, "seen_at": at(9, 1)},
                cluster | {"compared": 8, "seen_at": at(9, 9)},
            ],
        )
        insert(
            run,
            "drift",
            [cluster | {"verdict": verdict, "seen_at": at(9, 9)} for verdict in ("unauthorised", "stale")],
        )
    return path


@pytest.mark.parametrize(("name", "parameters", "columns", "expected"), ANSWERS)
def test_answers(
    trail: Path, name: str, parameters: dict[str, str], columns: str, expected: list[tuple[Any, ...]]
) -> None:
    result = run_saved(trail, name, parameters=parameters, now=NOW)
    assert [tuple(row[column] for column in columns.split()) for row in result.table.to_pylist()] == expected


def test_a_question_about_everything_is_refused(trail: Path) -> None:
    with pytest.raises(QueryError, match="name a resource, a pointer or a period"):
        run_saved(trail, "who-changed")


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("/spec/template/spec/containers[name=web]/image", "spec.template.spec.containers[name=web].image"),
        ("/metadata/annotations/example.org~1owner", 'metadata.annotations["example.org/owner"]'),
        ("/metadata/labels/app.kubernetes.io~1name", 'metadata.labels["app.kubernetes.io/name"]'),
        ("/images[name=ghcr.io/shop/web]/newTag", "images[name=ghcr.io/shop/web].newTag"),
        ("/rules/0/verbs", "rules[0].verbs"),
        ("/data/a~0b", 'data["a~b"]'),
        ("/data/8080", "data[8080]"),
        ("spec.replicas", "spec.replicas"),
        ("", ""),
    ],
)
def test_json_pointers_are_understood(given: str, meant: str) -> None:
    assert normal_pointer(given) == meant


# A slow replay: every file's fields after every landing, with the landing that set each.

Fields = dict[str, tuple[str, str]]
PATHS = ("a.yaml", "b.yaml", "c.yaml")
manifests = st.builds(
    lambda x, y, z: {"x": x} | ({"y": y} if y else {}) | ({"z": {"q": z}} if z else {}),
    st.integers(0, 2), st.integers(0, 2), st.integers(0, 2),
)  # fmt: skip
moves = st.lists(
    st.tuples(st.sampled_from(("add", "edit", "delete", "move", "swap")), st.sampled_from(PATHS),
              st.sampled_from(PATHS), manifests),
    min_size=1, max_size=10,
)  # fmt: skip


def edits(state: dict[str, Manifest], what: str, one: str, other: str, new: Manifest) -> list[Edit]:
    """The edits of one commit, which `state` (the files) then holds; none where there is nothing to do it with."""
    if what == "add" and one not in state:
        state[one] = new
        return [Edit(path=one, old=None, new=new)]
    if what == "edit" and one in state and state[one] != new:
        old, state[one] = state[one], new
        return [Edit(path=one, old=old, new=new)]
    if what == "delete" and one in state:
        return [Edit(path=one, old=state.pop(one), new=None)]
    if what == "move" and one in state and other not in state:
        old, state[other] = state.pop(one), new
        return [Edit(path=other, old_path=one, old=old, new=new)]
    if what == "swap" and one in state and other in state and one != other:
        state[one], state[other] = state[other], state[one]
        return [
            Edit(path=one, old_path=other, old=state[one], new=state[one]),
            Edit(path=other, old_path=one, old=state[other], new=state[other]),
        ]
    return []


def replayed(before: dict[str, Fields], sha: str, done: list[Edit]) -> dict[str, Fields]:
    after = {
        path: fields for path, fields in before.items() if path not in {e.old_path or e.path for e in done}
    }
    for edit in done:
        if edit.new is not None:
            was = {} if edit.old is None else before[edit.old_path or edit.path]
            after[edit.path] = {
                pointer: was[pointer] if pointer in was and was[pointer][0] == value else (value, sha)
                for pointer, value in leaves(edit.new).items()
            }
    return after


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with open_database(tmp_path_factory.mktemp("replay") / "a.duckdb", create=True) as database:
        yield database


@settings(max_examples=20, deadline=None)
@given(moves)
def test_states_and_authors_equal_a_slow_replay(
    scratch: Database, steps: list[tuple[str, str, str, Manifest]]
) -> None:
    state: dict[str, Manifest] = {}
    commits: list[MadeCommit] = []
    states: list[dict[str, Fields]] = []
    for what, one, other, new in steps:
        sha = f"c{len(commits)}"
        done = edits(state, what, one, other, new)
        when = at(1, 1) + timedelta(days=len(commits))
        commits.append(MadeCommit(sha=sha, author="Ada", at=when, edits=done))
        states.append(replayed(states[-1] if states else {}, sha, done))
    for table in ("generation", "commit_record", "landing", "resource_change", "field_diff"):
        scratch.connection.execute(f"DELETE FROM trail.{table}")
    make_history(scratch.connection, commits)
    for commit, expected in tuple(zip(commits, states, strict=True))[-5:]:
        rows = ask(scratch, "as-of", at=commit.at.isoformat())
        assert found(rows, "sha") == expected
        rows = ask(scratch, "resources-as-of", at=commit.at.isoformat())
        assert sorted(row["path"] for row in rows) == sorted(expected)
    assert found(ask(scratch, "who-set-now", kind="Deployment", name="web"), "landed_sha") == states[-1]
    today = [
        row
        for pointer in ("x", "y", "z")
        for row in ask(scratch, "field-history", kind="Deployment", name="web", pointer=pointer)
        if row["until"] is None
    ]
    assert sorted((row["pointer"], row["value"], row["landed_sha"]) for row in today) == sorted(
        (pointer, *value) for fields in states[-1].values() for pointer, value in fields.items()
    )


def ask(database: Database, query_name: str, /, **parameters: str) -> list[dict[str, Any]]:
    query = saved_query(query_name)
    cursor = database.cursor().execute(query.sql, query.bind(parameters))
    columns = [column[0] for column in cursor.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def found(rows: list[dict[str, Any]], sha: str) -> dict[str, Fields]:
    result: dict[str, Fields] = {}
    for row in rows:
        result.setdefault(row["path"], {})[row["pointer"]] = (row["value"], row[sha])
    return result
