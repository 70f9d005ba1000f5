"""Reading a live cluster when it misbehaves, against a stand-in of ours that misbehaves at will (api_standin.py)."""

from __future__ import annotations

import base64
import hashlib
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cluster.api_standin import Standin, cut, standin_server, status, text

from auditor.cluster.live.accounts import KubeconfigContext
from auditor.cluster.live.cluster import LiveCluster, Reading
from auditor.cluster.live.limits import Limits
from auditor.cluster.snapshot import read_snapshot
from auditor.errors import ClusterError, SnapshotError
from auditor.model import Snapshot

MAPS, DEPLOYMENTS, SECRETS = "/api/v1/configmaps", "/apis/apps/v1/deployments", "/api/v1/secrets"
QUICK = Limits(
    page_items=2, connect_s=2, read_s=1, answer_s=3, patience_s=3, attempts=3, retry_wait_s=0.01, relists=2
)


def digest(text: str) -> str:
    return hashlib.sha256(b"key" + text.encode()).hexdigest()[:16]


def named(name: str, **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "shop", "uid": f"u-{name}"}, **more}


@pytest.fixture
def api() -> Iterator[Standin]:
    with standin_server() as standin:
        standin.serve(
            MAPS, "ConfigMap", *(named(f"m{number}", data={"n": str(number)}) for number in range(5))
        )
        standin.serve(DEPLOYMENTS, "Deployment", named("web"))
        yield standin


def live(api: Standin, folder: Path, limits: Limits = QUICK, **more: Any) -> LiveCluster:
    account = KubeconfigContext("", [api.kubeconfig(folder)])
    return LiveCluster(account, Reading(digest=digest, limits=limits, **more))


def names(snapshot: Snapshot, kind: str) -> list[str]:
    return [entry.id.name for entry in snapshot.objects if entry.id.kind == kind]


def unread(snapshot: Snapshot) -> dict[str, str]:
    return {entry.kind: entry.reason for entry in snapshot.unread}


ALL_MAPS = ["m0", "m1", "m2", "m3", "m4"]


@pytest.mark.parametrize("aggregated", [True, False])
def test_every_listable_kind_is_read_in_pages_by_gets_alone(
    api: Standin, tmp_path: Path, aggregated: bool
) -> None:
    api.aggregated = aggregated
    api.serve("/apis/example.org/v1alpha1/teapots", "Teapot", named("blue"))
    found = live(api, tmp_path).snapshot()
    assert found.kinds == {("", "ConfigMap"), ("apps", "Deployment"), ("example.org", "Teapot")}
    assert names(found, "ConfigMap") == ALL_MAPS
    assert found.objects[0].manifest["kind"] == "ConfigMap"
    assert found.objects[0].api_version == "v1"
    assert [query.get("continue") for query in api.queries(MAPS)] == [None, "2", "4"]
    assert api.methods() == {"GET"}
    assert (found.cluster, found.kubernetes_version, found.unread) == ("test", "v1.37.2", ())
    listed = {entry.kind: (entry.resource_version, entry.objects) for entry in found.listed}
    assert listed == {"ConfigMap": ("7", 5), "Deployment": ("7", 1), "Teapot": ("7", 1)}


@pytest.mark.parametrize("aggregated", [True, False])
def test_a_kind_is_read_in_the_version_that_git_declares(
    api: Standin, tmp_path: Path, aggregated: bool
) -> None:
    api.aggregated = aggregated
    for version in ("v2", "v1"):
        path = f"/apis/autoscaling/{version}/horizontalpodautoscalers"
        api.serve(path, "HorizontalPodAutoscaler", named("web"))
    assert {entry.api_version for entry in live(api, tmp_path).snapshot().listed} >= {"autoscaling/v2"}
    declared = live(api, tmp_path).snapshot(prefer={"autoscaling/v1", "apps/v1"})
    assert [entry.api_version for entry in declared.listed] == ["v1", "apps/v1", "autoscaling/v1"]


def test_a_burst_of_failures_is_waited_for(api: Standin, tmp_path: Path) -> None:
    api.next(MAPS, status(503, "busy"), status(500))
    api.next(DEPLOYMENTS, status(429, "slow down", Retry_After="0"), cut)
    found = live(api, tmp_path).snapshot()
    assert (names(found, "ConfigMap"), names(found, "Deployment")) == (ALL_MAPS, ["web"])
    assert found.unread == ()


def test_the_server_s_own_wait_is_kept_to(api: Standin, tmp_path: Path) -> None:
    api.next(DEPLOYMENTS, status(429, Retry_After="1"))
    import time

    began = time.monotonic()
    assert names(live(api, tmp_path).snapshot(), "Deployment") == ["web"]
    assert time.monotonic() - began >= 1.0


