"""What the views tell of single fields, over histories told in a few commits. Every case is read twice: by the
product, and by the independent reading of `tests/independent`."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from histories.audits import Audit
from histories.builder import BEA, Content, History, link
from histories.manifests import kustomization, text
from independent.compare import compare
from independent.history import Repository

Row = tuple[str, str, str | None, str | None]
"""Name, pointer, old and new JSON text."""


def deployment(name: str = "web", **spec: Any) -> dict[str, Any]:
    """A Deployment with one container, and what else `spec` of its pod says."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"template": {"spec": {"containers": [{"name": "app", "image": "app:1"}], **spec}}},
    }


def with_image(image: str, name: str = "web") -> dict[str, Any]:
    return deployment(name, containers=[{"name": "app", "image": image}])


def settings(data: Any, name: str = "settings", **metadata: Any) -> dict[str, Any]:
    """A ConfigMap."""
    about = {"name": name, "namespace": "shop", **metadata}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": about, "data": data}


def secret(value: str, field: str = "stringData", **more: Any) -> dict[str, Any]:
    """A Secret with one value."""
    about = {"name": "door", "namespace": "shop"}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": about, field: {"code": value}, **more}


def scanned(story: History, audit: Audit) -> None:
    """Scans, and holds the record against the independent reading."""
    assert audit.scan().incomplete == ()
    agreed(story, audit)


def agreed(story: History, audit: Audit) -> None:
    repository = Repository(story.path)
    try:
        report = compare(repository, audit.database)
    finally:
        repository.close()
    assert report.differences == []
    assert report.digests.disagreements() == []


def fields(audit: Audit, sha: str) -> list[Row]:
    return audit.rows(  # type: ignore[return-value]
        "SELECT name, pointer, old_value, new_value FROM field_changes WHERE sha = ? ORDER BY ALL", sha
    )


def resources(audit: Audit, sha: str) -> list[tuple[str, str]]:
    """(change name, place), the place as `path` or `old_path > path`."""
    return audit.rows(  # type: ignore[return-value]
        """SELECT change || ' ' || name, CASE old_path WHEN '' THEN path ELSE old_path || ' > ' || path END
           FROM resource_changes WHERE sha = ? ORDER BY ALL""",
        sha,
    )


CONTAINER = "spec.template.spec.containers[name=app]"
WEB, TILL = deployment(), deployment("till")
TWO = [{"name": "app", "image": "app:1"}, {"name": "log", "image": "log:1"}]

LONG = {"characters": 8193, "sha256": hashlib.sha256(f'"{"y" * 8191}"'.encode()).hexdigest()}

