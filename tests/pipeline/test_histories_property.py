"""Any small history, scanned at once, scanned in steps, and looked at commit by commit: all the same."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from histories.audits import Audit, share_judges
from histories.builder import ANN, BEA, CID, Content, History, Tree, link
from histories.manifests import (
    BROKEN,
    half_broken,
    kustomization,
    pod,
    pod_object,
    text,
    unanswered,
    unfit,
)
from histories.oracle import lives
from histories.set_oracle import set_lives
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from auditor.policy.judge import JudgeSpec
from auditor.settings import PolicySetting, Settings

BROKEN_BLOCK = 'resource "aws_s3_bucket" "logs" {\n  acl = \n}\n'
BLOCK = """\
resource "aws_s3_bucket_public_access_block" "all" {
  bucket                  = "logs"
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
"""


def bucket(acl: str, name: str = "logs") -> str:
    """A bucket's block in Terraform."""
    return f'resource "aws_s3_bucket" "{name}" {{\n  bucket = "{name}"\n  acl    = "{acl}"\n}}\n'


def deploys(path: str) -> str:
    """A Flux Kustomization that takes in a folder."""
    meta = {"name": "stored", "namespace": "flux-system"}
    spec = {"path": path, "prune": True, "sourceRef": {"kind": "GitRepository", "name": "elsewhere"}}
    return text(
        {
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
            "kind": "Kustomization",
            "metadata": meta,
            "spec": spec,
        }
    )


PATHS = ("a.yaml", "apps/b.yaml", "apps/c.yaml", "clusters/dev/d.yaml")
CONTENTS: dict[str, Content] = {
    "nothing": None,
    "good": pod(),
    "bad": pod(privileged=True),
    "bad with a remark": "# a remark\n" + pod(privileged=True),
    "one of two": text(pod_object("web"), pod_object("till", privileged=True)),
    "two of two": text(pod_object("till", privileged=True), pod_object("web", privileged=True)),
    "broken": BROKEN,
    "broken otherwise": BROKEN + "# apiVersion: v1\n",
    "till and broken": half_broken(pod_object("till", privileged=True)),
    "web and broken": half_broken(pod_object("web")),
    "not UTF-8": pod().encode() + b"# \xff\n",
    "unfit": text(unfit(pod_object("web", privileged=True))),
    "unanswered": text(unanswered(pod_object("web"))),
    "unanswered and broken": half_broken(unanswered(pod_object("web"))),
    "a template": "apiVersion: v1\nkind: Pod\nmetadata: {name: {{ web }}}\n",
    "a key twice": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {}\ndata: {}\n",
    "a link": link("a.yaml"),
    "words": "just words\n",
    "lists b": kustomization(resources=("b.yaml",)),
    "patches b": kustomization(patches=("b.yaml",)),
    "patches c and a": kustomization(patches=("c.yaml", "../a.yaml")),
    "lists what is stored": kustomization(resources=("../archive/b.yaml",)),
    "lists what is stored beside": kustomization(resources=("b.yaml", "more")),
    "deploys what is stored": deploys("./archive"),
    "deploys one part of what is stored": deploys("./archive/more"),
    "deploys all": deploys("./"),
    "chart": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
    "public bucket": bucket("public-read"),
    "private bucket": bucket("private"),
    "two buckets": bucket("public-read") + bucket("private", "more"),
    "bucket and broken": bucket("public-read", "more") + BROKEN_BLOCK,
    "broken block": BROKEN_BLOCK,
    "a block of public access": BLOCK,
    "image": "FROM debian\n",
    "good image": "FROM debian:12.5\nUSER 1000\n",
    "broken image": "FROM debian\nNONESUCH\n",
}
SOURCES = tuple(CONTENTS)[tuple(CONTENTS).index("public bucket") :]
PLAIN = list(CONTENTS)[: list(CONTENTS).index("lists b")]
UNREAD = (
    "broken",
    "broken otherwise",
    "till and broken",
    "web and broken",
    "not UTF-8",
    "unanswered and broken",
)

EDIT = st.tuples(st.sampled_from(PATHS), st.one_of(st.sampled_from(PLAIN), st.sampled_from(UNREAD)))
EXTRA = st.one_of(
    st.tuples(
        st.just("apps/kustomization.yaml"),
        st.sampled_from(("nothing", "lists b", "patches b", "patches c and a", "broken", "web and broken")),
    ),
    st.tuples(st.just("Chart.yaml"), st.sampled_from(("nothing", "chart"))),
    st.tuples(st.just("templates/e.yaml"), st.sampled_from(PLAIN)),
)
EDITS = st.lists(st.one_of(EDIT, EDIT, EXTRA), max_size=3).map(dict)
STEP = st.tuples(
    st.sampled_from(
        (
            "commit",
            "commit",
            "commit",
            "side",
            "side",
            "move",
            "merge",
            "evil",
            "back",
            "unread",
            "side unread",
        )
    ),
    EDITS,
    st.sampled_from((ANN, BEA, CID)),
    # Seconds after the commit before: committers' clocks go wrong, and git orders what it lists by them.
    st.sampled_from((3600, 3600, 3600, 0, -500_000, 90_000_000)),
    st.integers(0, 29),
)


def break_or_mend(
    tree: Tree, path: str, free: list[str], which: int
) -> tuple[dict[str, Content], dict[str, str]]:
    """What happens to files that cannot be read: (edits, moves) that mend, delete, move or list one that is; or
    break the file."""
    unread = {
        content.encode() if isinstance(content, str) else content for content in map(CONTENTS.get, UNREAD)
    }
    if tree[path.encode()].content not in unread:
        return {path: CONTENTS[UNREAD[which % len(UNREAD)]]}, {}
    acts: list[tuple[dict[str, Content], dict[str, str]]] = [
        ({path: CONTENTS["bad"]}, {}),
        ({path: CONTENTS["good"]}, {}),
        ({path: None}, {}),
        ({"apps/kustomization.yaml": CONTENTS["patches b"]}, {}),
        ({"apps/kustomization.yaml": None}, {}),
    ]
    acts += [({}, {path: other}) for other in free]
    return acts[which % len(acts)]


def tell(story: History, step: tuple, number: int, paths: Sequence[str] = PATHS) -> None:
    """One step of a random story on the branches main and side; `paths` are those that files move between."""
    what, chosen, who, later, which = step
    edits = {path: CONTENTS[name] for path, name in chosen.items()}
    at = max(1, story.clock + later)
    if what in ("merge", "evil"):
        story.merge("side", files=edits if what == "evil" else {}, by=who, at=at)
        return
    branch = "side" if what in ("side", "back", "side unread") else "main"
    if what == "back":
        story.merge("main", branch="side", files=edits, by=who, at=at)
        return
    moves = {}
    there = [path for path in paths if path.encode() in story.trees[story.tip(branch)]]
    free = [path for path in paths if path not in there]
    if what == "move" and there and free:
        moves = {there[which % len(there)]: free[which % len(free)]}
    if what.endswith("unread") and there:
        path = there[which % len(there)]
        edits, moves = break_or_mend(story.trees[story.tip(branch)], path, free, which // len(there))
    story.commit(f"step {number}", edits, branch=branch, by=who, at=at, moves=moves)


def whole_scans(examples: int) -> settings:
    """For properties whose every example is a history that is scanned several times."""
    return settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        # Shrinking takes minutes; remove this line to see the smallest case.
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
    )


def steps_of(
    kinds: tuple[str, ...], edits: st.SearchStrategy[dict[str, str]]
) -> st.SearchStrategy[tuple[Any, ...]]:
    """Steps of a story an hour apart: a kind of step, its edits, by whom, and which of the files it is about."""
    return st.tuples(
        st.sampled_from(kinds), edits, st.sampled_from((ANN, BEA)), st.just(3600), st.integers(0, 29)
    )


@whole_scans(10)
@given(steps=st.lists(STEP, min_size=1, max_size=14), stops=st.sets(st.integers(0, 13), max_size=5))
def test_in_one_go_in_steps_and_by_looking(steps: list[tuple], stops: set[int]) -> None:
    all_the_same(steps, stops, PATHS, {})


PLACES = (
    "a.yaml",
    "clusters/dev/a.yaml",
    "clusters/dev/b.yaml",
    "clusters/test/b.yaml",
    "clusters/prod/c.yaml",
)
NOT_OURS = {"AUD-IMG-0003": {"allowed": ["registry.example.net"]}}
OURS = {"AUD-IMG-0003": {"allowed": ["registry.example.org"]}}
PROFILES = {"dev": NOT_OURS, "test": NOT_OURS, "prod": OURS}
"""Every pod's image is wrong in dev and test, right in prod, and nobody's business elsewhere."""
EDITS_IN_PLACES = st.lists(
    st.tuples(st.sampled_from(PLACES), st.one_of(st.sampled_from(PLAIN), st.sampled_from(UNREAD))), max_size=3
).map(dict)
STEP_IN_PLACES = steps_of(
    ("commit", "commit", "side", "move", "move", "merge", "evil", "unread", "side unread"),
    EDITS_IN_PLACES,
)


@whole_scans(8)
@given(steps=st.lists(STEP_IN_PLACES, min_size=1, max_size=10), stops=st.sets(st.integers(0, 9), max_size=4))
def test_by_the_parameters_of_each_environment(steps: list[tuple], stops: set[int]) -> None:
    all_the_same(steps, stops, PLACES, PROFILES)


FILES = ("a.yaml", "infra/main.tf", "infra/more.tf", "dev/main.tf", "Dockerfile", "web/Dockerfile")
EDITS_OF_FILES = st.lists(
    st.tuples(st.sampled_from(FILES), st.one_of(st.sampled_from(SOURCES), st.sampled_from(PLAIN))),
    max_size=4,
).map(dict)
STEP_OF_FILES = steps_of(
    ("commit", "commit", "commit", "side", "move", "move", "merge", "evil", "back"),
    EDITS_OF_FILES,
)


@whole_scans(8)
@given(steps=st.lists(STEP_OF_FILES, min_size=1, max_size=12), stops=st.sets(st.integers(0, 11), max_size=4))
def test_terraform_and_dockerfiles_among_manifests(steps: list[tuple], stops: set[int]) -> None:
    all_the_same(steps, stops, FILES, {})


STORED = ("a.yaml", "apps/b.yaml", "archive/b.yaml", "archive/more/c.yaml")
LEADING = st.one_of(
    st.tuples(
        st.sampled_from(
            ("apps/kustomization.yaml", "archive/kustomization.yaml", "archive/more/kustomization.yaml")
        ),
        st.sampled_from(("nothing", "lists what is stored", "lists what is stored beside", "broken")),
    ),
    st.tuples(
        st.sampled_from(("flux/d.yaml", "archive/d.yaml")),
        st.sampled_from(
            (
                "nothing",
                "deploys what is stored",
                "deploys one part of what is stored",
                "deploys all",
                "broken",
            )
        ),
    ),
)
EDITS_OF_STORED = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(STORED), st.sampled_from(("good", "good", "nothing", "broken"))), LEADING
    ),
    max_size=4,
).map(dict)
STEP_OF_STORED = steps_of(
    ("commit", "commit", "commit", "side", "move", "move", "merge", "evil", "back"),
    EDITS_OF_STORED,
)