def test_more_patience_than_there_is_is_not_waited_for(api: Standin, tmp_path: Path) -> None:
    api.always[DEPLOYMENTS] = status(429, "slow down", Retry_After="3600")
    found = live(api, tmp_path).snapshot()
    assert "3600 s of patience" in unread(found)["Deployment"]
    assert len(api.queries(DEPLOYMENTS)) == 1


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (status(403, "deployments is forbidden"), "403 (deployments is forbidden)"),
        (status(503, "busy"), "503 (busy)"),
        (status(404), "404"),
        (cut, "gave no whole answer"),
        (text(b"<html>a proxy</html>"), "is not JSON"),
        (text(b"[]"), "no list of objects"),
        (text(b'{"metadata": {}, "items": [{"metadata": {}}]}'), "no metadata.name"),
        (text(b'{"metadata": {"continue": "x"}, "items": []}'), "the same page again and again"),
        (status(301, Location="http://127.0.0.1:9/elsewhere"), "301"),
    ],
    ids=["forbidden", "unavailable", "gone", "cut", "html", "array", "nameless", "loop", "redirect"],
)
def test_a_kind_that_cannot_be_read_whole_is_unread_and_the_others_are_there(
    api: Standin, tmp_path: Path, fault: Any, reason: str
) -> None:
    api.always[DEPLOYMENTS] = fault
    found = live(api, tmp_path).snapshot()
    assert reason in unread(found)["Deployment"]
    assert found.kinds == {("", "ConfigMap")}
    assert names(found, "Deployment") == []
    assert names(found, "ConfigMap") == ALL_MAPS


def test_nothing_is_kept_of_a_list_that_breaks_in_the_middle(api: Standin, tmp_path: Path) -> None:
    api.next(MAPS, None, *[status(503)] * 10)
    found = live(api, tmp_path).snapshot()
    assert names(found, "ConfigMap") == []
    assert ("", "ConfigMap") not in found.kinds
    assert names(found, "Deployment") == ["web"]


def test_a_list_that_expired_is_read_anew_and_counted_once(api: Standin, tmp_path: Path) -> None:
    api.next(MAPS, None, status(410, "continue token expired"))
    found = live(api, tmp_path).snapshot()
    assert names(found, "ConfigMap") == ALL_MAPS
    assert [query.get("continue") for query in api.queries(MAPS)] == [None, "2", None, "2", "4"]


def test_a_list_that_expires_each_time_is_given_up(api: Standin, tmp_path: Path) -> None:
    api.next(MAPS, *[None, status(410)] * 10)
    found = live(api, tmp_path).snapshot()
    assert "begun 3 times" in unread(found)["ConfigMap"]
    assert names(found, "ConfigMap") == []


def test_pages_become_smaller_where_they_are_too_large(api: Standin, tmp_path: Path) -> None:
    large = [named(f"l{number}", data={"x": "x" * 3000}) for number in range(4)]
    api.serve(MAPS, "ConfigMap", *large)
    found = live(api, tmp_path, Limits(page_items=4, page_bytes=5000, retry_wait_s=0.01)).snapshot()
    assert names(found, "ConfigMap") == ["l0", "l1", "l2", "l3"]
    assert [query["limit"] for query in api.queries(MAPS)] == ["4", "1", "1", "1", "1"]


def test_an_object_larger_than_a_page_may_be_is_unread(api: Standin, tmp_path: Path) -> None:
    api.serve(MAPS, "ConfigMap", named("huge", data={"x": "x" * 9000}))
    found = live(api, tmp_path, Limits(page_bytes=5000)).snapshot()
    assert "larger than 5,000 bytes" in unread(found)["ConfigMap"]


def test_a_cluster_larger_than_the_limit_says_what_it_lacks(api: Standin, tmp_path: Path) -> None:
    api.serve(MAPS, "ConfigMap", *(named(f"m{number}", data={"x": "x" * 900}) for number in range(9)))
    found = live(api, tmp_path, Limits(page_items=2, total_bytes=4000)).snapshot()
    assert "larger than 4,000 bytes" in unread(found)["ConfigMap"]
    assert names(found, "Deployment") == ["web"], "what fits is still read"


def test_a_server_that_fell_silent_is_not_asked_for_all_the_rest(api: Standin, tmp_path: Path) -> None:
    paths = [f"/apis/example.org/v1/kind{number}s" for number in range(6)]
    for number, path in enumerate(paths):
        api.serve(path, f"Kind{number}", named("x"))
        api.always[path] = cut
    found = live(api, tmp_path).snapshot()
    asked = [bool(api.queries(path)) for path in paths]
    assert asked == [True, True, False, False, False, False]
    assert "not asked any more after Kind1" in unread(found)["Kind5"]
    assert len(found.unread) == 6


def test_an_extension_server_that_is_down_leaves_its_kinds_unknown(api: Standin, tmp_path: Path) -> None:
    api.stale.append(("metrics.example.org", "v1"))
    found = live(api, tmp_path).snapshot()
    assert [(entry.group, entry.kind) for entry in found.unread] == [("metrics.example.org", "*")]
    assert "does not answer" in found.unread[0].reason


def test_a_group_whose_kinds_are_not_told_is_unknown(api: Standin, tmp_path: Path) -> None:
    api.aggregated = False
    api.always["/apis/apps/v1"] = status(503, "no backend")
    found = live(api, tmp_path).snapshot()
    assert [(entry.group, entry.kind) for entry in found.unread] == [("apps", "*")]
    assert found.kinds == {("", "ConfigMap")}


