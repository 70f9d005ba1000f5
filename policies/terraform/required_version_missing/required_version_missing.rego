# METADATA
# title: "A module does not say which Terraform it needs"
# description: >-
#   Without `required_version` somebody with another version applies it, and may upgrade the state so
#   that the others cannot read it.
# related_resources:
#   - ref: https://developer.hashicorp.com/terraform/language/terraform#terraform-required_version
# custom:
#   id: AUD-TF-0004
#   severity: low
#   scope: environment
#   kinds:
#     - terraform/terraform
#   remediation: >-
#     Write `required_version = "~> 1.9"` into the `terraform` block.
#   reads:
#     - body.required_version
#   since: 0.1.0
package auditor.terraform.required_version_missing

import data.auditor.lib.set

findings contains {
	"message": "no terraform block of the folder has required_version",
	"pointer": "body.required_version",
	"details": {},
	"resource": min(numbers),
} if {
	some folder, numbers in by_folder
	not folder in limited
}

by_folder[folder] contains index if {
	some index, manifest in input.set
	folder := set.namespace(manifest)
}

limited contains namespace if {
	some manifest in input.set
	manifest.body.required_version != ""
	namespace := set.namespace(manifest)
}