ONE_RESOURCE: dict[str, tuple[Any, Any, list[tuple[str, str | None, str | None]]]] = {
    "an image is raised": (
        with_image("app:1"),
        with_image("app:2"),
        [(f"{CONTAINER}.image", '"app:1"', '"app:2"')],
    ),
    "a variable is added": (
        deployment(containers=[{"name": "app", "env": [{"name": "A", "value": "1"}]}]),
        deployment(
            containers=[{"name": "app", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}]
        ),
        [
            (f"{CONTAINER}.env[name=B].name", None, '"B"'),
            (f"{CONTAINER}.env[name=B].value", None, '"2"'),
        ],
    ),
    "containers in another order": (deployment(containers=TWO), deployment(containers=TWO[::-1]), []),
    "a container is renamed": (
        with_image("app:1"),
        deployment(containers=[{"name": "site", "image": "app:1"}]),
        [
            (f"{CONTAINER}.image", '"app:1"', None),
            (f"{CONTAINER}.name", '"app"', None),
            ("spec.template.spec.containers[name=site].image", None, '"app:1"'),
            ("spec.template.spec.containers[name=site].name", None, '"site"'),
        ],
    ),
    "two containers get one name": (
        deployment(containers=TWO),
        deployment(containers=[TWO[0], {"name": "app", "image": "log:1"}]),
        [
            (f"{CONTAINER}.image", '"app:1"', None),
            (f"{CONTAINER}.name", '"app"', None),
            ("spec.template.spec.containers[0].image", None, '"app:1"'),
            ("spec.template.spec.containers[0].name", None, '"app"'),
            ("spec.template.spec.containers[1].image", None, '"log:1"'),
            ("spec.template.spec.containers[1].name", None, '"app"'),
            ("spec.template.spec.containers[name=log].image", '"log:1"', None),
            ("spec.template.spec.containers[name=log].name", '"log"', None),
        ],
    ),
    "a label with dots and a slash": (
        settings({}, labels={"app.example.org/tier": "a"}),
        settings({}, labels={"app.example.org/tier": "b"}),
        [('metadata.labels["app.example.org/tier"]', '"a"', '"b"')],
    ),
    "a key with a quotation mark and a line's end": (
        settings({'a"b\n': "1", "ü": "1", "": "1"}),
        settings({'a"b\n': "2", "ü": "2", "": "2"}),
        [('data[""]', '"1"', '"2"'), (r'data["a\"b\n"]', '"1"', '"2"'), ('data["ü"]', '"1"', '"2"')],
    ),
    "names that look like something else": (
        deployment(containers=[{"name": "1", "image": "a"}, {"name": "a b", "image": "a"}]),
        deployment(containers=[{"name": "1", "image": "b"}, {"name": "a b", "image": "b"}]),
        [
            ('spec.template.spec.containers[name="1"].image', '"a"', '"b"'),
            ('spec.template.spec.containers[name="a b"].image', '"a"', '"b"'),
        ],
    ),
    "a list of words is one value": (
        deployment(containers=[{"name": "app", "args": ["--a", "--b"]}]),
        deployment(containers=[{"name": "app", "args": ["--a", "--c", "--b"]}]),
        [(f"{CONTAINER}.args", '["--a","--b"]', '["--a","--c","--b"]')],
    ),
    "an entry without a name puts a list to indexes": (
        deployment(volumes=[{"name": "a", "emptyDir": {}}]),
        deployment(volumes=[{"name": "a", "emptyDir": {}}, {"emptyDir": {}}]),
        [
            ("spec.template.spec.volumes[0].emptyDir", None, "{}"),
            ("spec.template.spec.volumes[0].name", None, '"a"'),
            ("spec.template.spec.volumes[1].emptyDir", None, "{}"),
            ("spec.template.spec.volumes[name=a].emptyDir", "{}", None),
            ("spec.template.spec.volumes[name=a].name", '"a"', None),
        ],
    ),
    "lists in lists": (
        settings({"a": [["x"], ["y", {"k": 1}]]}),
        settings({"a": [["x", "z"], ["y", {"k": 2}]]}),
        [("data.a[0]", '["x"]', '["x","z"]'), ("data.a[1][1].k", "1", "2")],
    ),
    "text becomes a number": (settings({"a": "1"}), settings({"a": 1}), [("data.a", '"1"', "1")]),
    "a number becomes true": (settings({"a": 1}), settings({"a": True}), [("data.a", "1", "true")]),
    "null is not absence": (settings({"a": None}), settings({"b": "1"}), [("data.a", "null", None), ("data.b", None, '"1"')]),
    "null gets a value": (settings({"a": None}), settings({"a": ""}), [("data.a", "null", '""')]),
    "an empty mapping is filled": (
        settings({}),
        settings({"a": "1"}),
        [("data", "{}", None), ("data.a", None, '"1"')],
    ),
    "an empty mapping becomes an empty list": (settings({}), settings([]), [("data", "{}", "[]")]),
    "another version of the API": (
        {**WEB, "apiVersion": "apps/v1beta1"},
        WEB,
        [("apiVersion", '"apps/v1beta1"', '"apps/v1"')],
    ),
    "the largest numbers": (
        settings({"a": 2**63, "b": 0.5, "c": 10**15}),
        settings({"a": 2**63 + 1, "b": 0.25, "c": 1e15}),
        [("data.a", str(2**63), str(2**63 + 1)), ("data.b", "0.5", "0.25")],
    ),
    "8,192 characters are kept, 8,193 are not": (
        settings({"a": "x" * 8190, "b": "x" * 8190}),
        settings({"a": "y" * 8190, "b": "y" * 8191}),
        [
            ("data.a", f'"{"x" * 8190}"', f'"{"y" * 8190}"'),
            (
                "data.b",
                f'"{"x" * 8190}"',
                json.dumps(LONG, separators=(",", ":")),
            ),
        ],
    ),
    "characters count, not bytes": (
        settings({"a": "1"}),
        settings({"a": "ü" * 8190}),
        [("data.a", '"1"', f'"{"ü" * 8190}"')],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "expected"), ONE_RESOURCE.values(), ids=ONE_RESOURCE)
