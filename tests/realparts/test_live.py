"""A real API server, read: what reaches it, as whom, and what is said when it is stopped, killed or says no."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from realparts.cluster_server import Cluster, cluster_of, needs_cluster, start_cluster, wait_until
from realparts.shared_parts import Processes, end

from auditor.assets import asset_folder
from auditor.cluster.live.accounts import KubeconfigContext
from auditor.cluster.live.cluster import LiveCluster, Reading
from auditor.cluster.live.limits import Limits
from auditor.model import Snapshot
from auditor.pipeline.live import NOT_READ

EVERYTHING = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [{"level": "Metadata"}],
}
READER = "system:serviceaccount:auditor:auditor"
CANARY = "live-" + "canary-81c3"
QUICK = Limits(connect_s=2, read_s=3, patience_s=5, attempts=2, retry_wait_s=0.05)


@dataclass(frozen=True)
class Own:
    """A cluster that a test may do anything to."""

    cluster: Cluster
    store: str
    processes: Processes

    @property
    def etcd(self) -> subprocess.Popen[bytes]:
        return self.processes[0]

    @property
    def api_server(self) -> subprocess.Popen[bytes]:
        return self.processes[1]


def started(folder: Path, *options: str) -> Iterator[Own]:
    processes = Processes()
    try:
        facts = start_cluster(folder, processes, audit_policy=EVERYTHING, options=options)
        yield Own(cluster_of(facts), facts["store"], processes)
    finally:
        end(processes)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    yield from started(tmp_path_factory.mktemp("live"))


@pytest.fixture
def doomed(tmp_path: Path) -> Iterator[Own]:
    (tmp_path / "doomed").mkdir()
    yield from started(tmp_path / "doomed")


@pytest.fixture(scope="module")
def reader(own: Own) -> Own:
    """The cluster with the roles that ship, Secrets included."""
    for name in ("reader.yaml", "secrets.yaml"):
        own.cluster.kubectl("apply", "-f", str(asset_folder("data") / "rbac" / name))
    return own


def token(own: Own, *, ends_in_s: float = 3600) -> str:
    """A token of the shipped service account, signed with the cluster's own key."""
    account = own.cluster.get("/api/v1/namespaces/auditor/serviceaccounts/auditor")
    now = time.time()
    claims = {
        "iss": "https://cluster.example.com",
        "aud": ["https://cluster.example.com"],
        "sub": READER,
        "iat": int(now) - 600,
        "nbf": int(now) - 600,
        "exp": int(now + ends_in_s),
        "kubernetes.io": {
            "namespace": "auditor",
            "serviceaccount": {"name": "auditor", "uid": account["metadata"]["uid"]},
        },
    }
    signed = ".".join(_packed(json.dumps(part).encode()) for part in ({"alg": "RS256", "typ": "JWT"}, claims))
    key = serialization.load_pem_private_key((own.cluster.folder / "sa.key").read_bytes(), None)
    return f"{signed}.{_packed(key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def _packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def kubeconfig(own: Own, folder: Path, user: Mapping[str, Any], *, name: str = "live", **server: Any) -> Path:
    """One context; the server's certificate is checked unless `server` says otherwise."""
    authority = own.cluster.folder / "certificates" / "apiserver.crt"
    cluster = {"server": own.cluster.url, "certificate-authority": str(authority), **server}
    path = folder / f"{name}.kubeconfig"
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": name, "user": dict(user)}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
    }
    path.write_text(json.dumps(document))
    return path


def digest(text: str) -> str:
    return "0" * 16


def taken(path: Path, limits: Limits = QUICK, **more: Any) -> Snapshot:
    reading = Reading(digest=digest, limits=limits, skipped=NOT_READ, **more)
    return LiveCluster(KubeconfigContext("", [path]), reading).snapshot()


