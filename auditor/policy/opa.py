"""The OPA engine: asks an OPA server through `opa-python-client`, a batch a request."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import orjson
import requests
from opa_client.errors import DeletePolicyError, RegoParseError
from opa_client.opa import OpaClient

from auditor.errors import ConfigurationError, EngineError, PolicyError
from auditor.policy.interface import (
    ENTRY_PATH,
    Answer,
    EngineGoneError,
    EngineSlowError,
    GivenUp,
    Item,
    answer_all,
    opa_body,
)

if TYPE_CHECKING:
    from auditor.policy.interface import OpaAddress
    from auditor.policy.library import Library

REQUEST_SECONDS = 30.0
"""Time limit of a batch; the client's own default of 1.5 s is too short for 500 documents."""

_MODULE_PREFIX = "auditor/"
_IMPORT = re.compile(r"^import data\.([\w.]+)", re.MULTILINE)


def split_url(url: str) -> tuple[str, int, bool]:
    """(host, port, TLS) of an OPA server's URL; ConfigurationError where it is none."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in ("http", "https") or not parts.hostname or port == -1 or parts.path.strip("/"):
        raise ConfigurationError(
            f"{url!r} is not the URL of an OPA server", hint="like http://127.0.0.1:8181, without a path"
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return host, port or (443 if parts.scheme == "https" else 80), parts.scheme == "https"


class BatchClient(OpaClient):  # type: ignore[misc]
    """`opa-python-client` with what batches need: ready-made bytes, OPA's own error text, no proxy."""

    @classmethod
    def at(cls, address: OpaAddress, *, timeout: float = REQUEST_SECONDS) -> BatchClient:
        """A client of the server at an address. One client serves one thread."""
        host, port, tls = split_url(address.url)
        client = cls(host=host, port=port, ssl=tls, token=address.token, timeout=timeout, retries=0)
        # A proxy from the environment must not see manifests, least of all those for loopback.
        client._session.trust_env = False
        return client

    def post_data(self, path: str, body: bytes) -> Any:
        """The document at a path for an input given as JSON bytes; None where it is undefined."""
        try:
            response = self._session.post(
                f"{self.root_url}/data/{path}",
                data=b'{"input":%b}' % body,
                headers={"Content-Type": "application/json"},
                timeout=self.timeout,
                allow_redirects=False,
            )
        except requests.Timeout as error:
            raise EngineSlowError(f"OPA did not answer within {self.timeout:g} s") from error
        except requests.RequestException as error:
            raise EngineGoneError(f"the OPA server cannot be reached: {_reason(error)}") from error
        if response.status_code in (401, 403):
            raise EngineGoneError(f"the OPA server refuses us (HTTP {response.status_code})")
        if response.status_code != 200:
            raise EngineError(f"OPA failed: {_opa_message(response)}")
        try:
            answer = orjson.loads(response.content)
        except orjson.JSONDecodeError as error:
            raise EngineError("OPA answered something that is not JSON") from error
        return answer.get("result")

    def about(self) -> dict[str, Any] | None:
        """{"digest", "version"} of the rules and the server, None where our rules are not in it."""
        found = self.post_data("auditor_entry/about", b"{}")
        return found if isinstance(found, dict) else None

    def replace_modules(self, modules: Mapping[str, str]) -> None:
        """Make the server hold these modules under our prefix, and none of earlier ones."""
        wanted = {_MODULE_PREFIX + name: modules[name] for name in _imported_first(modules)}
        try:
            self._put(wanted)
            present = [name for name in self.get_policies_list() if name.startswith(_MODULE_PREFIX)]
            # Rules go before the library that they import, as long as one does.
            for name in sorted(set(present) - set(wanted), key=lambda name: "/lib/" in name):
                self.delete_policy(quote(name))
        except (RegoParseError, DeletePolicyError) as error:
            raise PolicyError(f"the OPA server refuses the rules: {error}") from error
        except requests.RequestException as error:
            raise EngineError(
                f"the rules could not be put into the OPA server: {_reason(error)}",
                hint="the token needs to be allowed to read and write /v1/policies",
            ) from error

    def _put(self, modules: Mapping[str, str]) -> None:
        """Puts each module, and again after the others what the server refused: a package may be several files of
        which one calls what another defines, and OPA compiles after each. Raises what it refused at last."""
        left = dict(modules)
        while left:
            refused: dict[str, RegoParseError] = {}
            for name, text in left.items():
                try:
                    self.update_policy_from_string(text, quote(name), rego_compat=False)
                except RegoParseError as error:
                    refused[name] = error
            if len(refused) == len(left):
                raise next(iter(refused.values()))
            left = {name: left[name] for name in refused}


def version_at(address: OpaAddress) -> str:
    """The version of the server at an address that holds our rules. Raises EngineError."""
    client = BatchClient.at(address)
    try:
        about = client.about()
    finally:
        client.close_connection()
    if about is None:
        raise EngineError(f"the OPA server at {address.url} does not hold our rules")
    return str(about["version"])


class OpaEngine:
    """Asks one OPA server; the version is what the server says of itself."""

    name = "opa"

    def __init__(self, library: Library, address: OpaAddress, *, timeout: float = REQUEST_SECONDS) -> None:
        """Raises EngineError where the server does not hold exactly this library's rules."""
        self._client = BatchClient.at(address, timeout=timeout)
        self._given_up: GivenUp = {}
        try:
            about = self._client.about()
        except EngineError:
            self._client.close_connection()
            raise
        if about is None or about.get("digest") != library.digest:
            self._client.close_connection()
            raise EngineError(
                f"the OPA server at {address.url} does not hold these rules",
                hint="open an engine_session with the same policy folders",
            )
        self.version = str(about["version"])

    def evaluate(self, items: Sequence[Item]) -> list[Answer]:
        """One answer an item, in order."""
        return answer_all(self._ask, items, self._given_up)

    def close(self) -> None:
        """Close the connection; the server belongs to whoever started it."""
        self._client.close_connection()

    def _ask(self, items: Sequence[Item]) -> list[Mapping[str, Any]]:
        answers = self._client.post_data(ENTRY_PATH, opa_body(items))
        if not isinstance(answers, list) or len(answers) != len(items):
            raise EngineError("OPA gave no answer (the entry point is undefined)")
        return answers


def _imported_first(modules: Mapping[str, str]) -> list[str]:
    """The modules' names in an order in which OPA takes them: it refuses calls of functions it lacks."""
    packages = {name.removesuffix(".rego").replace("/", "."): name for name in modules}
    imports = {
        name: {packages[found] for found in _IMPORT.findall(text) if found in packages}
        for name, text in modules.items()
    }
    return list(TopologicalSorter(imports).static_order())


def _reason(error: Exception) -> str:
    return type(error).__name__


def _opa_message(response: requests.Response) -> str:
    try:
        body = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return f"HTTP {response.status_code}"
    errors = body.get("errors") or [body]
    texts = [str(entry.get("message", "")) for entry in errors if isinstance(entry, dict)]
    return "; ".join(filter(None, texts)) or f"HTTP {response.status_code}"
