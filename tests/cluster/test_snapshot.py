"""Reading snapshots: the product's own format, what kubectl prints, and what is neither."""

from __future__ import annotations

import base64
import gc
import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from auditor.cluster.snapshot import read_snapshot, write_snapshot
from auditor.errors import SnapshotError


def digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), key=b"0123456789abcdef", digest_size=8).hexdigest()


def other_digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), key=b"another-key-here", digest_size=8).hexdigest()


def config_map(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "shop"},
        **fields,
    }


DEPLOYMENT = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}}
SECRET = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {
        "name": "db",
        "namespace": "shop",
        "annotations": {
            "kubectl.kubernetes.io/last-applied-configuration": '{"stringData":{"password":"hunter2"}}',
            "owner": "team",
        },
    },
    "data": {"password": base64.b64encode(b"hunter2").decode(), "broken": "no base64!", "empty": ""},
    "stringData": {"extra": "hunter2"},
}


def listed(*items: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": list(items)}


def saved(tmp_path: Path, *documents: Any, zipped: bool = False) -> Path:
    data = "\n".join(json.dumps(document, indent=2) for document in documents).encode()
    path = tmp_path / "snapshot.json"
    path.write_bytes(gzip.compress(data) if zipped else data)
    return path


@pytest.mark.parametrize("zipped", [False, True])
def test_a_kubectl_list_names_its_kinds_as_complete(tmp_path: Path, zipped: bool) -> None:
    path = saved(tmp_path, listed(config_map("a"), DEPLOYMENT), zipped=zipped)
    found = read_snapshot(path, digest=digest, cluster="prod")
    assert found.kinds == {("", "ConfigMap"), ("apps", "Deployment")}
    assert [str(live.id) for live in found.objects] == ["ConfigMap shop/a", "apps/Deployment shop/web"]
    assert {live.cluster for live in found.objects} == {"prod"}
    assert found.taken_at is None


def test_several_lists_in_one_file_are_one_snapshot(tmp_path: Path) -> None:
    path = saved(tmp_path, listed(config_map("a")), listed(DEPLOYMENT), config_map("b"))
    found = read_snapshot(path, digest=digest)
    assert [live.id.name for live in found.objects] == ["a", "web", "b"]
    assert found.kinds == {("", "ConfigMap"), ("apps", "Deployment")}


def test_one_object_says_nothing_about_others_of_its_kind(tmp_path: Path) -> None:
    found = read_snapshot(saved(tmp_path, config_map("a")), digest=digest)
    assert len(found.objects) == 1
    assert found.kinds == frozenset()


def test_a_typed_list_gives_its_items_their_kind(tmp_path: Path) -> None:
    item = {"metadata": {"name": "a", "namespace": "shop"}}
    path = saved(tmp_path, {"apiVersion": "v1", "kind": "ConfigMapList", "items": [item]})
    assert read_snapshot(path, digest=digest).kinds == {("", "ConfigMap")}


def test_no_secret_value_is_left(tmp_path: Path) -> None:
    found = read_snapshot(saved(tmp_path, listed(SECRET)), digest=digest).objects[0].manifest
    marker = "auditor-redacted:secret:"
    assert found["data"] == {
        "password": marker + digest("hunter2"),
        "broken": marker + digest("no base64!"),
        "empty": "",
    }
    assert found["stringData"] == {"extra": marker + digest("hunter2")}
    assert found["metadata"]["annotations"] == {"owner": "team"}
    assert "hunter2" not in json.dumps(found)


def test_a_given_redaction_is_put_to_every_object(tmp_path: Path) -> None:
    path = saved(tmp_path, listed(config_map("a", data={"k": "v"}), SECRET))
    seen = []

    def redact(manifest: Any) -> Any:
        seen.append((manifest["kind"], sorted(manifest["metadata"].get("annotations", {}))))
        return {**manifest, "data": "gone"}

    found = read_snapshot(path, digest=digest, redact=redact)
    assert [live.manifest["data"] for live in found.objects] == ["gone", "gone"]
    assert seen == [("ConfigMap", []), ("Secret", ["owner"])]


@pytest.mark.parametrize("name", ["own.json", "own.json.gz"])
def test_the_own_format_comes_back_as_it_was_written(tmp_path: Path, name: str) -> None:
    first = read_snapshot(saved(tmp_path, listed(DEPLOYMENT, SECRET)), digest=digest, cluster="prod")
    path = tmp_path / name
    write_snapshot(first, path, digest=digest)
    again = read_snapshot(path, digest=digest)
    assert sorted(map(str, (live.id for live in again.objects))) == sorted(
        map(str, (live.id for live in first.objects))
    )
    assert {str(live.id): live.manifest for live in again.objects} == {
        str(live.id): live.manifest for live in first.objects
    }
    assert (again.cluster, again.kinds) == ("prod", first.kinds)
    before = path.read_bytes()
    write_snapshot(again, path, digest=digest)
    assert path.read_bytes() == before


def test_digests_of_another_key_are_marked(tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    write_snapshot(read_snapshot(saved(tmp_path, listed(SECRET)), digest=digest), path, digest=digest)
    found = read_snapshot(path, digest=other_digest).objects[0].manifest
    assert found["data"]["password"] == "auditor-redacted:other-key:" + digest("hunter2")


def test_the_own_format_s_head_is_read(tmp_path: Path) -> None:
    head = {
        "format": "auditor-snapshot/v1",
        "cluster": "prod",
        "taken_at": "2026-09-01T12:00:00Z",
        "kubernetes_version": "v1.37.2",
        "kinds": [{"group": "batch", "kind": "Job"}],
        "items": [DEPLOYMENT],
    }
    found = read_snapshot(saved(tmp_path, head), digest=digest)
    assert found.taken_at is not None
    assert found.taken_at.isoformat() == "2026-09-01T12:00:00+00:00"
    assert found.kinds == {("batch", "Job")}, "what it does not name as complete is not complete"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"kind: List\n", "is not JSON at line 1, column 1"),
        (b'{"items": [}', "is not JSON at line 1"),
        (b"[1]", "a JSON object should stand here"),
        (b'{"kind": "List", "items": {}}', "`items` is no list"),
        (b'{"kind": "List", "items": [{"kind": "Pod"}]}', "item 0 has no apiVersion, kind or metadata.name"),
        (b'{"kind": "List", "items": [7]}', "item 0 has no apiVersion"),
        (b'{"format": "auditor-snapshot/v9", "items": []}', "format 'auditor-snapshot/v9'"),
        (b'{"format": "auditor-snapshot/v1", "items": []}', "`kinds` is no list"),
        (b'{"format": "auditor-snapshot/v1", "kinds": [], "taken_at": "noon", "items": []}', "is no time"),
        (
            b'{"format": "auditor-snapshot/v1", "kinds": [], "unread": [1], "items": []}',
            "`unread` is no list",
        ),
        (
            b'{"format": "auditor-snapshot/v1", "kinds": [], "listed": [{}], "items": []}',
            "`listed` does not say",
        ),
        (b"\x1f\x8b\x08\x00broken", "is damaged"),
        (b"\xff\xfe{}", "is not JSON"),
    ],
)
def test_what_is_no_snapshot_is_refused_and_says_where(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "snapshot.json"
    path.write_bytes(content)
    with pytest.raises(SnapshotError, match="snapshot") as caught:
        read_snapshot(path, digest=digest)
    assert message in caught.value.message
    assert gc.isenabled()


def test_a_gzip_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(b" " * 5_000_000))
    with pytest.raises(SnapshotError, match="larger than 1,000,000 bytes"):
        read_snapshot(path, digest=digest, max_bytes=1_000_000)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match=r"nowhere\.json"):
        read_snapshot(tmp_path / "nowhere.json", digest=digest)