def test_a_token_that_ends_in_the_middle_is_fetched_again(api: Standin, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("first\n")
    api.tokens = {"first"}
    path = api.kubeconfig(tmp_path, {"tokenFile": "token"})

    def on_page(kind: Any, count: int) -> None:
        token.write_text("second\n")
        api.tokens = {"second"}

    account = KubeconfigContext("", [path])
    found = LiveCluster(account, Reading(digest=digest, limits=QUICK, on_page=on_page)).snapshot()
    assert found.unread == ()
    assert names(found, "ConfigMap") == ALL_MAPS


def test_an_expired_token_leaves_the_rest_unknown(api: Standin, tmp_path: Path) -> None:
    api.tokens = {"good"}

    def on_page(kind: Any, count: int) -> None:
        if count == 2:
            api.tokens = {"another"}

    found = live(api, tmp_path, on_page=on_page).snapshot()
    assert found.kinds == frozenset()
    assert "401" in unread(found)["ConfigMap"]
    assert unread(found)["Deployment"].startswith("not asked any more after ConfigMap: 401")
    assert found.objects == ()


def test_a_token_that_never_was_good_is_an_error(api: Standin, tmp_path: Path) -> None:
    api.tokens = {"another"}
    with pytest.raises(ClusterError, match="401") as caught:
        live(api, tmp_path).snapshot()
    assert "sign in again" in caught.value.hint
    assert "good" not in str(caught.value)


def test_a_server_that_is_not_there_is_an_error(api: Standin, tmp_path: Path) -> None:
    api.url = "http://127.0.0.1:9"
    with pytest.raises(ClusterError, match="gave no whole answer to /version"):
        live(api, tmp_path).snapshot()


CANARY = "canary-" + "5f2a9"


def secret() -> dict[str, Any]:
    packed = base64.b64encode(CANARY.encode()).decode()
    applied = json.dumps({"kind": "Secret", "data": {"password": packed}})
    value = named("s", data={"password": packed, "release": packed}, stringData={"extra": CANARY})
    value["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": applied}
    return {**value, "type": "helm.sh/release.v1"}


def test_no_value_of_a_secret_leaves_the_adapter(api: Standin, tmp_path: Path) -> None:
    api.serve(SECRETS, "Secret", secret())
    found = next(entry for entry in live(api, tmp_path).snapshot().objects if entry.id.kind == "Secret")
    assert found.manifest["data"]["password"] == "auditor-redacted:secret:" + digest(CANARY)
    path = tmp_path / "recording.json"
    live(api, tmp_path).record(path)
    for written in (repr(found), path.read_text()):
        assert CANARY not in written
        assert base64.b64encode(CANARY.encode()).decode() not in written


def test_what_the_operator_leaves_out_is_not_asked_for(api: Standin, tmp_path: Path) -> None:
    api.serve(SECRETS, "Secret", secret())
    found = live(api, tmp_path, left_out=frozenset({"Secret", "apps/Deployment"})).snapshot()
    assert api.queries(SECRETS) == api.queries(DEPLOYMENTS) == []
    assert [(entry.kind, entry.left_out) for entry in found.unread] == [
        ("Secret", True),
        ("Deployment", True),
    ]


@pytest.mark.parametrize("name", ["r.json", "r.json.gz"])
def test_a_recording_is_what_would_have_been_compared(api: Standin, tmp_path: Path, name: str) -> None:
    api.serve(SECRETS, "Secret", secret())
    api.always[DEPLOYMENTS] = status(403, "no")
    path = tmp_path / name
    told = live(api, tmp_path, cluster="prod").record(path)
    assert told.objects == ()
    again = read_snapshot(path, digest=digest)
    direct = live(api, tmp_path, cluster="prod").snapshot()
    assert again.objects == direct.objects
    assert (again.cluster, again.kinds, again.listed, again.unread) == (
        "prod", direct.kinds, direct.listed, direct.unread,
    )  # fmt: skip
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".")] == []


def test_a_list_that_breaks_leaves_nothing_in_a_recording(api: Standin, tmp_path: Path) -> None:
    api.next(MAPS, None, status(410), None, *[status(503)] * 10)
    path = tmp_path / "r.json"
    live(api, tmp_path).record(path)
    again = read_snapshot(path, digest=digest)
    assert [str(entry.id) for entry in again.objects] == ["apps/Deployment shop/web"]
    assert [entry.kind for entry in again.unread] == ["ConfigMap"]


def test_a_recording_that_fails_leaves_what_was_there(api: Standin, tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text("before")
    api.always["/version"] = status(401)
    with pytest.raises(ClusterError):
        live(api, tmp_path).record(path)
    assert path.read_text() == "before"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["r.json", "test.kubeconfig"]
    with pytest.raises(SnapshotError, match="cannot be written"):
        live(api, tmp_path).record(tmp_path / "nowhere" / "r.json")
