"""Each rule on a hand-made history: the change that it is about, and the one that only looks like it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from changecontrol.change_audit import FIRST_LOOK, ChangeAudit
from histories.builder import ANN, BEA, History, Person, link, program, submodule

Audited = Callable[..., ChangeAudit]

RENOVATE = Person("renovate[bot]", "29139614+renovate[bot]@users.noreply.github.com")
FLUX = Person("fluxcdbot", "fluxcdbot@users.noreply.github.com")


def deployment(image: str, *, replicas: int = 1, name: str = "web", **more: object) -> str:
    return json.dumps(
        {
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "shop"},
            "spec": {"replicas": replicas, "template": {"spec": {"containers": [{"name": "web", "image": image}]}}},
            **more,
        },
        indent=2,
    )  # fmt: skip


def role(*verbs: str, resource: str = "pods", comment: str = "") -> str:
    return (
        f"{comment}apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {{name: reader, namespace: shop}}\n"
        f"rules:\n  - apiGroups: ['']\n    resources: [{resource}]\n    verbs: [{', '.join(verbs)}]\n"
    )


def test_direct_push_and_what_a_message_claims(story: History, audited: Audited) -> None:
    story.commit("first")
    pushed = story.commit("change something")
    story.commit("change something (#7)")
    story.commit("update image", by=FLUX)
    found = audited()
    assert found.shas(1) == {pushed}
    assert found.messages(1) == [
        "Ann landed a commit whose message names no pull request; not confirmed by a forge"
    ]
    assert found.gaps(1) == [
        ("skipped", "the message names a request, which is a claim; not confirmed by a forge", 1)
    ]


def test_forged_merge_and_a_quotation(story: History, audited: Audited) -> None:
    story.commit("first")
    forged = story.commit("Merge pull request #9 from ann/x\n\ntitle")
    story.commit("squashed (#8)\n\nMerge pull request #7 from ann/y")
    assert audited().shas(2) == {forged}


def test_merge_without_request_by_a_person_and_by_automation(story: History, audited: Audited) -> None:
    root = story.commit("first", {"a": "1"})
    for name, by, message in (("x", ANN, "Merge branch 'x'"), ("y", FLUX, "Merge y into main")):
        story.branch(name, root)
        story.commit("side", {name: "1"}, branch=name)
        last = story.merge(name, message=message, by=by)
        if by is ANN:
            person = last
    assert audited().shas(3) == {person}


def test_dates_that_cannot_be_true(story: History, audited: Audited) -> None:
    now = int(FIRST_LOOK.timestamp())
    story.commit("first", at=now - 7200)
    earlier = story.commit("before its parent", at=now - 7200 - 1200)
    story.commit("clocks differ", at=now + 300)
    future = story.commit("of tomorrow", at=now + 86400)
    found = audited()
    assert found.shas(5) == {earlier, future}
    assert "committed 0:20:00 before its parent" in " ".join(found.messages(5))
    assert "1 day, 0:00:00 before it claims" in " ".join(found.messages(5))


def test_automation_within_and_beyond_its_scope(story: History, audited: Audited) -> None:
    image = "ghcr.io/shop/web"
    story.commit("first", {"web.yaml": deployment(f"{image}:1.0"), "role.yaml": role("get")})
    story.commit("raise the tag", {"web.yaml": deployment(f"{image}:1.1")}, by=RENOVATE)
    reformatted = json.dumps(json.loads(deployment(f"{image}:1.1")), indent=7)
    story.commit(
        "reformat", {"web.yaml": reformatted, "role.yaml": role("get", comment="# why\n")}, by=RENOVATE
    )
    replicas = story.commit("scale", {"web.yaml": deployment(f"{image}:1.1", replicas=9)}, by=RENOVATE)
    registry = story.commit("elsewhere", {"web.yaml": deployment("evil.io/web:1.1", replicas=9)}, by=RENOVATE)
    added = story.commit("add", {"extra.yaml": deployment(f"{image}:1", name="extra")}, by=FLUX)
    base = story.tip("main")
    story.branch("bot", base)
    side = story.commit("widen", {"role.yaml": role("get", "delete")}, branch="bot", by=RENOVATE)
    merged = story.merge("bot", message="Merge pull request #3 from bot")
    story.commit("a person scales", {"web.yaml": deployment("evil.io/web:1.1", replicas=2)})
    found = audited()
    assert found.found(17) == sorted(
        [
            (replicas, "web.yaml", "spec.replicas"),
            (registry, "web.yaml", "spec.template.spec.containers[name=web].image"),
            (added, "extra.yaml", ""),
            (merged, "role.yaml", "rules[0].verbs"),
        ]
    )
    assert any(f"in {side[:12]}" in message for message in found.messages(17))


def test_what_is_called_a_version_may_be_raised(story: History, audited: Audited) -> None:
    def cluster(talos: str, cpu: str = "0.5", address: str = "10.0.0.1") -> str:
        spec = {"talos": {"version": talos}, "cpu": cpu, "address": address, "dashboard": {"revision": 12}}
        return json.dumps(
            {"apiVersion": "example.org/v1", "kind": "Cluster", "metadata": {"name": "a"}, "spec": spec}
        )

    story.commit("first", {"a.json": cluster("v1.10.1")})
    story.commit("raise", {"a.json": cluster("v1.11.0-rc.1").replace("12", "13")}, by=RENOVATE)
    words = story.commit("word", {"a.json": cluster("whatever you like")}, by=RENOVATE)
    cpu = story.commit("cpu", {"a.json": cluster("whatever you like", cpu="1.5")}, by=RENOVATE)
    moved = story.commit("ip", {"a.json": cluster("whatever you like", "1.5", "10.6.6.6")}, by=RENOVATE)
    assert audited().shas(17) == {words, cpu, moved}


def test_an_action_may_be_raised_and_not_exchanged(story: History, audited: Audited) -> None:
    def workflow(action: str) -> str:
        step = {"uses": action}
        return json.dumps({"on": "push", "jobs": {"a": {"runs-on": "x", "steps": [step]}}})

    path = ".github/workflows/a.yaml"
    story.commit("first", {path: workflow("actions/checkout@v4")})
    story.commit("raise", {path: workflow(f"actions/checkout@{'a1' * 20}")}, by=RENOVATE)
    other = story.commit("exchange", {path: workflow(f"evil/checkout@{'a1' * 20}")}, by=RENOVATE)
    assert audited().shas(17) == {other}


def test_a_scope_of_its_own(story: History, audited: Audited) -> None:
    story.commit("first", {"web.yaml": deployment("ghcr.io/shop/web:1.0")})
    story.commit("scale", {"web.yaml": deployment("ghcr.io/shop/web:1.0", replicas=2)}, by=RENOVATE)
    tag = story.commit("tag", {"web.yaml": deployment("ghcr.io/shop/web:1.1", replicas=2)}, by=RENOVATE)
    actor = {"kind": "bot", "name": "renovate[bot]", "scope": ("**.replicas",)}
    assert audited(actors=(actor,)).shas(17) == {tag}


def test_a_name_with_bot_in_it_is_no_registration(story: History, audited: Audited) -> None:
    story.commit("first", {"web.yaml": deployment("ghcr.io/shop/web:1.0")})
    pretender = Person("evil[bot]", "evil@example.org")
    pushed = story.commit("x", {"web.yaml": deployment("ghcr.io/shop/web:1.0", replicas=2)}, by=pretender)
    assert audited().shas(1) == {pushed}, "whoever is not registered is a person to every rule"


STAGES = {"promotion": ("staging", "production")}


def test_promotion_hotfix_and_a_version_that_passed_through(story: History, audited: Audited) -> None:
    def stage(name: str, tag: str) -> dict[str, str]:
        return {f"clusters/{name}/web.yaml": deployment(f"ghcr.io/shop/web:{tag}")}

    story.commit("first", {**stage("staging", "1.0")})
    story.commit("promote", stage("production", "1.0"))
    skipped = story.commit("straight", stage("production", "1.1"))
    both = story.commit("both at once", {**stage("production", "1.2"), **stage("staging", "1.2")})
    hotfix = story.commit("hotfix: stop the bleeding", stage("production", "1.3"))
    trailer = story.commit("urgent\n\nwhy\n\nHotfix: INC-7", stage("production", "1.4"))
    story.commit("stage it", stage("staging", "1.5"))
    story.commit("promote it", stage("production", "1.5"))
    story.commit("back to what production had", stage("production", "1.1"))
    found = audited(change_control=STAGES)
    assert found.shas(20) == {skipped, both}
    assert found.shas(22) == {hotfix, trailer}
    assert "had never been in staging" in " ".join(found.messages(20))
    assert "landed in staging only with the same change" in " ".join(found.messages(20))
    assert "by a trailer, which is a claim" in " ".join(found.messages(22))


def test_without_an_order_promotion_is_skipped_once(story: History, audited: Audited) -> None:
    story.commit("first")
    story.commit("second")
    reason = "no order of environments is configured (`change_control.promotion`)"
    found = audited()
    assert found.gaps(20) == [("skipped", reason, 2)]
    assert found.gaps(22) == [("skipped", reason, 2)]


def test_chart_versions_are_promoted_too(story: History, audited: Audited) -> None:
    def release(version: str) -> str:
        spec = {"chart": {"spec": {"chart": "web", "version": version}}}
        return json.dumps(
            {
                "apiVersion": "helm.toolkit.fluxcd.io/v2",
                "kind": "HelmRelease",
                "metadata": {"name": "web"},
                "spec": spec,
            }
        )

    story.commit("s", {"staging/web.yaml": release("1.0.0")})
    story.commit("p", {"production/web.yaml": release("1.0.0")})
    skipped = story.commit("straight", {"production/web.yaml": release("2.0.0")})
    assert audited(change_control=STAGES).found(20) == [
        (skipped, "production/web.yaml", "spec.chart.spec.version")
    ]


def test_rollback_by_message_and_by_field(story: History, audited: Audited) -> None:
    def web(tag: str, replicas: int = 1) -> dict[str, str]:
        return {"web.yaml": deployment(f"ghcr.io/shop/web:{tag}", replicas=replicas)}

    story.commit("first", {**web("1"), "notes.txt": "a"})
    change = story.commit("notes", {"notes.txt": "b"})
    said = story.commit(f'Revert "notes"\n\nThis reverts commit {change}.', {"notes.txt": "a"})
    story.commit(f'Revert "Revert "notes""\n\nThis reverts commit {said}.', {"notes.txt": "b"})
    story.commit("two", web("2"))
    back = story.commit("one again", web("1"))
    story.commit("two again: the rollback is taken back", web("2"))
    story.commit("three", web("3"))
    story.commit("four", web("4", replicas=5))
    found = audited()
    assert found.found(21) == sorted(
        [(said, "", ""), (back, "web.yaml", "spec.template.spec.containers[name=web].image")]
    )


def test_no_reason_and_where_a_reason_may_be(story: History, audited: Audited) -> None:
    root = story.commit("first\n\nthe beginning", {"a": "1"})
    bare = story.commit("fix it")
    trailers = story.commit("fix it\n\nSigned-off-by: Ann <ann@example.org>")
    story.commit("SHOP-12: fix it")
    story.commit("fix it\n\nbecause the old way lost orders")
    story.commit("update image", by=RENOVATE)
    story.branch("x", root)
    story.commit("side\n\nfor the auditors", {"x": "1"}, branch="x")
    story.merge("x", message="Merge branch 'x'")
    story.commit("fix it (#7)")
    found = audited()
    assert found.shas(23) == {bare, trailers}
    assert found.gaps(23) == [
        ("skipped", "the request that the message names may hold the reason; not confirmed by a forge", 1)
    ]


def test_controls_that_were_weakened_and_texts_that_were_edited(story: History, audited: Audited) -> None:
    owners = "# who owns what\n* @org/platform\n/secrets/ @org/security\n"
    workflow = (
        "on: [pull_request]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - uses: actions/checkout@v4\n      - run: make test\n"
    )
    verified = (
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: app, namespace: flux-system}\n"
        "spec:\n  url: oci://ghcr.io/shop/app\n  verify: {provider: cosign}\n"
    )
    story.commit(
        "first",
        {".github/CODEOWNERS": owners, ".github/workflows/ci.yaml": workflow, "role.yaml": role("get", "list"),
         "app.yaml": verified, ".trivyignore": "CVE-2024-0001\n"},
    )  # fmt: skip
    story.commit(
        "only text",
        {".github/CODEOWNERS": "/secrets/   @org/security # them\n\n*   @org/platform\n",
         ".github/workflows/ci.yaml": "# tests\n" + workflow.replace("@v4", "@v5"),
         "role.yaml": role("list", "get", comment="# reads\n"), "app.yaml": "# pinned\n" + verified,
         ".trivyignore": "# accepted\nCVE-2024-0001\n"},
    )  # fmt: skip
    story.commit("moved", moves={".github/CODEOWNERS": "CODEOWNERS"})
    dropped = story.commit("owners", {"CODEOWNERS": "* @org/platform\n"})
    unchecked = story.commit(
        "ci", {".github/workflows/ci.yaml": workflow.replace("      - run: make test\n", "")}
    )
    widened = story.commit("role", {"role.yaml": role("get", "list", "delete")})
    unverified = story.commit("verify", {"app.yaml": verified.replace("  verify: {provider: cosign}\n", "")})
    ignored = story.commit("ignore", {".trivyignore": "CVE-2024-0001\nCVE-2026-9999\n"})
    gone = story.commit("no owners", {"CODEOWNERS": None})
    found = audited()
    assert [(sha, path) for sha, path, _ in found.found(25)] == sorted(
        [
            (dropped, "CODEOWNERS"), (unchecked, ".github/workflows/ci.yaml"), (widened, "role.yaml"),
            (unverified, "app.yaml"), (ignored, ".trivyignore"), (gone, "CODEOWNERS"),
        ]
    )  # fmt: skip


def test_privileged_changes_by_meaning(story: History, audited: Audited) -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: hunter2-and-more}\n"
    namespace = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels: {%s}\n"
    enforced = namespace % "pod-security.kubernetes.io/enforce: restricted"
    first = story.commit("first", {"secret.yaml": secret, "role.yaml": role("get"), "ns.yaml": enforced})
    story.commit(
        "text", {"secret.yaml": "# of the database\n" + secret, "role.yaml": role("get", comment="# r\n")}
    )
    story.commit("moved", moves={"role.yaml": "rbac/role.yaml"})
    story.commit("a label", {"ns.yaml": enforced.replace("labels: {", "labels: {team: a, ")})
    changed = story.commit("another password", {"secret.yaml": secret.replace("hunter2", "hunter3")})
    widened = story.commit("role", {"rbac/role.yaml": role("get", "list")})
    lowered = story.commit("ns", {"ns.yaml": namespace % "pod-security.kubernetes.io/enforce: privileged"})
    found = audited()
    assert [(sha, path) for sha, path, _ in found.found(26)] == sorted(
        [(first, "secret.yaml"), (first, "role.yaml"), (changed, "secret.yaml"), (widened, "rbac/role.yaml"),
         (lowered, "ns.yaml")]
    )  # fmt: skip
    assert "hunter" not in str(found.messages(26))
    assert lowered in found.shas(25), "and that is a control that was weakened"


def test_opaque_changes_and_vendored_releases(story: History, audited: Audited) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 12345\n"
    base = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- {}\n"
    story.commit("first", {"run.sh": "echo\n", "readme.md": "text\n", "a/kustomization.yaml": base.format("web.yaml"),
                           "a/web.yaml": deployment("ghcr.io/shop/web:1")})  # fmt: skip
    expected = set()
    for message, files in (
        ("a submodule", {"lib": submodule()}),
        ("kept elsewhere", {"model.bin": pointer}),
        ("binary", {"tool": b"\x7fELF\0\0"}),
        ("now executable", {"run.sh": program("echo\n")}),
        ("a link", {"link": link("/etc/passwd")}),
        ("floating base", {"a/kustomization.yaml": base.format("https://github.com/org/base//app?ref=main")}),
    ):
        expected.add((story.commit(message, files), next(iter(files))))
    story.commit("vendored", {"vendor/tool/bin": b"\x7fELF\0\0", "vendor/tool/run.sh": program("echo\n")})
    story.commit("text", {"readme.md": "more text\n", "script.sh": "echo\n"})
    story.commit(
        "pinned", {"a/kustomization.yaml": base.format("https://github.com/org/base//app?ref=v1.2.0")}
    )
    found = audited()
    assert {(sha, path) for sha, path, _ in found.found(27)} == expected


def test_a_frozen_week_end_by_first_sight(story: History, audited: Audited) -> None:
    """Commits claim a Thursday; when they were seen is ours to know."""
    thursday = datetime(2026, 1, 8, 12, tzinfo=UTC)
    freeze = {"name": "week-end", "zone": "Europe/Berlin", "weekly": "fri 18:00 - mon 06:00"}
    saturday_claimed = story.commit("old", at=int((thursday - timedelta(days=5)).timestamp()))
    found = audited(change_control={"freezes": (freeze,)})
    assert found.shas(24) == {saturday_claimed}, "before the first look there is nothing but what it claims"
    assert "it had landed before we first looked" in found.messages(24)[0]
    story.commit("in time", at=int(thursday.timestamp()))
    found.scan(thursday + timedelta(hours=1))
    found.scan(thursday + timedelta(days=1, hours=6))  # Friday 18:00 UTC: the freeze has begun in Berlin
    forged = story.commit("forged", at=int(thursday.timestamp()) + 60)
    found.scan(thursday + timedelta(days=2))
    story.commit("on Monday", at=int((thursday + timedelta(days=4)).timestamp()))
    found.scan(thursday + timedelta(days=4, hours=1))
    assert found.shas(24) == {saturday_claimed, forged}
    assert any(
        message.startswith("landed in the freeze 'week-end': it was not there at 2026-01-09")
        for message in found.messages(24)
    )


def test_a_freeze_of_some_environments(story: History, audited: Audited) -> None:
    freeze = {
        "name": "audit",
        "start": "2023-11-01T00:00",
        "end": "2023-12-01T00:00",
        "environments": ("production",),
    }
    inside = story.commit("p", {"production/web.yaml": deployment("ghcr.io/shop/web:1")})
    story.commit("s", {"staging/web.yaml": deployment("ghcr.io/shop/web:1")})
    assert audited(change_control={"freezes": (freeze,)}).shas(24) == {inside}


def test_what_is_not_configured_is_skipped_with_its_reason_and_never_passed(
    story: History, audited: Audited
) -> None:
    story.commit("first")
    story.commit("second")
    found = audited()
    for number, words in (
        (7, "not confirmed by a forge"), (8, "not confirmed by a forge"), (9, "not confirmed by a forge"),
        (10, "not confirmed by a forge"), (11, "no trust store"), (12, "no trust store"), (13, "no people"),
        (19, "no people"), (20, "no order"), (22, "no order"), (24, "no change freezes"),
    ):  # fmt: skip
        ((outcome, reason, count),) = found.gaps(number)
        assert (outcome, count) == ("skipped", 2)
        assert words in reason
    results = {
        row[0]: row[1:]
        for row in found.rows("SELECT rule_id, evaluated, failed, skipped, errors FROM trail.rule_result")
    }
    assert results["AUD-CHG-0007"] == (0, 0, 2, 0)


def test_unknown_actors_and_the_many_addresses_of_known_ones(story: History, audited: Audited) -> None:
    alias = Person("Bea", "12345+bea-b@users.noreply.github.com")
    stranger = Person("Ann", "ann@evil.example")
    story.commit("known", by=ANN)
    story.commit("by alias", by=alias)
    story.commit("bot", by=RENOVATE)
    unknown = story.commit("a known name at another address", by=stranger)
    helped = story.commit("x\n\ny\n\nCo-authored-by: Eve <eve@evil.example>", by=BEA)
    people = (
        {"name": "Ann", "emails": (ANN.email,)},
        {"name": "Bea", "emails": (BEA.email,), "logins": ("bea-b",)},
    )
    found = audited(people=people)
    assert found.shas(19) == {unknown, helped}
    assert found.messages(19) == [
        "not in the directory: Ann <ann@evil.example>",
        "not in the directory: Eve <eve@evil.example>",
    ]


def test_a_history_with_replaced_commits_is_an_error_of_every_change(
    story: History, audited: Audited
) -> None:
    first = story.commit("first")
    story.commit("second")
    story.ref(f"refs/replace/{first}", story.commit("another first", branch="other", parents=()))
    found = audited()
    ((outcome, reason, count),) = found.gaps(28)
    assert (outcome, count) == ("error", 2)
    assert "replace" in reason
    assert found.rows("SELECT status FROM runs") == [("incomplete",)]
