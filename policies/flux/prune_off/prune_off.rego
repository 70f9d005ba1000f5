# METADATA
# title: "Flux does not remove what git no longer declares"
# description: >-
#   With `prune: false` an object whose manifest is deleted stays in the cluster: running,
#   reachable and no longer under review.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#prune
# custom:
#   id: AUD-FLUX-0004
#   severity: medium
#   kinds:
#     - kustomize.toolkit.fluxcd.io/Kustomization
#   remediation: >-
#     Set `prune: true`; protect single objects with the annotation
#     kustomize.toolkit.fluxcd.io/prune: disabled.
#   reads:
#     - spec.prune
#   since: 0.1.0
package auditor.flux.prune_off

findings contains {
	"message": "what is removed from git stays in the cluster: prune is not true",
	"pointer": "spec.prune",
	"details": {},
} if {
	object.get(input.resource, ["spec", "prune"], false) == false
	is_object(input.resource.spec)
}
