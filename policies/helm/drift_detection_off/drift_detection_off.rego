# METADATA
# title: "A Helm release does not correct drift"
# description: >-
#   Without `driftDetection.mode: enabled` Flux looks at the chart and its values only: what
#   somebody changes in the cluster stays until the next upgrade.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/helm/helmreleases/#drift-detection
# custom:
#   id: AUD-HELM-0003
#   severity: low
#   kinds:
#     - helm.toolkit.fluxcd.io/HelmRelease
#   remediation: >-
#     Set `spec.driftDetection.mode: enabled`, with `ignore` rules for fields that others own.
#   reads:
#     - spec.driftDetection.mode
#   since: 0.1.0
package auditor.helm.drift_detection_off

import data.auditor.lib.text

findings contains {
	"message": sprintf("drift is not corrected: driftDetection.mode is %s", [mode]),
	"pointer": "spec.driftDetection.mode",
	"details": {"mode": mode},
} if {
	is_object(input.resource.spec)
	mode := text.plain(object.get(input.resource.spec, ["driftDetection", "mode"], "disabled"))
	mode in {"disabled", "warn", ""}
}
