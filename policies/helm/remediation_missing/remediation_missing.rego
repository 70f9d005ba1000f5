# METADATA
# title: "A Helm upgrade that fails stays as it is"
# description: >-
#   Without `upgrade.remediation` (or the strategy RetryOnFailure) a failed upgrade is neither tried
#   again nor rolled back, so the release stays between two versions until somebody acts.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/helm/helmreleases/#configuring-failure-handling
# custom:
#   id: AUD-HELM-0005
#   severity: low
#   kinds:
#     - helm.toolkit.fluxcd.io/HelmRelease
#   remediation: >-
#     Set `upgrade.remediation.retries` with `remediateLastFailure`, or `upgrade.strategy.name:
#     RetryOnFailure`.
#   reads:
#     - spec.upgrade
#   since: 0.1.0
package auditor.helm.remediation_missing

findings contains {
	"message": "a failed upgrade is neither tried again nor rolled back",
	"pointer": "spec.upgrade.remediation",
	"details": {},
} if {
	is_object(input.resource.spec)
	not handled
}

handled if object.get(input.resource.spec, ["upgrade", "remediation", "retries"], 0) != 0

handled if input.resource.spec.upgrade.remediation.remediateLastFailure == true

handled if is_string(input.resource.spec.upgrade.strategy.name)
