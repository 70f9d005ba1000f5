# METADATA
# title: "A Helm release does not correct drift"
# description: >-
#   Without `driftDetection.mode: enabled` Flux looks at the chart and its values only; what somebody
#   changes in the cluster stays until the next upgrade. Where a Kustomization or a component of the
#   environment patches it into Helm releases, nothing is judged.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/helm/helmreleases/#drift-detection
# custom:
#   id: AUD-HELM-0003
#   severity: low
#   scope: environment
#   about:
#     - helm.toolkit.fluxcd.io/HelmRelease
#   kinds:
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - kustomize.config.k8s.io/Component
#   remediation: >-
#     Set `spec.driftDetection.mode: enabled`, with `ignore` rules for fields that others own.
#   reads:
#     - patches
#     - spec.driftDetection.mode
#     - spec.patches
#   shared:
#     - patches
#     - spec.patches
#   since: 0.1.0
package auditor.helm.drift_detection_off

import data.auditor.lib.flux
import data.auditor.lib.text

findings contains {
	"message": sprintf("drift is not corrected: driftDetection.mode is %s", [mode]),
	"pointer": "spec.driftDetection.mode",
	"details": {"mode": mode},
	"resource": index,
} if {
	some index, manifest in input.set
	manifest.kind == "HelmRelease"
	is_object(manifest.spec)
	mode := text.plain(object.get(manifest.spec, ["driftDetection", "mode"], "disabled"))
	mode in {"disabled", "warn", ""}
	not patched
}

patched if flux.patches_releases_with("driftDetection")
