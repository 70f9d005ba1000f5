"""One audit event: is it a write of an object, was it carried out, and what of it is kept.

Format: `audit.k8s.io/v1`, https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from auditor.cluster.auditlog.fields import written_fields
from auditor.model import AuditEvent, WrittenField

API_VERSION = "audit.k8s.io/v1"
COMPLETE = "ResponseComplete"
STAGES = frozenset({"RequestReceived", "ResponseStarted", COMPLETE, "Panic"})
WRITES = frozenset({"create", "update", "patch", "delete", "deletecollection"})

_CONNECTING = frozenset(
    {"attach", "binding", "exec", "finalize", "log", "portforward", "proxy", "status", "token"}
)
"""Subresources through which nothing that git could declare is written."""

_QUESTIONS = frozenset({"authentication.k8s.io", "authorization.k8s.io"})
"""Groups whose objects are questions to the API server, created and never kept."""

_NOISE = frozenset({("coordination.k8s.io", "leases"), ("", "events"), ("events.k8s.io", "events")})
_MUTATION = "mutation.webhook.admission.k8s.io/"
_FIRST_YEAR, _LAST_YEAR = 2000, 9000
"""Times beyond can be no API server's, and leave no room to reckon with."""

_LONGEST = 512
"""Texts that clients choose are cut at this many characters."""

_MOST_LISTED = 64


def events_of(line: bytes) -> Iterator[Mapping[str, Any]]:
    """The events of one line: one, or those of an EventList. Raises ValueError, saying what is wrong."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"no JSON: {error}") from error
    if not isinstance(value, dict):
        raise ValueError("no JSON object")
    version, kind = value.get("apiVersion"), value.get("kind")
    if version != API_VERSION:
        raise ValueError(f"its apiVersion is {_cut(version)!r} and not {API_VERSION}")
    if kind == "EventList" and isinstance(value.get("items"), list):
        for item in value["items"]:
            yield _checked(item)
    elif kind == "Event":
        yield _checked(value)
    else:
        raise ValueError(f"its kind is {_cut(kind)!r} and not Event")


def _checked(event: Any) -> Mapping[str, Any]:
    if not isinstance(event, dict):
        raise ValueError("an event that is no JSON object")
    for name in ("auditID", "verb", "stage", "requestURI"):
        if not isinstance(event.get(name), str) or not event[name]:
            raise ValueError(f"an event without {name}")
    if event["stage"] not in STAGES:
        raise ValueError(f"an event of the unknown stage {_cut(event['stage'])!r}")
    time_of(event)
    return event


def time_of(event: Mapping[str, Any]) -> datetime:
    """When the stage of the event was reached. Raises ValueError."""
    return _time(event, "stageTimestamp" if event.get("stageTimestamp") else "requestReceivedTimestamp")


def _time(event: Mapping[str, Any], name: str) -> datetime:
    try:
        at = datetime.fromisoformat(str(event.get(name)))
    except ValueError:
        raise ValueError(f"an event whose {name} is no time") from None
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise ValueError(f"an event whose {name} is of the year {at.year}")
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def is_object_write(event: Mapping[str, Any]) -> bool:
    """True for a request that writes an object which git could declare, or a part of one."""
    ref = event.get("objectRef")
    if event["verb"] not in WRITES or not isinstance(ref, dict) or not ref.get("resource"):
        return False
    group, resource = str(ref.get("apiGroup") or ""), str(ref["resource"])
    return (
        str(ref.get("subresource")) not in _CONNECTING
        and group not in _QUESTIONS
        and (group, resource) not in _NOISE
        and not _is_dry_run(event)
    )


def address_of(event: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Group, resource, namespace and name of the object that is written, '' where the log does not say."""
    ref, response = event["objectRef"], _mapping(event.get("responseObject"))
    name = ref.get("name")
    if not name and event["verb"] == "create":
        name = _mapping(response.get("metadata")).get("name")
    return _cut(ref.get("apiGroup")), _cut(ref.get("resource")), _cut(ref.get("namespace")), _cut(name)


def is_done(event: Mapping[str, Any]) -> bool:
    """True where the API server completed the request with success."""
    code = _mapping(event.get("responseStatus")).get("code")
    return event["stage"] == COMPLETE and isinstance(code, int) and 200 <= code < 300