def test_a_change_of_one_resource(
    story: History, audit: Audit, before: Any, after: Any, expected: list[tuple[str, str | None, str | None]]
) -> None:
    name = before["metadata"]["name"]
    story.commit("before", {"a.yaml": text(before)})
    sha = story.commit("after", {"a.yaml": text(after)})
    scanned(story, audit)
    assert resources(audit, sha) == [(f"modified {name}", "a.yaml")]
    assert sorted(fields(audit, sha), key=repr) == sorted(((name, *row) for row in expected), key=repr)


def all_of(value: dict[str, Any], *, added: bool) -> list[Row]:
    """Every leaf of a ConfigMap as `settings` makes it."""
    name = value["metadata"]["name"]
    leaves = {"apiVersion": "v1", "kind": "ConfigMap"}
    leaves |= {f"metadata.{key}": entry for key, entry in value["metadata"].items()}
    leaves |= {f"data.{key}": entry for key, entry in value["data"].items()}
    texts = {pointer: json.dumps(entry) for pointer, entry in leaves.items()}
    return sorted(
        (name, pointer, *((None, text) if added else (text, None))) for pointer, text in texts.items()
    )


A, B = settings({"x": "1"}, "a"), settings({"x": "1"}, "b")
A2, B2 = settings({"x": "2"}, "a"), settings({"x": "2"}, "b")
A_RAISED: list[Row] = [("a", "data.x", '"1"', '"2"')]
Files = dict[str, Content]

