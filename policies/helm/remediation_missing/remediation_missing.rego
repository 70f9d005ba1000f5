# METADATA
# title: "A Helm upgrade that fails stays as it is"
# description: >-
#   Without `upgrade.remediation` (or the strategy RetryOnFailure) a failed upgrade is neither tried
#   again nor rolled back, so the release stays between two versions until somebody acts. Where a
#   Kustomization or a component of the environment patches it into Helm releases, nothing is judged.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/helm/helmreleases/#configuring-failure-handling
# custom:
#   id: AUD-HELM-0005
#   severity: low
#   scope: environment
#   about:
#     - helm.toolkit.fluxcd.io/HelmRelease
#   kinds:
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - kustomize.config.k8s.io/Component
#   remediation: >-
#     Set `upgrade.remediation.retries` with `remediateLastFailure`, or `upgrade.strategy.name
#     RetryOnFailure`.
#   reads:
#     - patches
#     - spec.upgrade
#     - spec.patches
#   shared:
#     - patches
#     - spec.patches
#   since: 0.1.0
package auditor.helm.remediation_missing

import data.auditor.lib.flux

findings contains {
	"message": "a failed upgrade is neither tried again nor rolled back",
	"pointer": "spec.upgrade.remediation",
	"details": {},
	"resource": index,
} if {
	some index, manifest in input.set
	manifest.kind == "HelmRelease"
	is_object(manifest.spec)
	not handles_failure(manifest)
	not patched
}

patched if flux.patches_releases_with("RetryOnFailure")

patched if flux.patches_releases_with("remediation")

handles_failure(release) if object.get(release, ["spec", "upgrade", "remediation", "retries"], 0) != 0

handles_failure(release) if release.spec.upgrade.remediation.remediateLastFailure == true

handles_failure(release) if is_string(release.spec.upgrade.strategy.name)
