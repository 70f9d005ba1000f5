# METADATA
# title: "A Helm repository is fetched without TLS"
# description: >-
#   Charts from plain http, or from a registry with `insecure: true`, can be replaced on the way.
#   `passCredentials: true` gives the credentials to whatever host the index names.
# related_resources:
#   - ref: https://fluxcd.io/flux/components/source/helmrepositories/
# custom:
#   id: AUD-HELM-0002
#   severity: high
#   kinds:
#     - source.toolkit.fluxcd.io/HelmRepository
#   remediation: >-
#     Use https or an OCI registry with TLS; remove `insecure` and `passCredentials`.
#   reads:
#     - spec.insecure
#     - spec.passCredentials
#     - spec.url
#   since: 0.1.0
package auditor.helm.insecure_repository

findings contains {
	"message": sprintf("charts are fetched without TLS from %s", [input.resource.spec.url]),
	"pointer": "spec.url",
	"details": {"url": input.resource.spec.url},
} if {
	startswith(input.resource.spec.url, "http://")
}

findings contains {
	"message": sprintf("%s is true", [field]),
	"pointer": sprintf("spec.%s", [field]),
	"details": {"field": field},
} if {
	some field in ["insecure", "passCredentials"]
	input.resource.spec[field] == true
}