def auditor(folder: Path, *arguments: str | Path, code: int) -> tuple[str, str]:
    """What the command prints, on both streams."""
    done = subprocess.run(
        [sys.executable, "-m", "auditor", *map(str, arguments)],
        capture_output=True,
        cwd=folder,
        env={"HOME": str(folder), "PATH": os.environ.get("PATH", "")},
        timeout=120,
    )
    words = done.stdout.decode(), done.stderr.decode()
    assert done.returncode == code, words
    return words


def events(own: Own, user: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in own.cluster.audit_log.read_text().splitlines()]
    return [event for event in found if event["user"]["username"] == user]


def config_map(name: str, **data: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "default"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def many(own: Own, count: int, prefix: str) -> None:
    items = [config_map(f"{prefix}-{number:03}", n=str(number)) for number in range(count)]
    given = {"apiVersion": "v1", "kind": "List", "items": items}
    own.cluster.kubectl("apply", "--server-side", "-f", "-", given=given)


@needs_cluster
def test_the_shipped_roles_are_enough_and_only_reads_reach_the_server(reader: Own, tmp_path: Path) -> None:
    path = kubeconfig(reader, tmp_path, {"token": token(reader)})
    (tmp_path / "declared").mkdir()
    told, _ = auditor(tmp_path, "doctor", "--context", "live", "--kubeconfig", path, code=0)
    assert "MISSING" not in told
    auditor(tmp_path, "snapshot", "--context", "live", "--kubeconfig", path, "-o", "s.json.gz", code=0)
    (tmp_path / "declared" / "a.yaml").write_text(yaml.safe_dump(config_map("none")))
    auditor(tmp_path, "drift", "declared", "--context", "live", "--kubeconfig", path, code=1)
    seen = events(reader, READER)
    assert {event["verb"] for event in seen} <= {"get", "list", "watch"}
    listed = {event["objectRef"]["resource"] for event in seen if event["verb"] == "list"}
    assert {"configmaps", "secrets", "deployments", "roles", "customresourcedefinitions"} <= listed
    assert not listed & {"events", "leases", "endpointslices"}
    assert {event["responseStatus"]["code"] for event in seen} == {200}


@needs_cluster
def test_without_the_role_for_secrets_they_are_unknown_and_named(reader: Own, tmp_path: Path) -> None:
    reader.cluster.kubectl("delete", "clusterrolebinding", "auditor-reader-secrets")
    path = kubeconfig(reader, tmp_path, {"token": token(reader)})
    try:
        wait_until(lambda: bool(taken(path).unread), lambda: "Secrets can still be listed")
        found = taken(path)
        assert [(entry.kind, entry.reason[:3]) for entry in found.unread] == [("Secret", "403")]
        told, _ = auditor(tmp_path, "doctor", "--context", "live", "--kubeconfig", path, code=3)
        assert [line.split(": ")[0] for line in told.splitlines() if "MISSING" in line] == [
            "MISSING  list secrets (v1)"
        ]
        auditor(tmp_path, "doctor", "--context", "live", "--kubeconfig", path, "--without", "Secret", code=0)
    finally:
        reader.cluster.kubectl("apply", "-f", str(asset_folder("data") / "rbac" / "secrets.yaml"))


@needs_cluster
def test_the_role_that_doctor_prints_lets_custom_resources_be_read(reader: Own, tmp_path: Path) -> None:
    names = {"kind": "Teapot", "listKind": "TeapotList", "plural": "teapots", "singular": "teapot"}
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "teapots.example.org"},
        "spec": {"group": "example.org", "names": names, "scope": "Namespaced", "versions": [version]},
    }
    pot = {
        "apiVersion": "example.org/v1",
        "kind": "Teapot",
        "metadata": {"name": "blue", "namespace": "default"},
        "spec": {"tea": "oolong"},
    }
    reader.cluster.kubectl("apply", "-f", "-", given=definition)
    reader.cluster.kubectl("wait", "--for=condition=Established", "crd/teapots.example.org", "--timeout=60s")
    reader.cluster.kubectl("apply", "-f", "-", given=pot)
    path = kubeconfig(reader, tmp_path, {"token": token(reader)})
    try:
        assert [(entry.group, entry.kind) for entry in taken(path).unread] == [("example.org", "Teapot")]
        roles, _ = auditor(tmp_path, "doctor", "--context", "live", "--kubeconfig", path, "--rbac", code=3)
        (tmp_path / "roles.yaml").write_text(roles)
        reader.cluster.kubectl("apply", "-f", str(tmp_path / "roles.yaml"))
        wait_until(lambda: not taken(path).unread, lambda: str(taken(path).unread))
        (found,) = (entry for entry in taken(path).objects if entry.id.kind == "Teapot")
        assert found.manifest["spec"] == {"tea": "oolong"}
    finally:
        reader.cluster.kubectl("delete", "crd", "teapots.example.org")


