"""Which addresses of git repositories mean the audited one, by what its own Flux objects say."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from auditor.manifests.deployments.addresses import same_address
from auditor.manifests.deployments.values import mapping, text
from auditor.model import Document

if TYPE_CHECKING:
    from auditor.manifests.deployments.sources import Sources

BOOTSTRAP = "flux-system"
"""What `flux bootstrap` calls the source of the repository that it is given."""

_FLUX = "kustomize.toolkit.fluxcd.io"


def own_addresses(sources: Sources, known: Iterable[str]) -> frozenset[str]:
    """The known addresses, and those of sources by which a Kustomization applies the very file that declares it: that
    file is in this repository, so the source is. All as `same_address` writes them."""
    found = {same_address(url) for url in known}
    urls = _urls(sources)
    for path, document in sources.deploying:
        if document.id.group != _FLUX or document.kind != "Kustomization":
            continue
        spec = mapping(document.manifest.get("spec"))
        reference = mapping(spec.get("sourceRef"))
        folder = posixpath.normpath(f"/{text(spec.get('path'))}").lstrip("/")
        # Every file is below the root, which so says nothing, but for the source that Flux itself starts from.
        if path.startswith(f"{folder}/" if folder else "") and (folder or reference.get("name") == BOOTSTRAP):
            namespace = text(reference.get("namespace")) or document.namespace
            for key in ((namespace, reference.get("name")), ("", reference.get("name"))):
                found |= urls.get(key, set()) if reference.get("kind") == "GitRepository" else set()
    return frozenset(found)


def _urls(sources: Sources) -> Mapping[tuple[str, object], set[str]]:
    """The addresses of every GitRepository, by namespace and name."""
    found: dict[tuple[str, object], set[str]] = {}
    for document in _git_repositories(sources):
        url = text(mapping(document.manifest.get("spec")).get("url"))
        if url:
            found.setdefault((document.namespace, document.name), set()).add(same_address(url))
    return found


def _git_repositories(sources: Sources) -> Iterable[Document]:
    return (
        document
        for blob in sources.parsed.values()
        for document in blob.documents
        if document.kind == "GitRepository"
    )