FILES: dict[str, tuple[Files, Files, list[tuple[str, str]], list[Row]]] = {
    "a file is added": ({}, {"b.yaml": text(A)}, [("added a", "b.yaml")], all_of(A, added=True)),
    "a file is deleted": ({"b.yaml": text(A)}, {"b.yaml": None}, [("deleted a", "b.yaml")], all_of(A, added=False)),
    "a file is moved": (
        {"b.yaml": text(A)},
        {"b.yaml": None, "c/d.yaml": text(A)},
        [("moved a", "b.yaml > c/d.yaml")],
        [],
    ),
    "a file is moved and changed": (
        {"b.yaml": text(A)},
        {"b.yaml": None, "c/d.yaml": text(A2)},
        [("modified a", "b.yaml > c/d.yaml")],
        A_RAISED,
    ),
    "a resource goes into another file": (
        {"b.yaml": text(A, B), "c.yaml": text(WEB)},
        {"b.yaml": text(B), "c.yaml": text(WEB, A)},
        [("moved a", "b.yaml > c.yaml")],
        [],
    ),
    "one file becomes two": (
        {"all.yaml": text(A, B)},
        {"all.yaml": None, "b.yaml": text(A2), "c.yaml": text(B)},
        [("modified a", "all.yaml > b.yaml"), ("moved b", "all.yaml > c.yaml")],
        A_RAISED,
    ),
    "two files become one": (
        {"b.yaml": text(A), "c.yaml": text(B)},
        {"b.yaml": text(B, A), "c.yaml": None},
        [("moved b", "c.yaml > b.yaml")],
        [],
    ),
    "a document is added in the middle": (
        {"b.yaml": text(WEB, TILL)},
        {"b.yaml": text(WEB, A, TILL)},
        [("added a", "b.yaml")],
        all_of(A, added=True),
    ),
    "documents change places": ({"b.yaml": text(A, B)}, {"b.yaml": text(B, A)}, [], []),
    "only remarks and order of keys": (
        {"b.yaml": text(A)},
        {"b.yaml": "# a remark\n" + json.dumps(dict(reversed(A.items())))},
        [],
        [],
    ),
    "a list is taken apart": (
        {"b.yaml": text(A, B)},
        {"b.yaml": text({"apiVersion": "v1", "kind": "List", "items": [A2, B]})},
        [("modified a", "b.yaml")],
        A_RAISED,
    ),
    "the same resource twice, one changes": (
        {"b.yaml": text(A), "c.yaml": text(A)},
        {"c.yaml": text(A2)},
        [("modified a", "c.yaml")],
        A_RAISED,
    ),
    "the same resource twice, one is deleted": (
        {"b.yaml": text(A), "c.yaml": text(A)},
        {"b.yaml": None},
        [("deleted a", "b.yaml")],
        all_of(A, added=False),
    ),
    "the same resource twice in one file, the second changes": (
        {"b.yaml": text(A, A)},
        {"b.yaml": text(A, A2)},
        [("modified a", "b.yaml")],
        A_RAISED,
    ),
    "a second copy in another file": (
        {"b.yaml": text(A)},
        {"c.yaml": text(A)},
        [("added a", "c.yaml")],
        all_of(A, added=True),
    ),
    "another name is another resource": (
        {"b.yaml": text(A)},
        {"b.yaml": text(B)},
        [("added b", "b.yaml"), ("deleted a", "b.yaml")],
        sorted(all_of(A, added=False) + all_of(B, added=True)),
    ),
    "into another environment": (
        {"clusters/dev/b.yaml": text(A)},
        {"clusters/dev/b.yaml": None, "clusters/prod/b.yaml": text(A)},
        [("added a", "clusters/prod/b.yaml"), ("deleted a", "clusters/dev/b.yaml")],
        sorted(all_of(A, added=False) + all_of(A, added=True), key=repr),
    ),
    "a file becomes a symlink": (
        {"b.yaml": text(A)},
        {"b.yaml": link("c.yaml")},
        [("deleted a", "b.yaml")],
        all_of(A, added=False),
    ),
    "a document breaks": (
        {"b.yaml": text(B) + "---\n" + text(A)},
        {"b.yaml": text(B) + "---\napiVersion: v1\nkind: {\n"},
        [],
        [],
    ),
    "a kustomization begins to list the file as a patch": (
        {"k/b.yaml": text(A), "k/kustomization.yaml": kustomization()},
        {"k/kustomization.yaml": kustomization(patches=("b.yaml",))},
        [("deleted a", "k/b.yaml"), ("modified k", "k/kustomization.yaml")],
        sorted([*all_of(A, added=False), ("k", "patches", "[]", None), ("k", "patches[0].path", None, '"b.yaml"')]),
    ),
    "a chart takes the file in": (
        {"c/templates/b.yaml": text(A)},
        {"c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n"},
        [("deleted a", "c/templates/b.yaml")],
        all_of(A, added=False),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "changed", "expected"), FILES.values(), ids=FILES)
def test_a_change_of_files(
    story: History,
    audit: Audit,
    before: Files,
    after: Files,
    changed: list[tuple[str, str]],
    expected: list[Row],
) -> None:
    story.commit("before", {"README.md": "x", **before})
    sha = story.commit("after", dict(after))
    scanned(story, audit)
    assert resources(audit, sha) == changed
    assert sorted(fields(audit, sha), key=repr) == sorted(expected, key=repr)


def test_the_root_adds_all_there_is(story: History, audit: Audit) -> None:
    sha = story.commit("root", {"b.yaml": text(A)})
    scanned(story, audit)
    assert fields(audit, sha) == all_of(A, added=True)


