"""Holds what auditor says git declares against what a controller made of it in a cluster."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from realparts.cluster_server import Cluster

from auditor.manifests.documents import parse
from auditor.manifests.secrets import Redactor
from auditor.model import Document

REDACTOR = Redactor(b"realparts" * 4)
Identity = tuple[str, str, str, str]
"""group, kind, namespace and name."""

_BY_SERVER = ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "namespace")
_BY_FLUX = ("kustomize.toolkit.fluxcd.io/name", "kustomize.toolkit.fluxcd.io/namespace")
_BY_CONTROLLERS = ("deployment.kubernetes.io/revision",)
_ASSIGNED = {"Service": ("clusterIP", "clusterIPs")}
_HEADER = re.compile(r"^-- (\S+) --$", re.MULTILINE)


def read_case(path: Path, namespace: str) -> dict[str, str]:
    """The files of a case, by path: what follows each `-- path --` line, in a namespace of its own."""
    parts = _HEADER.split(path.read_text().replace("NAMESPACE", namespace))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def identity(document: Document) -> Identity:
    """What a document is called."""
    found = document.id
    return (found.group, found.kind, found.namespace, found.name)


def differences(
    cluster: Cluster, declared: Iterable[Document], applied: set[Identity], spare: str
) -> list[str]:
    """What is declared and not applied, applied and not declared, or other than declared.

    `spare` is a namespace in which the API server says what it would make of each declared manifest: nothing is
    compared by what looks alike, all of it after the server's own defaulting.
    """
    by_name = {identity(document): document for document in declared}
    found = [f"declared, not applied: {_said(entry)}" for entry in sorted(by_name.keys() - applied)]
    found += [f"applied, not declared: {_said(entry)}" for entry in sorted(applied - by_name.keys())]
    both = sorted(by_name.keys() & applied)
    plain = [entry for entry in both if entry[1] != "Secret"]
    expected = dict(zip(plain, defaulted(cluster, [by_name[entry] for entry in plain], spare), strict=True))
    for entry in both:
        live = _live(cluster, by_name[entry])
        if entry[1] == "Secret":
            found += _differing(entry, _secret(by_name[entry].manifest), _secret(live))
        else:
            found += _differing(entry, _compared(expected[entry]), _compared(live))
    return found


def _live(cluster: Cluster, document: Document) -> dict[str, Any]:
    """The live object, redacted as a declared one is."""
    found = cluster.find(*identity(document))
    assert found is not None, document.id
    (read,) = parse(found.encode(), redactor=REDACTOR).documents
    return dict(read.manifest)


def is_live(cluster: Cluster, entry: Identity) -> bool:
    """True where the cluster has that object."""
    return cluster.find(*entry) is not None


def defaulted(cluster: Cluster, documents: list[Document], spare: str) -> list[dict[str, Any]]:
    """What the API server would make of each if it were created. AssertionError for what it refuses."""
    if not documents:
        return []
    items = []
    for document in documents:
        if not document.namespace and cluster.is_namespaced(document.id.group, document.kind):
            raise AssertionError(f"{document.id}: namespace not specified")
        item = copy.deepcopy(dict(document.manifest))
        metadata = dict(item["metadata"])
        if document.namespace:
            metadata["namespace"] = spare
        else:
            metadata["name"] = f"{metadata['name']}-{spare}"
        items.append({**item, "metadata": metadata})
    text = cluster.kubectl(
        "create", "--dry-run=server", "--validate=false", "--output=json", "--filename=-",
        given={"apiVersion": "v1", "kind": "List", "items": items},
    )  # fmt: skip
    return _objects(text.replace(f"-{spare}", ""))


def _objects(text: str) -> list[dict[str, Any]]:
    """JSON objects, one after the other, as kubectl prints them."""
    found, decoder = [], json.JSONDecoder()
    while text := text.lstrip():
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:]
    return found


def _compared(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Without what the server, its controllers or Flux say by themselves of any object."""
    result = copy.deepcopy(dict(manifest))
    result.pop("status", None)
    metadata = result["metadata"]
    for name in _BY_SERVER:
        metadata.pop(name, None)
    if "toolkit.fluxcd.io" in result["apiVersion"]:
        metadata.pop("finalizers", None)
    for name in _BY_FLUX:
        metadata.get("labels", {}).pop(name, None)
    for name in _BY_CONTROLLERS:
        metadata.get("annotations", {}).pop(name, None)
    for name in ("labels", "annotations"):
        if not metadata.get(name):
            metadata.pop(name, None)
    for name in _ASSIGNED.get(result["kind"], ()):
        result.get("spec", {}).pop(name, None)
    return result


def _secret(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A Secret by its digests; what is written as text counts as data, as in the cluster."""
    compared = _compared(manifest)
    data = {**compared.pop("data", {}), **compared.pop("stringData", {})}
    return {"type": "Opaque", **compared, "data": data}


def _differing(entry: Identity, declared: Any, live: Any, pointer: str = "") -> list[str]:
    """The places where the two are not the same, each with both values."""
    if isinstance(declared, Mapping) and isinstance(live, Mapping):
        return [
            line
            for key in sorted(declared.keys() | live.keys())
            for line in _differing(entry, declared.get(key), live.get(key), f"{pointer}/{key}")
        ]
    if isinstance(declared, list) and isinstance(live, list) and len(declared) == len(live):
        return [
            line
            for n, (ours, theirs) in enumerate(zip(declared, live, strict=True))
            for line in _differing(entry, ours, theirs, f"{pointer}/{n}")
        ]
    if declared == live and type(declared) is type(live):
        return []
    return [f"{_said(entry)} {pointer}: declared {declared!r}, live {live!r}"]


def _said(entry: Identity) -> str:
    _, kind, namespace, name = entry
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"