@needs_cluster
def test_what_is_read_is_what_the_server_has(reader: Own, tmp_path: Path) -> None:
    many(reader, 25, "same")
    path = kubeconfig(reader, tmp_path, {"token": token(reader)})
    found = taken(path, Limits(page_items=10))
    assert found.unread == ()
    assert found.remarks == (), "the server's certificate was checked"
    for kind, address in (
        ("ConfigMap", "/api/v1/configmaps"),
        ("ClusterRole", "/apis/rbac.authorization.k8s.io/v1/clusterroles"),
    ):
        theirs = {
            (item["metadata"].get("namespace"), item["metadata"]["name"]): item
            for item in reader.cluster.get(address)["items"]
        }
        ours = {
            (entry.id.namespace or None, entry.id.name): entry.manifest
            for entry in found.objects
            if entry.id.kind == kind
        }
        assert ours.keys() == theirs.keys()
        assert all(manifest.items() >= theirs[name].items() for name, manifest in ours.items())
    listed = {entry.kind: entry for entry in found.listed}
    assert listed["ConfigMap"].resource_version.isdigit()


@needs_cluster
def test_a_certificate_of_somebody_else_is_refused(reader: Own, cluster: Cluster, tmp_path: Path) -> None:
    other = cluster.folder / "certificates" / "apiserver.crt"
    path = kubeconfig(reader, tmp_path, {"token": "secret-token"}, **{"certificate-authority": str(other)})
    _, said = auditor(tmp_path, "doctor", "--context", "live", "--kubeconfig", path, code=3)
    assert "certificate" in said
    assert "secret-token" not in said


@needs_cluster
def test_live_and_recorded_give_the_same_and_no_secret_is_written(reader: Own, tmp_path: Path) -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "db", "namespace": "default"},
        "stringData": {"password": CANARY},
    }
    reader.cluster.kubectl("apply", "-f", "-", given=secret)
    reader.cluster.kubectl("apply", "-f", "-", given=config_map("colours", web="blue"))
    (tmp_path / "declared").mkdir()
    wanted = [config_map("colours", web="green"), {**secret, "stringData": {"password": "another"}}]
    (tmp_path / "declared" / "all.yaml").write_text(yaml.safe_dump_all(wanted))
    path = kubeconfig(reader, tmp_path, {"token": token(reader)}, name="prod")
    context = ("--context", "prod", "--kubeconfig", path)
    auditor(tmp_path, "snapshot", *context, "-o", "s.json", code=0)
    json_format = ("--format", "json")
    direct, _ = auditor(tmp_path, "drift", "declared", *context, *json_format, code=1)
    recorded, _ = auditor(tmp_path, "drift", "declared", "--snapshot", "s.json", *json_format, code=1)
    assert json.loads(direct) == json.loads(recorded)
    found = {entry["name"]: entry for entry in json.loads(direct)["drift"] if entry["pointer"]}
    assert found["colours"]["live"] == '"blue"'
    assert (found["colours"]["cluster"], found["colours"]["verdict"]) == ("prod", "unauthorised")
    assert found["db"]["verdict"] == "unauthorised"
    written = direct + (tmp_path / "s.json").read_text()
    assert CANARY not in written
    assert base64.b64encode(CANARY.encode()).decode() not in written


