"""Every Deployer."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.manifests.deployments.argo_application import ArgoApplication
from auditor.manifests.deployments.argo_application_set import ArgoApplicationSet
from auditor.manifests.deployments.flux_helm_release import FluxHelmRelease
from auditor.manifests.deployments.flux_kustomization import FluxKustomization
from auditor.manifests.deployments.interface import Deployer
from auditor.model import Document

FLUX = FluxKustomization.name
"""Where one of these is an entry point, Flux decides what is deployed, and nothing else is."""

_ALL: tuple[Deployer, ...] = (FluxKustomization(), FluxHelmRelease(), ArgoApplication(), ArgoApplicationSet())

DEPLOYERS: Mapping[str, Deployer] = {deployer.name: deployer for deployer in _ALL}
"""By name, the `kind` of the deployments that they make."""


def deployer_of(document: Document) -> Deployer | None:
    """What reads the object; None where it deploys nothing."""
    return next((deployer for deployer in _ALL if deployer.is_for(document)), None)
