# METADATA
# title: "A Helm release is forced"
# description: >-
#   "`force: true` replaces objects that cannot be patched: they are deleted and made anew, which is
#   an outage and for a volume claim lost data."
# related_resources:
#   - ref: https://fluxcd.io/flux/components/helm/helmreleases/#upgrade-configuration
# custom:
#   id: AUD-HELM-0007
#   severity: medium
#   kinds:
#     - helm.toolkit.fluxcd.io/HelmRelease
#   remediation: >-
#     Remove `force`; delete the one object that cannot be changed by hand.
#   reads:
#     - spec.upgrade
#     - spec.rollback
#   since: 0.1.0
package auditor.helm.force_upgrade

findings contains {
	"message": sprintf("%s replaces objects by force", [action]),
	"pointer": sprintf("spec.%s.force", [action]),
	"details": {"action": action},
} if {
	some action in ["upgrade", "rollback"]
	input.resource.spec[action].force == true
}
