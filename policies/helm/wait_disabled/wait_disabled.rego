# METADATA
# title: "A Helm release is ready before it runs"
# description: >-
#   With `disableWait` the release counts as deployed as soon as its objects are applied; a version
#   whose pods never start is a success, no rollback follows, and releases that depend on it go on.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/helm/helmreleases/#install-configuration
# custom:
#   id: AUD-HELM-0008
#   severity: low
#   kinds:
#     - helm.toolkit.fluxcd.io/HelmRelease
#   remediation: >-
#     Remove `disableWait`, or raise `timeout` for a release that is slow to start.
#   reads:
#     - spec.install
#     - spec.upgrade
#   since: 0.1.0
package auditor.helm.wait_disabled

findings contains {
	"message": sprintf("%s does not wait for the objects", [action]),
	"pointer": sprintf("spec.%s.disableWait", [action]),
	"details": {"action": action},
} if {
	some action in ["install", "upgrade"]
	input.resource.spec[action].disableWait == true
}
