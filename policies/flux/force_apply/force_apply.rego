# METADATA
# title: "Flux deletes and recreates what it cannot change"
# description: >-
#   With `force: true` a change of an immutable field removes the object and makes a new one: an
#   outage, for a volume claim lost data.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#force
# custom:
#   id: AUD-FLUX-0010
#   severity: low
#   kinds:
#     - kustomize.toolkit.fluxcd.io/Kustomization
#   remediation: >-
#     Remove `force: true`; put the annotation kustomize.toolkit.fluxcd.io/force: enabled on the
#     object that needs it.
#   reads:
#     - spec.force
#   since: 0.1.0
package auditor.flux.force_apply

findings contains {
	"message": "objects with a changed immutable field are deleted and made anew",
	"pointer": "spec.force",
	"details": {},
} if {
	input.resource.spec.force == true
}
