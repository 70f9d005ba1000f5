# METADATA
# title: "A Flux source is not verified"
# description: >-
#   Without `verify`, Flux takes whatever the server gives. With it, only content signed by a
#   known key is deployed, also when the registry or the forge is taken over. A source that is named
#   by its digest or commit cannot be exchanged and is left out.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/source/ocirepositories/#verification
# custom:
#   id: AUD-FLUX-0006
#   severity: low
#   kinds:
#     - source.toolkit.fluxcd.io/OCIRepository
#     - source.toolkit.fluxcd.io/GitRepository
#   remediation: >-
#     Sign the artifacts (cosign, notation) or commits (OpenPGP, SSH) and set `spec.verify`.
#   reads:
#     - spec.ref
#     - spec.verify
#   since: 0.1.0
package auditor.flux.source_not_verified

findings contains {
	"message": "the source's signature is not verified",
	"pointer": "spec.verify",
	"details": {},
} if {
	is_object(input.resource.spec)
	verify := object.get(input.resource.spec, "verify", null)
	not is_object(verify)
	not pinned
}

# What git names by its content cannot be exchanged.
pinned if {
	some field in ["digest", "commit"]
	input.resource.spec.ref[field] != ""
}
