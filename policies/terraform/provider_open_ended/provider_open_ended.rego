# METADATA
# title: "A root module takes any later provider"
# description: >-
#   A lower bound alone (`>= 5.0`) lets the next major version in. That is right for a module that
#   others call; here the folder configures providers or a backend itself, so it is applied as it is.
# related_resources:
#   - ref: https://developer.hashicorp.com/terraform/language/providers/requirements#best-practices-for-provider-versions
# custom:
#   id: AUD-TF-0002
#   severity: low
#   scope: environment
#   about:
#     - terraform/terraform
#   kinds:
#     - terraform/terraform
#     - terraform/provider
#   remediation: >-
#     Write `~> 5.60`, or an upper bound.
#   reads:
#     - body
#   since: 0.1.0
package auditor.terraform.provider_open_ended

import data.auditor.lib.set

findings contains {
	"message": sprintf("the provider %s may be any from %s on", [name, version]),
	"pointer": sprintf("body.required_providers[%d].%s", [number, name]),
	"details": {"version": version},
	"resource": index,
} if {
	some index, manifest in input.set
	manifest.kind == "terraform"
	folder := set.namespace(manifest)
	folder in roots
	some number, block in manifest.body.required_providers
	some name, wanted in block
	version := version_of(wanted)
	regex.match(`^\s*>=?\s*[0-9][0-9A-Za-z.+-]*\s*$`, version)
}

version_of(wanted) := wanted.version if is_object(wanted)

version_of(wanted) := wanted if is_string(wanted)

# A provider that is configured, or a backend: what only the module that is applied has.
roots contains namespace if {
	some manifest in input.set
	manifest.kind == "provider"
	namespace := set.namespace(manifest)
}

roots contains namespace if {
	some manifest in input.set
	some field in ["backend", "cloud"]
	manifest.body[field] != null
	namespace := set.namespace(manifest)
}
