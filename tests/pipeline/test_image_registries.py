"""`auditor images --resolve` against registries on this machine: digests, signatures, failures, and what is kept."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from histories.audits import Audit
from histories.builder import History
from manifests.helm_trees import TOOLS
from pipeline.chart_servers import MANIFEST, Server, push, registry, serving
from typer.testing import CliRunner

from auditor.cli.main import app
from auditor.pipeline.fetching.addresses import Allowed
from auditor.pipeline.fetching.images import ImageRegistries, ask_registries
from auditor.pipeline.fetching.web import Web
from auditor.store.images import RegistryFact

REGISTRY = shutil.which("registry") or next(
    (str(TOOLS / name) for name in ["registry"] if (TOOLS / name).is_file()), ""
)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ALLOWED = Allowed(plain_http=True, private=True)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as opened:
        yield opened


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with registry(Path(REGISTRY), tmp_path_factory.mktemp("registry")) as opened:
        yield opened


def asked(host: str, repository: str, reference: str) -> RegistryFact:
    with Web(ALLOWED, retry_wait_s=0.01) as web:
        return ImageRegistries(web, plain_http=True).ask(host, repository, reference, NOW)


needs_registry = pytest.mark.skipif(not REGISTRY, reason="the registry is not there")


@pytest.mark.needs_registry
@needs_registry
def test_a_real_registry(host: str) -> None:
    digest = push(host, "acme/web", "1", b"one")
    fact = asked(host, "acme/web", "1")
    assert (fact.digest, fact.signed, fact.evidence, fact.failure) == (digest, False, "", "")
    assert asked(host, "acme/web", digest).digest == digest
    assert asked(host, "acme/web", "none") == RegistryFact(host, "acme/web", "none", "", None, "", "", NOW)
    push(host, "acme/web", f"{digest.replace(':', '-')}.sig", b"signature")
    fact = asked(host, "acme/web", "1")
    assert (fact.signed, fact.evidence) == (True, "tag")


@pytest.mark.needs_registry
@needs_registry
def test_a_signature_that_refers_to_the_image(host: str) -> None:
    digest = push(host, "acme/referred", "1", b"two")
    other = push(host, "acme/referred", "2", b"three")
    index = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [
            {"mediaType": MANIFEST, "digest": other, "size": len(_manifest(host, "acme/referred", other)),
             "artifactType": "application/vnd.dev.sigstore.bundle.v0.3+json"}
        ],
    }  # fmt: skip
    address = f"http://{host}/v2/acme/referred/manifests/{digest.replace(':', '-')}"
    httpx2.put(
        address,
        content=json.dumps(index).encode(),
        headers={"Content-Type": index["mediaType"]},
        trust_env=False,
    ).raise_for_status()
    fact = asked(host, "acme/referred", "1")
    assert (fact.signed, fact.evidence) == (True, "referrers")


def _manifest(host: str, repository: str, digest: str) -> bytes:
    address = f"http://{host}/v2/{repository}/manifests/{digest}"
    return httpx2.get(address, headers={"Accept": MANIFEST}, trust_env=False).content


@pytest.mark.needs_registry
@needs_registry
def test_the_command_asks_only_when_told_and_keeps_the_answers(
    host: str, story: History, audit: Audit
) -> None:
    digest = push(host, "acme/shop", "1", b"one")
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web"},
        "spec": {"containers": [{"name": "web", "image": f"{host}/acme/shop:1"}]},
    }
    story.commit("one", {"a.yaml": json.dumps(pod)})
    audit.scan()
    command = ["images", "--db", str(audit.database), "--format", "json"]

    def told(*more: str) -> dict[str, object]:
        result = CliRunner().invoke(app, [*command, *more], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        [image] = json.loads(result.stdout)["images"]
        return dict(image)

    assert told()["digest_now"] is None
    assert told("--resolve", "--allow-http", "--allow-private")["digest_now"] == digest
    assert told()["signed"] is False
    told("--resolve", "--allow-http", "--allow-private")
    [(count,)] = audit.rows("SELECT count(*) FROM registry_facts")
    assert count == 1, "the answer of an hour ago is not asked for again"


def test_a_private_address_is_not_asked(server: Server) -> None:
    host = server.url.removeprefix("http://")
    with Web(Allowed(plain_http=True), retry_wait_s=0.01) as web:
        fact = ImageRegistries(web, plain_http=True).ask(host, "a/b", "1", NOW)
    assert "not a public one" in fact.failure
    assert (fact.digest, fact.signed) == ("", None)
    assert server.asked == []


def test_a_digest_that_is_not_the_contents_is_a_failure(server: Server) -> None:
    server.replies["/v2/a/b/manifests/1"] = (200, {"Docker-Content-Digest": "sha256:" + "0" * 64}, b"{}")
    assert "is not what its digest says" in asked(server.url.removeprefix("http://"), "a/b", "1").failure


def test_what_is_known_is_not_asked_again() -> None:
    class Nobody(ImageRegistries):
        def __init__(self) -> None:
            self.questions: list[str] = []

        def ask(self, registry: str, repository: str, reference: str, now: datetime) -> RegistryFact:
            self.questions.append(reference)
            return RegistryFact(registry, repository, reference, "", None, "", "", now)

    def fact(reference: str, hours: int, failure: str = "") -> RegistryFact:
        return RegistryFact("r", "a", reference, "", None, "", failure, NOW - timedelta(hours=hours))

    known = {
        ("r", "a", one.reference): one for one in (fact("1", 1), fact("2", 30), fact("3", 1, "it was down"))
    }
    nobody = Nobody()
    references = [("r", "a", tag, "") for tag in ("1", "2", "3", "")]
    list(ask_registries(references, nobody, known=known, now=lambda: NOW, max_age=timedelta(hours=24)))
    assert nobody.questions == ["2", "3", "latest"]