@needs_cluster
def test_what_may_not_be_listed_is_neither_deleted_nor_in_order(reader: Own, tmp_path: Path) -> None:
    """Cem may list ConfigMaps, Services and Deployments, and nothing else."""
    (tmp_path / "declared").mkdir()
    account = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "gone", "namespace": "default"},
    }
    declared = [config_map("not-there"), account]
    (tmp_path / "declared" / "all.yaml").write_text(yaml.safe_dump_all(declared))
    path = kubeconfig(reader, tmp_path, {"token": reader.cluster.tokens["cem@example.com"]})
    told, _ = auditor(
        tmp_path, "drift", "declared", "--context", "live", "--kubeconfig", path, "--format", "json", code=3
    )
    document = json.loads(told)
    assert [
        (entry["name"], entry["verdict"]) for entry in document["drift"] if entry["verdict"] == "deleted"
    ] == [("not-there", "deleted")]
    assert document["summary"]["compared"] == 1
    (unknown,) = (entry for entry in document["unknown"] if entry["name"] == "gone")
    assert "could not be read: 403" in unknown["reason"]
    assert any(
        "ServiceAccount could not be read: 403" in reason for reason in document["summary"]["incomplete"]
    )


@needs_cluster
def test_several_clusters_at_once(reader: Own, cluster: Cluster, tmp_path: Path) -> None:
    kubeconfig(reader, tmp_path, {"token": token(reader)}, name="one")
    other = json.loads(cluster.kubeconfig().read_text())
    other["contexts"][0]["name"] = "two"
    (tmp_path / "two.kubeconfig").write_text(json.dumps(other).replace('"current-context": "test", ', ""))
    both = tmp_path / "both"
    both.mkdir()
    first = json.loads((tmp_path / "one.kubeconfig").read_text())
    merged = {**first, **{key: first[key] + other[key] for key in ("clusters", "users", "contexts")}}
    (both / "config").write_text(json.dumps(merged))
    contexts = ("--context", "one", "--context", "two", "--kubeconfig", both / "config")
    auditor(tmp_path, "snapshot", *contexts, "-o", "recorded", code=0)
    assert sorted(path.name for path in (tmp_path / "recorded").iterdir()) == ["one.json.gz", "two.json.gz"]
    (tmp_path / "declared").mkdir()
    (tmp_path / "declared" / "a.yaml").write_text(yaml.safe_dump(config_map("in-neither")))
    told, _ = auditor(tmp_path, "drift", "declared", *contexts, "--format", "json", code=1)
    document = json.loads(told)
    deleted = [entry["cluster"] for entry in document["drift"] if entry["verdict"] == "deleted"]
    assert deleted == ["one", "two"]
    assert [entry["compared"] for entry in document["summary"]["clusters"]] == [1, 1]


@pytest.fixture
def forgetful(tmp_path: Path) -> Iterator[Own]:
    """An API server that keeps no old state in its own memory, so that only the store can go on with a list."""
    (tmp_path / "forgetful").mkdir()
    yield from started(tmp_path / "forgetful", "--watch-cache=false")


@needs_cluster
def test_a_list_whose_state_was_compacted_away_is_read_anew(forgetful: Own, tmp_path: Path) -> None:
    many(forgetful, 30, "old")
    path = kubeconfig(forgetful, tmp_path, {"token": forgetful.cluster.tokens["kubernetes-admin"]})
    counts: list[int] = []

    def on_page(kind: Any, count: int) -> None:
        if kind.kind == "ConfigMap":
            counts.append(count)
            if len(counts) == 1:
                many(forgetful, 30, "new")
                compact(forgetful.store)

    found = taken(path, Limits(page_items=10), on_page=on_page)
    read = [
        entry.id.name
        for entry in found.objects
        if (entry.id.kind, entry.id.namespace) == ("ConfigMap", "default")
    ]
    assert found.unread == ()
    assert counts[:2] == [10, 10], "the second page could not follow on the first"
    expired = [
        event
        for event in events(forgetful, "kubernetes-admin")
        if event["verb"] == "list" and event["responseStatus"]["code"] == 410
    ]
    assert len(expired) == 1
    wanted = {f"{prefix}-{number:03}" for prefix in ("old", "new") for number in range(30)}
    assert wanted <= set(read)
    assert len(read) == len(set(read)), "nothing is counted twice"