def test_a_file_that_git_calls_renamed_is_two_resources_where_the_names_differ(
    story: History, audit: Audit
) -> None:
    big = settings({f"k{number}": "v" * 40 for number in range(50)}, "a")
    other = {**big, "metadata": {**big["metadata"], "name": "b"}}
    story.commit("before", {"a.yaml": text(big)})
    sha = story.commit("after", {"a.yaml": None, "b.yaml": text(other)})
    scanned(story, audit)
    assert audit.rows("SELECT change FROM file_changes WHERE sha = ?", sha) == [("renamed",)]
    assert resources(audit, sha) == [("added b", "b.yaml"), ("deleted a", "a.yaml")]
    assert len(fields(audit, sha)) == 2 * 54


def told_of_image(audit: Audit) -> set[tuple[str, bool, str | None, str | None]]:
    return set(
        audit.rows(
            "SELECT sha, landed, old_value, new_value FROM field_changes WHERE pointer = ?",
            f"{CONTAINER}.image",
        )
    )


def test_a_merge_lands_what_its_side_branch_did_step_by_step(story: History, audit: Audit) -> None:
    root = story.commit("root", {"web.yaml": text(with_image("app:1"))})
    story.branch("side", root)
    two = story.commit("two", {"web.yaml": text(with_image("app:2"))}, branch="side", by=BEA)
    three = story.commit("three", {"web.yaml": text(with_image("app:3"))}, branch="side", by=BEA)
    story.commit("meanwhile", {"README.md": "x"})
    merge = story.merge("side")
    scanned(story, audit)
    assert told_of_image(audit) == {
        (root, True, None, '"app:1"'),
        (two, False, '"app:1"', '"app:2"'),
        (three, False, '"app:2"', '"app:3"'),
        (merge, True, '"app:1"', '"app:3"'),
    }
    assert resources(audit, merge) == [("modified web", "web.yaml")]


def test_what_a_merge_adds_by_itself_is_the_merge_s(story: History, audit: Audit) -> None:
    root = story.commit("root", {"web.yaml": text(with_image("app:1"))})
    story.branch("side", root)
    two = story.commit("two", {"web.yaml": text(with_image("app:2"))}, branch="side", by=BEA)
    merge = story.merge("side", files={"web.yaml": text(with_image("app:evil"))})
    scanned(story, audit)
    assert told_of_image(audit) == {
        (root, True, None, '"app:1"'),
        (two, False, '"app:1"', '"app:2"'),
        (merge, True, '"app:1"', '"app:evil"'),
    }


def test_a_side_commit_s_files_are_what_their_landing_makes_of_them(story: History, audit: Audit) -> None:
    """So that a side commit tells what it put into what landed, and nothing that never did."""
    story.commit("root", {"k/b.yaml": text(A), "k/c.yaml": text(B), "k/kustomization.yaml": kustomization()})
    story.commit("c is a patch", {"k/kustomization.yaml": kustomization(patches=("c.yaml",))})
    story.branch("side", story.tip("main"))
    side = story.commit("side", {"k/b.yaml": text(A2), "k/c.yaml": text(B2)}, branch="side")
    story.commit("b is a patch", {"k/kustomization.yaml": kustomization(patches=("b.yaml",))})
    merge = story.merge("side")
    scanned(story, audit)
    assert fields(audit, side) == fields(audit, merge) == [("b", "data.x", '"1"', '"2"')]


def test_a_merge_on_a_side_branch_tells_nothing_of_its_own(story: History, audit: Audit) -> None:
    """It passes on what other commits did; what it adds by itself is told where it lands."""
    root = story.commit("root", {"b.yaml": text(A), "c.yaml": text(B)})
    story.branch("side", root)
    story.commit("side", {"web.yaml": text(WEB)}, branch="side")
    line = story.commit("line", {"b.yaml": text(A2)})
    back = story.merge("main", branch="side", files={"c.yaml": text(B2)})
    merge = story.merge("side")
    scanned(story, audit)
    assert fields(audit, line) == A_RAISED
    assert fields(audit, back) == []
    assert [row for row in fields(audit, merge) if row[0] == "b"] == [("b", "data.x", '"1"', '"2"')]


