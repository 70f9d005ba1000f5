"""What registries say of images now: the digest of a tag, and whether a signature is there.

That a signature is there says nothing of whose it is: nothing is verified here. Signatures are looked for as cosign
writes them beside an image (the tag `sha256-<digest>.sig`) and among what refers to it (the referrers API, or the tag
`sha256-<digest>` where a registry has none): https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson

from auditor.errors import FetchError
from auditor.pipeline.fetching.web import Answer, Web
from auditor.store.images import RegistryFact

_MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
_MAX_BYTES = 4 * 1024 * 1024
_HOSTS = {"docker.io": "registry-1.docker.io"}
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
_SIGNATURES = re.compile(
    r"application/vnd\.dev\.(?:sigstore\.bundle|cosign\.)|application/vnd\.cncf\.notary\.signature"
)


class ImageRegistries:
    """Asks registries as anybody may, without a login. `plain_http` asks over HTTP."""

    def __init__(self, web: Web, *, plain_http: bool = False) -> None:
        self._web = web
        self._scheme = "http" if plain_http else "https"
        self._tokens: dict[str, str] = {}

    def ask(self, registry: str, repository: str, reference: str, now: datetime) -> RegistryFact:
        """What is known of a tag or digest. A registry that gives no answer is told in `failure`, never raised."""
        digest, signed, evidence, failure = "", None, "", ""
        try:
            digest = self._digest(registry, repository, reference)
            if digest:
                evidence = self._signature(registry, repository, digest)
                signed = evidence != ""
        except FetchError as error:
            failure = error.message
        return RegistryFact(registry, repository, reference, digest, signed, evidence, failure, now)

    def _digest(self, registry: str, repository: str, reference: str) -> str:
        """The digest of what the reference names now; '' where the registry has nothing of that name."""
        answer = self._get(registry, repository, f"manifests/{reference}")
        if answer.status == 404:
            return ""
        digest = f"sha256:{hashlib.sha256(answer.body).hexdigest()}"
        for said in (reference, answer.headers.get("docker-content-digest", "")):
            if _DIGEST.fullmatch(said) and said != digest:
                raise FetchError(f"what {registry} gives for {repository} is not what its digest says")
        return digest

    def _signature(self, registry: str, repository: str, digest: str) -> str:
        tag = digest.replace(":", "-")
        if self._get(registry, repository, f"manifests/{tag}.sig").status == 200:
            return "tag"
        answer = self._get(registry, repository, f"referrers/{digest}")
        if answer.status == 404:
            answer = self._get(registry, repository, f"manifests/{tag}")
        if answer.status == 404:
            return ""
        entries = _object(answer).get("manifests")
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and _SIGNATURES.match(str(entry.get("artifactType", ""))):
                return "referrers"
        return ""

    def _get(self, registry: str, repository: str, what: str) -> Answer:
        base = f"{self._scheme}://{_HOSTS.get(registry, registry)}/v2/{repository}"
        headers = {"Accept": _MANIFESTS}
        if base in self._tokens:
            headers["Authorization"] = f"Bearer {self._tokens[base]}"
        answer = self._web.get(f"{base}/{what}", max_bytes=_MAX_BYTES, headers=headers, accept=(401, 404))
        if answer.status != 401:
            return answer
        self._tokens[base] = self._token(answer, repository)
        headers["Authorization"] = f"Bearer {self._tokens[base]}"
        return self._web.get(f"{base}/{what}", max_bytes=_MAX_BYTES, headers=headers, accept=(404,))

    def _token(self, refused: Answer, repository: str) -> str:
        challenge = refused.headers.get("www-authenticate", "")
        facts = dict(_CHALLENGE.findall(challenge))
        if not challenge.lower().startswith("bearer ") or "realm" not in facts:
            raise FetchError(f"{repository} wants a login", hint="auditor asks without one")
        asked = {"service": facts.get("service", ""), "scope": f"repository:{repository}:pull"}
        query = urlencode({key: value for key, value in asked.items() if value})
        found = _object(self._web.get(f"{facts['realm']}?{query}", max_bytes=_MAX_BYTES))
        token = found.get("token") or found.get("access_token")
        if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
            raise FetchError(f"{repository} is not for anybody", hint="auditor asks without a login")
        return token


def ask_registries(
    references: Iterable[tuple[str, str, str, str]],
    registries: ImageRegistries,
    *,
    known: Mapping[tuple[str, str, str], RegistryFact],
    now: Callable[[], datetime],
    max_age: timedelta,
) -> Iterator[RegistryFact]:
    """New facts of (registry, repository, tag, digest): of the tag where there is one (none is `latest`), else of the
    digest. What is known and not older than `max_age` is not asked again, failures are."""
    asked: set[tuple[str, str, str]] = set()
    for registry, repository, tag, digest in references:
        for reference in dict.fromkeys((tag or ("" if digest else "latest"), digest)):
            key = (registry, repository, reference)
            fact = known.get(key)
            fresh = fact is not None and not fact.failure and now() - fact.observed_at <= max_age
            if reference and key not in asked and not fresh:
                asked.add(key)
                yield registries.ask(registry, repository, reference, now())


def _object(answer: Answer) -> dict[str, Any]:
    try:
        value = orjson.loads(answer.body)
    except orjson.JSONDecodeError as error:
        raise FetchError(f"{answer.url[:200]} did not answer with JSON") from error
    if not isinstance(value, dict):
        raise FetchError(f"{answer.url[:200]} did not answer with an object")
    return value
