"""`auditor fetch-charts` against servers on this machine: what it stores, and what it refuses."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from manifests.helm_trees import (
    CHART,
    TOOLS,
    helm_program,
    helm_release,
    helm_repository,
    in_repository,
    packaged,
    source,
)
from pipeline.chart_servers import Server, index, push, registry, serving

from auditor.errors import FetchError
from auditor.manifests.rendering.chart_cache import ChartCache, ChartRef
from auditor.pipeline.charts import FetchedChart, FetchRequest, fetch_charts
from auditor.pipeline.fetching.addresses import Allowed
from auditor.pipeline.fetching.web import Web
from auditor.settings import Settings

REGISTRY = shutil.which("registry") or next(
    (str(TOOLS / name) for name in ["registry"] if (TOOLS / name).is_file()), ""
)
ALLOWED = Allowed(plain_http=True, private=True)


def chart(version: str, name: str = "app", **more: str) -> bytes:
    about = CHART["Chart.yaml"].replace("1.2.3", version).replace("name: app", f"name: {name}")
    return packaged({**CHART, "Chart.yaml": about, **more}, name)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as opened:
        yield opened


def fetched(tmp_path: Path, files: dict[str, str], **changes: Any) -> list[FetchedChart]:
    for path, text in files.items():
        (tmp_path / "tree" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / path).write_text(text)
    allowed = changes.pop("allowed", ALLOWED)
    with Web(allowed, retry_wait_s=0.001) as web:
        request = FetchRequest(
            location=str(tmp_path / "tree"),
            database=tmp_path / "state" / "audit.duckdb",
            settings=Settings(),
            folder=tmp_path / "charts",
            allowed=allowed,
            **changes,
        )
        return fetch_charts(request, web=web)


def of_repository(server: Server, version: str = "1.x") -> dict[str, str]:
    return {
        "a/repository.yaml": helm_repository(f"{server.url}/charts"),
        "a/web.yaml": helm_release(chart=in_repository(version=version)),
    }


def offer(server: Server, *versions: str) -> None:
    packages = {version: chart(version) for version in versions}
    listed = [("app", version, content, f"app-{version}.tgz") for version, content in packages.items()]
    server.replies["/charts/index.yaml"] = (200, {}, index(*listed))
    for version, content in packages.items():
        server.replies[f"/charts/app-{version}.tgz"] = (200, {}, content)


def test_a_repositorys_chart_is_stored_with_its_digest(tmp_path: Path, server: Server) -> None:
    offer(server, "1.2.3", "1.9.0", "2.0.0")
    (found,) = fetched(tmp_path, of_repository(server))
    assert (found.state, found.version, found.asked, found.message) == ("fetched", "1.9.0", "1.x", "")
    cache = ChartCache(tmp_path / "charts")
    kept = cache.find(ChartRef(f"{server.url}/charts", "app", "1.9.0"))
    assert cache.content(kept) == chart("1.9.0")


def test_what_is_there_is_not_fetched_again_unless_that_is_asked_for(tmp_path: Path, server: Server) -> None:
    offer(server, "1.2.3")
    fetched(tmp_path, of_repository(server))
    offer(server, "1.2.3", "1.5.0")
    server.asked.clear()
    (found,) = fetched(tmp_path, of_repository(server))
    assert (found.state, found.version, server.asked) == ("there", "1.2.3", [])
    (found,) = fetched(tmp_path, of_repository(server), update=True)
    assert (found.state, found.version) == ("fetched", "1.5.0")
    (found,) = fetched(tmp_path, of_repository(server, "1.2.3"), update=True)
    assert found.state == "there"


def test_a_package_that_is_not_what_the_index_says_is_not_stored(tmp_path: Path, server: Server) -> None:
    offer(server, "1.2.3")
    server.replies["/charts/app-1.2.3.tgz"] = (200, {}, chart("1.2.3", more="x"))
    (found,) = fetched(tmp_path, of_repository(server))
    assert found.state == "failed"
    assert "digest differs" in found.message
    assert list((tmp_path / "charts").rglob("*.tgz")) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"no chart", "cannot be unpacked"),
        (chart("1.2.3", name="other"), "is another chart"),
        (chart("7.7.7"), "says that it is version '7.7.7'"),
    ],
)
def test_a_package_that_is_another_is_not_stored(
    tmp_path: Path, server: Server, content: bytes, reason: str
) -> None:
    server.replies["/charts/index.yaml"] = (200, {}, index(("app", "1.2.3", content, "app.tgz")))
    server.replies["/charts/app.tgz"] = (200, {}, content)
    (found,) = fetched(tmp_path, of_repository(server))
    assert found.state == "failed"
    assert reason in found.message
    assert list((tmp_path / "charts").rglob("*.tgz")) == []


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ((404, {}, b""), "answered 404"),
        ((403, {}, b""), "wants a login"),
        ((503, {}, b""), "answered 503"),
        ((200, {}, b"<html>"), "is no index of charts"),
        ((302, {"Location": "/charts/index.yaml"}, b""), "redirected again and again"),
        ((302, {"Location": "file:///etc/passwd"}, b""), "is not fetched"),
    ],
)
def test_a_repository_that_does_not_answer_is_named(
    tmp_path: Path, server: Server, reply: tuple[int, dict[str, str], bytes], reason: str
) -> None:
    server.replies["/charts/index.yaml"] = reply
    (found,) = fetched(tmp_path, of_repository(server))
    assert found.state == "failed"
    assert reason in found.message


def test_one_that_fails_for_a_moment_is_asked_again(tmp_path: Path, server: Server) -> None:
    offer(server, "1.2.3")
    whole = server.replies["/charts/index.yaml"]
    answers: Iterator[Any] = iter([(500, {}, b""), (503, {}, b""), whole])
    server.replies["/charts/index.yaml"] = lambda _: next(answers)
    (found,) = fetched(tmp_path, of_repository(server))
    assert found.state == "fetched"


@pytest.mark.parametrize(
    ("allowed", "reason"),
    [
        (Allowed(private=True), "--allow-http"),
        (Allowed(plain_http=True), "--allow-private"),
    ],
)
def test_what_was_not_allowed_is_not_asked(
    tmp_path: Path, server: Server, allowed: Allowed, reason: str
) -> None:
    offer(server, "1.2.3")
    (found,) = fetched(tmp_path, of_repository(server), allowed=allowed)
    assert found.state == "failed"
    assert reason in found.message
    assert server.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
        "::1", "fe80::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "224.0.0.1",
    ],
)  # fmt: skip
def test_addresses_of_ones_own_network_are_not_asked(address: str) -> None:
    with pytest.raises(FetchError, match="not a public one"):
        Allowed().check_peer("charts.acme.test", address)


@pytest.mark.parametrize("address", ["140.82.121.33", "2606:50c0:8000::154"])
def test_public_addresses_are_asked(address: str) -> None:
    Allowed().check_peer("charts.acme.test", address)


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://a.test/x", "https://", "https://user:word@a.test/x", "https://[::1", "x"],
)
def test_other_addresses_are_none(url: str) -> None:
    with pytest.raises(FetchError):
        Allowed(private=True, plain_http=True).check(url)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with registry(Path(REGISTRY), tmp_path_factory.mktemp("registry")) as opened:
        yield opened


needs_registry = pytest.mark.skipif(not REGISTRY, reason="the registry is not there")


@pytest.mark.needs_registry
@needs_registry
@pytest.mark.parametrize(
    ("ref", "version"),
    [
        ({"tag": "1.2.3"}, "1.2.3"),
        ({"semver": ">=1.0 <2"}, "1.4.0+build.7"),
        ({"semver": "*"}, "2.0.0"),
        ({"tag": "stable"}, "2.0.0"),
        ({"digest": "the digest"}, "1.2.3"),
    ],
)
def test_a_real_registry(tmp_path: Path, host: str, ref: dict[str, str], version: str) -> None:
    digest = push(host, "acme/charts/app", "1.2.3", chart("1.2.3"))
    push(host, "acme/charts/app", "1.4.0_build.7", chart("1.4.0+build.7"))
    push(host, "acme/charts/app", "2.0.0", chart("2.0.0"))
    push(host, "acme/charts/app", "stable", chart("2.0.0"))
    ref = {key: digest if value == "the digest" else value for key, value in ref.items()}
    files = {
        "a/source.yaml": source("OCIRepository", "app", url=f"oci://{host}/acme/charts/app", ref=ref),
        "a/web.yaml": helm_release(chartRef={"kind": "OCIRepository", "name": "app"}),
    }
    (found,) = fetched(tmp_path, files)
    assert (found.state, found.version) == ("fetched", version), found.message
    (again,) = fetched(tmp_path, files)
    assert (again.state, again.version) == ("there", version)


@pytest.mark.needs_registry
@needs_registry
def test_what_a_registry_does_not_have_is_named(tmp_path: Path, host: str) -> None:
    push(host, "acme/charts/app", "1.2.3", chart("1.2.3"))
    files = {
        "a/repository.yaml": helm_repository(f"oci://{host}/acme/charts", type="oci"),
        "a/web.yaml": helm_release("web", chart=in_repository(version="9.9.9")),
        "a/range.yaml": helm_release("range", chart=in_repository(version=">50")),
        "a/none.yaml": helm_release("none", chart=in_repository("nothing", version="1.0.0")),
    }
    found = fetched(tmp_path, files)
    assert {entry.state for entry in found} == {"failed"}
    assert len(found) == 3


def test_a_registry_that_gives_tokens_to_anybody(tmp_path: Path, server: Server) -> None:
    """As public registries do: 401 with a challenge, a token from elsewhere, then the answer."""
    import hashlib

    content = chart("1.2.3")
    layer = f"sha256:{hashlib.sha256(content).hexdigest()}"
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "layers": [
                {
                    "mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
                    "digest": layer,
                    "size": 1,
                }
            ],
        }
    ).encode()
    challenge = f'Bearer realm="{server.url}/token",service="reg",scope="repository:acme/app:pull"'

    def guarded(body: bytes) -> Any:
        def reply(login: str) -> tuple[int, dict[str, str], bytes]:
            return (200, {}, body) if login == "Bearer word" else (401, {"WWW-Authenticate": challenge}, b"")

        return reply

    server.replies["/token"] = (200, {}, b'{"token": "word"}')
    server.replies["/v2/acme/app/manifests/1.2.3"] = guarded(manifest)
    server.replies[f"/v2/acme/app/blobs/{layer}"] = guarded(content)
    host = server.url.removeprefix("http://")
    files = {
        "a/repository.yaml": helm_repository(f"oci://{host}/acme", type="oci"),
        "a/web.yaml": helm_release(chart=in_repository(version="1.2.3")),
    }
    (found,) = fetched(tmp_path, files)
    assert (found.state, found.message) == ("fetched", "")
    assert ("/token?service=reg&scope=repository%3Aacme%2Fapp%3Apull", "") in server.asked


def test_a_login_is_not_sent_to_another_server(server: Server) -> None:
    with serving() as other, Web(ALLOWED, retry_wait_s=0.001) as web:
        other.replies["/x"] = (200, {}, b"there")
        server.replies["/x"] = (307, {"Location": f"{other.url}/x"}, b"")
        assert (
            web.get(f"{server.url}/x", max_bytes=10, headers={"Authorization": "Bearer word"}).body
            == b"there"
        )
        assert other.asked == [("/x", "")]
        with pytest.raises(FetchError, match="larger than 3 bytes"):
            web.get(f"{other.url}/x", max_bytes=3)


def test_what_charts_of_the_repository_depend_on_is_fetched_too(tmp_path: Path, server: Server) -> None:
    offer(server, "1.2.3")
    parent = (
        "apiVersion: v2\nname: parent\nversion: 0.1.0\ndependencies:\n"
        f"  - {{name: app, version: 1.x.x, repository: '{server.url}/charts'}}\n"
    )
    (found,) = fetched(tmp_path, {"charts/parent/Chart.yaml": parent})
    assert (found.name, found.state, found.version) == ("app", "fetched", "1.2.3")


@pytest.mark.needs_helm
@pytest.mark.skipif(helm_program() is None, reason="helm is not there")
def test_what_a_chart_asks_for_once_it_is_rendered_is_fetched_too(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(TOOLS), prepend=os.pathsep)
    bringing = {"templates/more.yaml": helm_release("more", chart=in_repository("other", "1.0.0"))}
    listed = [
        ("app", "1.2.3", chart("1.2.3", **bringing), "app.tgz"),
        ("other", "1.0.0", chart("1.0.0", name="other"), "other.tgz"),
    ]
    server.replies["/charts/index.yaml"] = (200, {}, index(*listed))
    for _, _, content, url in listed:
        server.replies[f"/charts/{url}"] = (200, {}, content)
    found = fetched(tmp_path, of_repository(server))
    assert [(entry.name, entry.state) for entry in found] == [("app", "fetched"), ("other", "fetched")]
