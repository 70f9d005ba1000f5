# METADATA
# title: "Reconciliation is suspended in git"
# description: >-
#   While suspended, neither changes nor fixes reach the cluster, and what somebody changes there
#   by hand stays. In git it stays suspended until somebody remembers.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#suspend
# custom:
#   id: AUD-FLUX-0007
#   severity: medium
#   kinds:
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - source.toolkit.fluxcd.io/GitRepository
#     - source.toolkit.fluxcd.io/OCIRepository
#     - source.toolkit.fluxcd.io/HelmRepository
#     - source.toolkit.fluxcd.io/HelmChart
#     - source.toolkit.fluxcd.io/Bucket
#   remediation: >-
#     Remove `suspend: true`, or give it a waiver with a date.
#   reads:
#     - spec.suspend
#   since: 0.1.0
package auditor.flux.suspended

findings contains {
	"message": "reconciliation is suspended",
	"pointer": "spec.suspend",
	"details": {},
} if {
	input.resource.spec.suspend == true
}
