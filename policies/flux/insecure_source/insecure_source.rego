# METADATA
# title: "A Flux source is fetched without TLS"
# description: >-
#   Plain http, the git protocol or `insecure: true` lets whoever sits on the way decide what the
#   cluster runs. Helm repositories have a rule of their own.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/source/gitrepositories/#url
# custom:
#   id: AUD-FLUX-0001
#   severity: high
#   kinds:
#     - source.toolkit.fluxcd.io/GitRepository
#     - source.toolkit.fluxcd.io/OCIRepository
#     - source.toolkit.fluxcd.io/Bucket
#   remediation: >-
#     Use https, ssh or an OCI registry with TLS.
#   reads:
#     - spec.insecure
#     - spec.url
#   since: 0.1.0
package auditor.flux.insecure_source

findings contains {
	"message": sprintf("the source is fetched without TLS from %s", [input.resource.spec.url]),
	"pointer": "spec.url",
	"details": {"url": input.resource.spec.url},
} if {
	some scheme in ["http://", "git://"]
	startswith(input.resource.spec.url, scheme)
}

findings contains {
	"message": "the source may be fetched without TLS: insecure is true",
	"pointer": "spec.insecure",
	"details": {},
} if {
	input.resource.spec.insecure == true
}
