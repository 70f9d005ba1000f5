"""As whom a cluster is asked: kubeconfigs, what they may not do, plugins that are ended, the account of a pod."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from cluster.api_standin import Standin, standin_server

from auditor.cluster.live.accounts import InCluster, KubeconfigContext, kubeconfig_files
from auditor.cluster.live.cluster import LiveCluster, Reading
from auditor.cluster.live.rights import examine_rights, roles_for
from auditor.errors import ClusterError, UsageError

V1 = "client.authentication.k8s.io/v1"


@pytest.fixture
def api() -> Iterator[Standin]:
    with standin_server() as standin:
        standin.serve("/api/v1/configmaps", "ConfigMap", {"metadata": {"name": "m", "namespace": "shop"}})
        yield standin


def read(account: Any) -> int:
    found = LiveCluster(account, Reading(digest=lambda text: "0" * 16)).snapshot()
    assert found.unread == ()
    return len(found.objects)


def sent(api: Standin) -> dict[str, str]:
    return api.asked[-1][3]


def plugin(folder: Path, body: str, name: str = "plugin") -> Path:
    path = folder / name
    path.write_text(f"#!{sys.executable}\nimport json, os, sys, time\n{body}\n")
    path.chmod(0o755)
    return path


def prints(status: Mapping[str, Any], version: str = V1) -> str:
    answer = {"apiVersion": version, "kind": "ExecCredential", "status": status}
    return f"print(json.dumps({answer!r}))"


def run(command: str | Path, **more: Any) -> dict[str, Any]:
    return {"exec": {"apiVersion": V1, "command": str(command), **more}}


def test_a_context_signs_in_with_its_token(api: Standin, tmp_path: Path) -> None:
    api.tokens = {"t0ken"}
    account = KubeconfigContext("test", [api.kubeconfig(tmp_path, {"token": "t0ken"})])
    assert read(account) == 1
    assert "t0ken" not in repr(account.access())


def test_a_password_signs_in(api: Standin, tmp_path: Path) -> None:
    read(KubeconfigContext("", [api.kubeconfig(tmp_path, {"username": "ann", "password": "pw"})]))
    assert sent(api)["Authorization"].startswith("Basic ")


def test_whom_a_context_impersonates_is_passed_on(api: Standin, tmp_path: Path) -> None:
    user = {"token": "good", "as": "viewer", "as-groups": ["readers"]}
    read(KubeconfigContext("", [api.kubeconfig(tmp_path, user)]))
    assert (sent(api)["Impersonate-User"], sent(api)["Impersonate-Group"]) == ("viewer", "readers")
    user["as-uid"] = "7"
    with pytest.raises(UsageError, match="impersonates with as-uid"):
        KubeconfigContext("", [api.kubeconfig(tmp_path, user)]).access()


def test_several_kubeconfigs_are_one(api: Standin, tmp_path: Path) -> None:
    first = api.kubeconfig(tmp_path, name="one")
    second = api.kubeconfig(tmp_path, name="two")
    assert KubeconfigContext("two", [first, second]).name == "two"
    assert KubeconfigContext("", [first, tmp_path / "missing"]).name == "one"
    with pytest.raises(UsageError, match="has no context 'three'") as caught:
        KubeconfigContext("three", [first, second])
    assert "one, two" in caught.value.hint


def test_where_a_kubeconfig_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert kubeconfig_files(None, {}) == (tmp_path / ".kube" / "config",)
    assert kubeconfig_files(None, {"KUBECONFIG": os.pathsep.join(["/a", "", "~/b"])}) == (
        Path("/a"), tmp_path / "b",
    )  # fmt: skip
    assert kubeconfig_files(Path("c"), {"KUBECONFIG": "/a"}) == (Path("c"),)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "cannot be read|file is empty"),
        ("[]", "cannot be read"),
        ("{", "cannot be read"),
        ("a: b", "no context"),
    ],
    ids=["empty", "list", "broken", "other"],
)
def test_what_is_no_kubeconfig_is_wrong_usage(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "config"
    path.write_text(content)
    with pytest.raises(UsageError, match=message):
        KubeconfigContext("", [path])
    with pytest.raises(UsageError, match="there is no kubeconfig"):
        KubeconfigContext("", [tmp_path / "missing"])


def test_a_kubeconfig_of_the_audited_repository_is_never_used(api: Standin, tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    (repo / "deep").mkdir(parents=True)
    inside = api.kubeconfig(repo / "deep")
    linked = tmp_path / "linked"
    linked.symlink_to(inside)
    outside = api.kubeconfig(tmp_path)
    for files in ([inside], [linked], [outside, inside]):
        with pytest.raises(UsageError, match="inside the audited repository"):
            KubeconfigContext("test", files, audited=repo)
    assert read(KubeconfigContext("test", [outside], audited=repo)) == 1


def test_a_plugin_of_the_audited_repository_is_never_run(api: Standin, tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    repo.mkdir()
    ran = tmp_path / "ran"
    program = plugin(repo, f"open({str(ran)!r}, 'w')")
    account = KubeconfigContext("", [api.kubeconfig(tmp_path, run(program))], audited=repo)
    with pytest.raises(UsageError, match=r"credential plugin .* inside the audited repository"):
        account.access()
    assert not ran.exists()


def test_a_plugin_signs_in_and_is_told_what_is_asked(api: Standin, tmp_path: Path) -> None:
    api.tokens = {"from-plugin"}
    seen = tmp_path / "seen"
    plugin(
        tmp_path,
        f"open({str(seen)!r}, 'w').write(json.dumps([os.environ['KUBERNETES_EXEC_INFO'], os.environ['EXTRA'], "
        f"sys.argv[1:], sys.stdin.read()]))\n{prints({'token': 'from-plugin'})}",
    )
    user = run("./plugin", args=["get-token"], env=[{"name": "EXTRA", "value": "e"}], provideClusterInfo=True)
    assert read(KubeconfigContext("", [api.kubeconfig(tmp_path, user)])) == 1
    information, extra, arguments, given = json.loads(seen.read_text())
    assert json.loads(information)["spec"] == {"interactive": False, "cluster": {"server": api.url}}
    assert (extra, arguments, given) == ("e", ["get-token"], "")


def test_no_exec_runs_nothing(api: Standin, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    program = plugin(tmp_path, f"open({str(ran)!r}, 'w')")
    account = KubeconfigContext("", [api.kubeconfig(tmp_path, run(program))], run_plugins=False)
    with pytest.raises(UsageError, match="--no-exec forbids it"):
        account.access()
    assert not ran.exists()


def test_a_plugin_that_hangs_is_ended_with_what_it_started(api: Standin, tmp_path: Path) -> None:
    child = tmp_path / "child"
    program = plugin(
        tmp_path,
        f"import subprocess\np = subprocess.Popen(['sleep', '300'])\nopen({str(child)!r}, 'w').write(str(p.pid))\n"
        "time.sleep(300)",
    )
    account = KubeconfigContext("", [api.kubeconfig(tmp_path, run(program))], plugin_time_s=2)
    began = time.monotonic()
    with pytest.raises(ClusterError, match="gave no answer within 2 s"):
        account.access()
    assert time.monotonic() - began < 20
    pid = int(child.read_text())
    until = time.monotonic() + 10
    while _is_running(pid):
        assert time.monotonic() < until, "what the plugin started still runs"
        time.sleep(0.05)


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("sys.stderr.write('sign in first\\n'); sys.exit(3)", "failed with 3: sign in first"),
        ("print('no json')", "gave no ExecCredential"),
        ("print('{}')", "gave no ExecCredential"),
        (prints({}), "neither token nor certificate"),
        (prints({"clientCertificateData": "x"}), "neither token nor certificate"),
        (prints({"token": "t"}, "client.authentication.k8s.io/v1beta1"), "asked was"),
    ],
    ids=["fails", "words", "empty", "nothing", "half", "version"],
)
def test_a_plugin_that_fails_says_why(api: Standin, tmp_path: Path, body: str, message: str) -> None:
    account = KubeconfigContext("", [api.kubeconfig(tmp_path, run(plugin(tmp_path, body)))])
    with pytest.raises(ClusterError, match=message):
        account.access()


def test_a_plugin_that_is_not_there_is_named(api: Standin, tmp_path: Path) -> None:
    user = run("no-such-plugin-here", installHint="get it from its vendor")
    with pytest.raises(UsageError, match="'no-such-plugin-here' is not on PATH") as caught:
        KubeconfigContext("", [api.kubeconfig(tmp_path, user)]).access()
    assert caught.value.hint == "get it from its vendor"


def test_an_auth_provider_runs_nothing(api: Standin, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    configuration = {"cmd-path": str(plugin(tmp_path, f"open({str(ran)!r}, 'w')"))}
    user = {"auth-provider": {"name": "gcp", "config": configuration}}
    with pytest.raises(UsageError, match="auth-provider"):
        KubeconfigContext("", [api.kubeconfig(tmp_path, user)]).access()
    assert not ran.exists()
    user = {"auth-provider": {"name": "oidc", "config": {"id-token": "oidc-token"}}}
    read(KubeconfigContext("", [api.kubeconfig(tmp_path, user)]))
    assert sent(api)["Authorization"] == "Bearer oidc-token"


def test_a_token_is_not_sent_over_http_to_another_machine(api: Standin, tmp_path: Path) -> None:
    api.url = "http://cluster.example.com"
    with pytest.raises(ClusterError, match="only https:// is asked"):
        KubeconfigContext("", [api.kubeconfig(tmp_path)]).access()


def test_a_certificate_that_is_not_checked_is_remarked(api: Standin, tmp_path: Path) -> None:
    api.url = "https://cluster.example.com"
    path = api.kubeconfig(tmp_path)
    document = json.loads(path.read_text())
    document["clusters"][0]["cluster"]["insecure-skip-tls-verify"] = True
    path.write_text(json.dumps(document))
    (remark,) = KubeconfigContext("", [path]).access().remarks
    assert "nothing proves which cluster answered" in remark


def test_the_account_of_a_pod(tmp_path: Path) -> None:
    token, authority = tmp_path / "token", tmp_path / "ca.crt"
    token.write_text("of-the-pod")
    authority.write_text("certificate")
    environment = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}
    account = InCluster(environment, token=token, authority=authority)
    access = account.access()
    assert access.server == "https://10.0.0.1:443"
    assert access.configuration.api_key["BearerToken"].lower() == "bearer of-the-pod"
    assert access.configuration.ssl_ca_cert == str(authority)
    token.write_text("renewed")
    assert account.access().configuration.api_key["BearerToken"].lower() == "bearer renewed"
    with pytest.raises(UsageError, match="no pod with a service account"):
        InCluster({}, token=token, authority=authority).access()


def test_rights_are_found_by_reading_and_bring_no_values(api: Standin, tmp_path: Path) -> None:
    from cluster.api_standin import status

    api.serve("/api/v1/secrets", "Secret")
    api.serve("/apis/apps/v1/deployments", "Deployment")
    api.always["/api/v1/secrets"] = status(403, "secrets is forbidden")
    found = examine_rights(KubeconfigContext("", [api.kubeconfig(tmp_path)]))
    assert [kind.kind for kind in found.readable] == ["ConfigMap", "Deployment"]
    assert [(kind.kind, reason) for kind, reason in found.refused] == [
        ("Secret", "403 (secrets is forbidden) to /api/v1/secrets")
    ]
    assert api.methods() == {"GET"}
    assert all(
        "as=PartialObjectMetadataList" in headers["Accept"] and query == {"limit": "1"}
        for _, path, query, headers in api.asked
        if path.count("/") > 2
    )
    roles = {
        role["metadata"]["name"]: role["rules"] for role in roles_for([*found.readable, found.refused[0][0]])
    }
    verbs = ["get", "list", "watch"]
    assert roles == {
        "auditor-reader": [
            {"apiGroups": [""], "resources": ["configmaps"], "verbs": verbs},
            {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": verbs},
        ],
        "auditor-reader-secrets": [{"apiGroups": [""], "resources": ["secrets"], "verbs": verbs}],
    }
