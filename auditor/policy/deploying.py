"""What is shown of the objects that lead from one place of a repository to another, whatever the rules read of them.

By it the members of an environment's set are told from what nothing deploys.
"""

from __future__ import annotations

from collections.abc import Mapping

_KUSTOMIZE = ("resources", "components", "bases")

DEPLOYING_READS: Mapping[str, tuple[str, ...]] = {
    "kustomize.config.k8s.io/Kustomization": _KUSTOMIZE,
    "kustomize.config.k8s.io/Component": _KUSTOMIZE,
    "kustomize.toolkit.fluxcd.io/Kustomization": ("spec.path", "spec.sourceRef"),
    "source.toolkit.fluxcd.io/GitRepository": ("spec.url",),
    "source.toolkit.fluxcd.io/OCIRepository": ("spec.url",),
    "fluxcd.controlplane.io/FluxInstance": ("spec.sync.path",),
    "source.extensions.fluxcd.io/ArtifactGenerator": ("spec.artifacts",),
    "argoproj.io/Application": ("spec.source", "spec.sources"),
    "argoproj.io/ApplicationSet": ("spec.generators", "spec.template.spec", "spec.templatePatch"),
}
"""By "group/Kind", the fields that say where the object leads, or what another one's source is."""