def test_a_branch_that_was_never_merged_is_not_told(story: History, audit: Audit) -> None:
    root = story.commit("root", {"b.yaml": text(A)})
    story.branch("side", root)
    side = story.commit("side", {"b.yaml": text(A2)}, branch="side")
    scanned(story, audit)
    assert fields(audit, side) == []


def test_an_unrelated_history_comes_in_as_added(story: History, audit: Audit) -> None:
    story.commit("root", {"b.yaml": text(A)})
    other = story.commit("other root", {"c.yaml": text(B)}, branch="other", parents=())
    merge = story.merge("other")
    scanned(story, audit)
    assert fields(audit, other) == fields(audit, merge) == all_of(B, added=True)


PLAIN = "hunter2-of-the-door"


def test_a_secret_s_change_shows_in_digests_alone(story: History, audit: Audit) -> None:
    story.commit("one", {"s.yaml": text(secret(PLAIN))})
    two = story.commit("two", {"s.yaml": text(secret(PLAIN + "-new"))})
    three = story.commit("three", {"s.yaml": text(secret(PLAIN))})
    scanned(story, audit)
    [(_, pointer, old, new)] = fields(audit, two)
    assert pointer == "stringData.code"
    assert old != new
    assert str(old).startswith('"auditor-redacted:secret:')
    assert str(new).startswith('"auditor-redacted:secret:')
    assert fields(audit, three) == [("door", pointer, new, old)]
    everything = repr(
        [
            audit.rows(f"SELECT * FROM trail.{table}")
            for (table,) in audit.rows("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'trail'")
        ]
    )
    assert "auditor-redacted:secret:" in everything
    assert "hunter2" not in everything
    files = [file for file in audit.database.parent.glob("audit.duckdb*") if file.is_file()]
    assert files
    assert not [file for file in files if b"hunter2" in file.read_bytes()]


def test_the_same_secret_in_another_spelling_is_the_same(story: History, audit: Audit) -> None:
    story.commit("one", {"s.yaml": text(secret("aHVu\ndGVy\nMg==\n", "data"))})
    two = story.commit("two", {"s.yaml": text(secret("aHVudGVyMg==", "data"))})
    three = story.commit("three", {"s.yaml": text(secret("hunter2", "stringData"))})
    scanned(story, audit)
    assert fields(audit, two) == []
    assert resources(audit, two) == []
    (_, gone, old, _), (_, come, _, new) = fields(audit, three)
    assert (gone, come) == ("data.code", "stringData.code")
    assert old == new


def test_a_credential_in_a_variable_is_no_plain_text(story: History, audit: Audit) -> None:
    def with_token(value: str) -> str:
        return text(deployment(containers=[{"name": "app", "env": [{"name": "API_TOKEN", "value": value}]}]))

    story.commit("one", {"web.yaml": with_token("Tr0ub4dor3xKq9Zp")})
    two = story.commit("two", {"web.yaml": with_token("Tr0ub4dor4xKq9Zp")})
    scanned(story, audit)
    [(_, pointer, old, new)] = fields(audit, two)
    assert pointer == f"{CONTAINER}.env[name=API_TOKEN].value"
    assert old != new
    assert "Tr0ub4dor" not in f"{old} {new}"


def test_long_secrets_are_digests_and_not_hashes_of_themselves(story: History, audit: Audit) -> None:
    story.commit("one", {"s.yaml": text(secret("x" * 9000))})
    two = story.commit("two", {"s.yaml": text(secret("y" * 9000))})
    scanned(story, audit)
    [(_, _, old, new)] = fields(audit, two)
    assert "sha256" not in f"{old} {new}"


def test_a_version_that_comes_back_is_told_each_time(story: History, audit: Audit) -> None:
    shas = [story.commit(str(n), {"b.yaml": text((A, A2)[n % 2])}) for n in range(5)]
    scanned(story, audit)
    assert [fields(audit, sha) for sha in shas[1:]] == [A_RAISED, [("a", "data.x", '"2"', '"1"')]] * 2