def _is_dry_run(event: Mapping[str, Any]) -> bool:
    """By the address, or by the body's DeleteOptions, where kubectl puts it when it deletes."""
    body = event.get("requestObject")
    options = body.get("dryRun") if isinstance(body, dict) and event["verb"].startswith("delete") else None
    return bool(options) or "All" in _query(event).get("dryRun", ())


def write_of(event: Mapping[str, Any], place: str, digest: Callable[[str], str]) -> AuditEvent:
    """What is kept of a completed write; bodies are reduced here and go no further. Raises ValueError."""
    ref, query = event["objectRef"], _query(event)
    group, resource, namespace, name = address_of(event)
    request, response = event.get("requestObject"), _mapping(event.get("responseObject"))
    answered = _mapping(response.get("metadata"))
    subresource = _cut(ref.get("subresource"))
    user, acted = _mapping(event.get("user")), _mapping(event.get("impersonatedUser"))
    code = int(_mapping(event.get("responseStatus"))["code"])
    return AuditEvent(
        audit_id=_cut(event["auditID"]),
        verb=event["verb"],
        group=group,
        resource=resource,
        subresource=subresource,
        kind="" if subresource else _kind(response) or _kind(_mapping(request)),
        namespace=namespace,
        name=name,
        selector=_cut(" ".join(f"{name}={','.join(query[name])}" for name in _SELECTORS if name in query)),
        user=_cut(user.get("username")),
        groups=_texts(user.get("groups")),
        impersonated=_cut(acted.get("username")),
        impersonated_groups=_texts(acted.get("groups")),
        user_agent=_cut(event.get("userAgent")),
        source_ips=_texts(event.get("sourceIPs")),
        field_manager=_cut(query.get("fieldManager", ("",))[0]),
        level=_cut(event.get("level")),
        code=code,
        received_at=_time(event, "requestReceivedTimestamp"),
        completed_at=time_of(event),
        uid=_cut(answered.get("uid") or ref.get("uid") or _details(event).get("uid")),
        resource_version=_cut(answered.get("resourceVersion")),
        fields=_REPLICAS
        if request is None and subresource == "scale"
        else _fields(event["verb"], request, (group, resource) == ("", "secrets"), digest),
        whole=event["verb"] in ("create", "update") and not subresource,
        created=code == 201 and not subresource,
        webhooks=_webhooks(_mapping(event.get("annotations"))),
        place=place,
    )


_REPLICAS = (WrittenField(path=("spec", "replicas"), digest=""),)
"""What a write of `scale` sets, whether the log keeps its body or not."""

_SELECTORS = ("labelSelector", "fieldSelector")


def _fields(
    verb: str, body: Any, is_secret: bool, digest: Callable[[str], str]
) -> tuple[WrittenField, ...] | None:
    if body is None or verb.startswith("delete"):
        return None
    try:
        return written_fields(body, is_secret=is_secret, digest=digest)
    except (ValueError, RecursionError):
        return None  # who wrote, and when, is still known


def _kind(body: Mapping[str, Any]) -> str:
    kind = body.get("kind")
    return _cut(kind) if isinstance(kind, str) and kind not in ("Status", "DeleteOptions", "Scale") else ""


def _query(event: Mapping[str, Any]) -> dict[str, list[str]]:
    try:
        return parse_qs(urlsplit(event["requestURI"]).query, max_num_fields=_MOST_LISTED)
    except ValueError:
        return {}


def _webhooks(annotations: Mapping[str, Any]) -> tuple[str, ...]:
    """Mutating webhooks that changed the request: `configuration/webhook` of each, in the order of their calls."""
    found = []
    for name in sorted(key for key in annotations if isinstance(key, str) and key.startswith(_MUTATION)):
        try:
            said = orjson.loads(annotations[name])
        except (orjson.JSONDecodeError, TypeError):
            continue
        if isinstance(said, dict) and said.get("mutated") is True:
            found.append(_cut(f"{said.get('configuration', '')}/{said.get('webhook', '')}"))
    return tuple(found[:_MOST_LISTED])


def _details(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the answer to a deletion says about the object that is gone."""
    return _mapping(_mapping(event.get("responseStatus")).get("details"))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_cut(text) for text in value[:_MOST_LISTED]) if isinstance(value, list) else ()


def _cut(value: Any) -> str:
    text = value if isinstance(value, str) else "" if value is None else str(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