@whole_scans(8)
@given(steps=st.lists(STEP_OF_STORED, min_size=1, max_size=12), stops=st.sets(st.integers(0, 11), max_size=4))
def test_what_is_stored_in_an_attic_and_what_leads_there(steps: list[tuple], stops: set[int]) -> None:
    all_the_same(steps, stops, STORED, {})


def all_the_same(
    steps: list[tuple], stops: set[int], paths: Sequence[str], environments: dict[str, dict]
) -> None:
    """The story read at once, in steps and by looking at each commit; `environments` have parameters of their own."""
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        judge = share_judges(patch)(JudgeSpec(engine="embedded", environments=environments))
        options = Settings(engine="embedded", policies=PolicySetting(environments=environments))
        folder = Path(name)
        story = History(folder / "repo")
        root = story.commit("root", {"README.md": "x"})
        story.branch("side", root)
        stepwise = Audit(story.path, folder / "steps" / "audit.duckdb", options)
        for number, step in enumerate(steps):
            tell(story, step, number, paths)
            if number in stops:
                stepwise.scan()
        at_once = Audit(story.path, folder / "once" / "audit.duckdb", options)
        at_once.scan()
        last = stepwise.scan()
        assert last.incremental == (stepwise.runs > 1), last.notes
        in_steps, in_one_go = stepwise.tables(), at_once.tables()
        for table, rows in in_one_go.items():
            assert in_steps[table] == rows, table
        found = at_once.rows(
            "SELECT id, occurrence, opened_sha, fixed_sha FROM found WHERE source IN ('manifest', 'file') ORDER BY ALL"
        )
        assert found == lives(story, story.tip("main"), judge)
        assert at_once.rows(
            "SELECT id, occurrence, opened_sha, fixed_sha FROM findings WHERE source = 'set' ORDER BY ALL"
        ) == set_lives(story, story.tip("main"), judge)
        assert at_once.rows("SELECT list(sha ORDER BY position) FROM commits WHERE landed") == [
            (story.git("rev-list", "--first-parent", "--reverse", "main").split(),)
        ]
        assert at_once.rows("SELECT count(*) FROM commits") == [
            (int(story.git("rev-list", "--count", "main")),)
        ]