def test_two_environments_change_alike(story: History, audit: Audit) -> None:
    paths = ("clusters/dev/b.yaml", "clusters/prod/b.yaml")
    story.commit("one", dict.fromkeys(paths, text(A)))
    two = story.commit("two", dict.fromkeys(paths, text(A2)))
    scanned(story, audit)
    assert fields(audit, two) == A_RAISED * 2
    assert audit.rows("SELECT environment, path FROM field_changes WHERE sha = ? ORDER BY ALL", two) == [
        ("dev", paths[0]),
        ("prod", paths[1]),
    ]


def test_the_newline_at_the_end_of_a_file_is_no_change(story: History, audit: Audit) -> None:
    """kubectl reads by lines and ends the last one too."""
    block = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  x: |\n    text"
    story.commit("without", {"b.yaml": block})
    sha = story.commit("with", {"b.yaml": block + "\n"})
    scanned(story, audit)
    assert resources(audit, sha) == []


@pytest.mark.parametrize("on_the_way", [False, True], ids=["at once", "with a scan on the way"])
def test_a_kustomization_that_had_another_name(story: History, audit: Audit, on_the_way: bool) -> None:
    """Without apiVersion and kind only its name makes a kustomization of it: here by being renamed."""
    short = "patches: [{path: b.yaml}]\n"
    one = story.commit("one", {"k/off.yaml": short, "k/b.yaml": text(A)})
    if on_the_way:
        audit.scan()
    two = story.commit("two", moves={"k/off.yaml": "k/kustomization.yaml"})
    scanned(story, audit)
    assert resources(audit, one) == [("added a", "k/b.yaml")]
    assert resources(audit, two) == [("added k", "k/kustomization.yaml"), ("deleted a", "k/b.yaml")]


@pytest.mark.parametrize("on_the_way", [False, True], ids=["at once", "with a scan on the way"])
def test_a_kustomization_that_gets_another_name(story: History, audit: Audit, on_the_way: bool) -> None:
    """The same bytes under both sorts of names, then under one of them, and back."""
    short = "patches: [{path: b.yaml}]\n"
    one = story.commit("one", {"k/kustomization.yaml": short, "k/b.yaml": text(A)})
    if on_the_way:
        audit.scan()
    two = story.commit("two", {"k/on.yaml": short})
    if on_the_way:
        audit.scan()
    three = story.commit("three", {"k/kustomization.yaml": None})
    if on_the_way:
        audit.scan()
    four = story.commit("four", moves={"k/on.yaml": "k/kustomization.yaml"})
    scanned(story, audit)
    assert resources(audit, one) == [("added k", "k/kustomization.yaml")]
    assert resources(audit, two) == []
    assert resources(audit, three) == [("added a", "k/b.yaml"), ("deleted k", "k/kustomization.yaml")]
    assert resources(audit, four) == [("added k", "k/kustomization.yaml"), ("deleted a", "k/b.yaml")]


def test_scans_on_the_way_tell_the_same(story: History, audit: Audit, tmp_path: Any) -> None:
    def commits() -> Any:
        yield story.commit("one", {"b.yaml": text(A, B), "web.yaml": text(WEB)})
        yield story.commit("two", {"b.yaml": text(A2, B)})
        story.branch("side", story.tip("main"))
        yield story.commit("side", {"web.yaml": text(with_image("app:2"))}, branch="side")
        yield story.commit("three", {"c.yaml": text(A2), "b.yaml": text(B)})
        yield story.merge("side")
        yield story.commit("four", {"b.yaml": None})
        yield story.commit("five", {"b.yaml": text(B2), "s.yaml": text(secret(PLAIN))})

    for _ in commits():
        assert audit.scan().incomplete == ()
        agreed(story, audit)
    at_once = Audit(story.path, tmp_path / "at once" / "audit.duckdb")
    scanned(story, at_once)
    query = "SELECT * EXCLUDE (old_digest, new_digest) FROM resource_changes ORDER BY ALL"
    assert audit.rows(query) == at_once.rows(query)
    query = "SELECT * FROM field_changes WHERE kind <> 'Secret' ORDER BY ALL"
    assert audit.rows(query) == at_once.rows(query)
    assert len(audit.rows(query)) > 20
