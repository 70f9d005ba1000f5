"""Charts in OCI registries: tags, manifests and blobs by the distribution specification 1.1, without a login."""

from __future__ import annotations

import hashlib
import re
from typing import Any
from urllib.parse import urlencode, urljoin

import orjson

from auditor.errors import FetchError
from auditor.manifests.rendering.archives import MAX_ARCHIVE_BYTES
from auditor.manifests.rendering.chart_cache import ChartRef
from auditor.manifests.rendering.versions import best_of, is_exact, range_of
from auditor.pipeline.fetching.repositories import Download
from auditor.pipeline.fetching.web import Answer, Web

_MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
)
_CHART = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
_ARCHIVES = ("application/tar+gzip", "application/vnd.oci.image.layer.v1.tar+gzip")
_MAX_JSON_BYTES = 8 * 1024 * 1024
_MAX_PAGES = 200
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_NAME = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*")
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
_NEXT = re.compile(r'<([^<>]*)>\s*;[^,]*\brel="?next"?')
_HUB = {"docker.io": "registry-1.docker.io", "index.docker.io": "registry-1.docker.io"}


class OciRegistries:
    """Asks registries. `plain_http` asks them over HTTP: for registries on one's own machine."""

    def __init__(self, web: Web, *, plain_http: bool = False) -> None:
        self._web = web
        self._scheme = "http" if plain_http else "https"
        self._tokens: dict[str, str] = {}

    def fetch(self, wanted: ChartRef) -> Download:
        """The chart by tag, digest, or the newest version in a range. Raises FetchError."""
        host, _, path = wanted.repository.removeprefix("oci://").partition("/")
        name = f"{path}/{wanted.name}".lstrip("/")
        if not host or not _NAME.fullmatch(name):
            raise FetchError(f"{wanted.repository}/{wanted.name} is no name in a registry", hint="correct it")
        base = f"{self._scheme}://{_HUB.get(host, host)}/v2/{name}"
        reference = self._reference(base, wanted)
        answer = self._get(f"{base}/manifests/{reference}", _MAX_JSON_BYTES, accept=_MANIFESTS)
        digest = f"sha256:{hashlib.sha256(answer.body).hexdigest()}"
        for said in (
            reference if _DIGEST.fullmatch(reference) else "",
            answer.headers.get("docker-content-digest", ""),
        ):
            if said and said != digest:
                raise FetchError(
                    f"the manifest of {wanted} is not what its digest says", hint="it was not stored"
                )
        layer = _layer(_json(answer), wanted)
        content = self._get(f"{base}/blobs/{layer}", MAX_ARCHIVE_BYTES).body
        if f"sha256:{hashlib.sha256(content).hexdigest()}" != layer:
            raise FetchError(
                f"{wanted} is not what its manifest says: its digest differs", hint="it was not stored"
            )
        tags = () if _DIGEST.fullmatch(reference) else (reference,)
        return Download(
            version="" if _DIGEST.fullmatch(reference) else reference.replace("_", "+"),
            content=content,
            tags=tags,
            manifest=digest,
        )

    def _reference(self, base: str, wanted: ChartRef) -> str:
        """A tag or digest; tags cannot hold `+`, for which Helm writes `_`."""
        version = wanted.version
        if _DIGEST.fullmatch(version) or is_exact(version) or (version and not _is_range(version)):
            return version.replace("+", "_")
        tags = {tag.replace("_", "+"): tag for tag in self._tags(base)}
        best = best_of(tags, version)
        if best is None:
            raise FetchError(f"the registry has no such version: {wanted}", hint="correct it")
        return tags[best]

    def _tags(self, base: str) -> list[str]:
        url, tags = f"{base}/tags/list", []
        for _ in range(_MAX_PAGES):
            answer = self._get(url, _MAX_JSON_BYTES)
            found = _json(answer).get("tags")
            tags += [tag for tag in found if isinstance(tag, str)] if isinstance(found, list) else []
            following = _NEXT.search(answer.headers.get("link", ""))
            if following is None:
                return tags
            url = urljoin(answer.url, following[1])
            if not url.startswith(f"{base}/tags/list"):
                raise FetchError(
                    f"the tags of {base} go on elsewhere: {url[:200]}", hint="it was not followed"
                )
        raise FetchError(f"{base} gives tags without end")

    def _get(self, url: str, max_bytes: int, *, accept: str = "application/json") -> Answer:
        """An answer, with a token for anybody where the registry wants one."""
        headers = {"Accept": accept}
        repository = url.partition("/manifests/")[0].partition("/blobs/")[0].partition("/tags/")[0]
        if repository in self._tokens:
            headers["Authorization"] = f"Bearer {self._tokens[repository]}"
        answer = self._web.get(url, max_bytes=max_bytes, headers=headers, accept=(401,))
        if answer.status != 401:
            return answer
        self._tokens[repository] = self._token(answer, repository)
        headers["Authorization"] = f"Bearer {self._tokens[repository]}"
        return self._web.get(url, max_bytes=max_bytes, headers=headers)

    def _token(self, refused: Answer, repository: str) -> str:
        challenge = refused.headers.get("www-authenticate", "")
        facts = dict(_CHALLENGE.findall(challenge))
        if not challenge.lower().startswith("bearer ") or "realm" not in facts:
            raise FetchError(
                f"{repository} wants a login",
                hint="auditor asks without one: keep the chart in the repository",
            )
        name = repository.partition("/v2/")[2]
        asked = {
            "service": facts.get("service", ""),
            "scope": facts.get("scope") or f"repository:{name}:pull",
        }
        url = f"{facts['realm']}?{urlencode({key: value for key, value in asked.items() if value})}"
        found = _json(self._web.get(url, max_bytes=_MAX_JSON_BYTES))
        token = found.get("token") or found.get("access_token")
        if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
            raise FetchError(
                f"{facts['realm'][:200]} gives no token to anybody", hint="the chart is not public"
            )
        return token


def _is_range(version: str) -> bool:
    from auditor.errors import RenderError

    try:
        range_of(version)
    except RenderError:
        return False
    return True


def _layer(manifest: dict[str, Any], wanted: ChartRef) -> str:
    layers = manifest.get("layers")
    found = [layer for layer in layers if isinstance(layer, dict)] if isinstance(layers, list) else []
    for kinds in ((_CHART,), _ARCHIVES):
        for layer in found:
            if layer.get("mediaType") in kinds:
                digest = str(layer.get("digest", ""))
                size = layer.get("size")
                if not _DIGEST.fullmatch(digest):
                    raise FetchError(f"{wanted}: auditor checks sha256 digests alone, not {digest[:100]}")
                if isinstance(size, int) and size > MAX_ARCHIVE_BYTES:
                    raise FetchError(f"{wanted} is larger than {MAX_ARCHIVE_BYTES} bytes")
                return digest
    raise FetchError(f"{wanted} is no chart: its manifest has no layer of one", hint="is the address right?")


def _json(answer: Answer) -> dict[str, Any]:
    try:
        value = orjson.loads(answer.body)
    except orjson.JSONDecodeError as error:
        raise FetchError(f"{answer.url[:200]} did not answer with JSON") from error
    if not isinstance(value, dict):
        raise FetchError(f"{answer.url[:200]} did not answer with an object")
    return value