def compact(store: str) -> None:
    """Makes etcd forget everything but its present state."""
    with httpx2.Client(base_url=store, timeout=30) as client:
        revision = client.post("/v3/kv/range", json={"key": _key("/")}).json()["header"]["revision"]
        client.post("/v3/kv/compaction", json={"revision": revision, "physical": True}).raise_for_status()


def _key(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@needs_cluster
def test_a_store_that_is_paused_leaves_everything_unknown(reader: Own, tmp_path: Path) -> None:
    path = kubeconfig(reader, tmp_path, {"token": token(reader)})
    whole = taken(path)
    assert whole.unread == ()
    reader.etcd.send_signal(signal.SIGSTOP)
    try:
        found = taken(path)
    finally:
        reader.etcd.send_signal(signal.SIGCONT)
    read = {(entry.group, entry.kind) for entry in found.listed}
    lost = {(entry.group, entry.kind) for entry in found.unread}
    assert read | lost == {(entry.group, entry.kind) for entry in whole.listed}
    assert not read & lost
    assert lost, "no kind can be read consistently while the store does not answer"
    assert {(entry.id.group, entry.id.kind) for entry in found.objects} <= read
    wait_until(lambda: not taken(path).unread, lambda: "the cluster did not come back", 60)


@needs_cluster
def test_a_token_that_expires_in_the_middle(reader: Own, tmp_path: Path) -> None:
    many(reader, 30, "aged")
    # The server forgives a minute, and remembers a token that was good for ten seconds.
    short = token(reader, ends_in_s=-56)
    path = kubeconfig(reader, tmp_path, {"token": short})

    def on_page(kind: Any, count: int) -> None:
        if (kind.kind, count) == ("ConfigMap", 10):
            headers = {"Authorization": f"Bearer {short}"}
            with httpx2.Client(verify=False) as client:
                wait_until(
                    lambda: client.get(f"{reader.cluster.url}/version", headers=headers).status_code == 401,
                    lambda: "the token does not expire",
                )

    found = taken(path, Limits(page_items=10), on_page=on_page)
    reasons = {entry.kind: entry.reason for entry in found.unread}
    assert reasons["ConfigMap"].startswith("401")
    assert reasons["Deployment"].startswith("not asked any more after ConfigMap: 401")
    assert not [entry for entry in found.objects if entry.id.kind == "ConfigMap"]


@needs_cluster
def test_a_server_that_is_killed_in_the_middle(doomed: Own, tmp_path: Path) -> None:
    many(doomed, 30, "lost")
    doomed.cluster.kubectl("apply", "-f", "-", given=config_map("first"))
    path = kubeconfig(doomed, tmp_path, {"token": doomed.cluster.tokens["kubernetes-admin"]})
    killed: list[str] = []

    def on_page(kind: Any, count: int) -> None:
        if (kind.kind, count) == ("ConfigMap", 20) and not killed:
            killed.append(kind.kind)
            doomed.api_server.kill()
            doomed.api_server.wait()

    found = taken(
        path, Limits(page_items=10, connect_s=2, patience_s=3, attempts=2, retry_wait_s=0.05), on_page=on_page
    )
    assert killed
    assert [entry for entry in found.objects if entry.id.kind == "ConfigMap"] == []
    assert ("", "ConfigMap") not in found.kinds
    reasons = {entry.kind: entry.reason for entry in found.unread}
    assert "gave no whole answer" in reasons["ConfigMap"]
    assert "not asked any more" in reasons["Deployment"]
