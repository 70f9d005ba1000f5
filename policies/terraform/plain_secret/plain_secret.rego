# METADATA
# title: "A secret stands in Terraform in the open"
# description: >-
#   A password, token or key is written into an argument, a variable's default or a local value.
#   Everyone who reads the repository has it, and it goes on into the state.
# related_resources:
#   - ref: https://developer.hashicorp.com/terraform/language/manage-sensitive-data
# custom:
#   id: AUD-TF-0009
#   severity: high
#   kinds:
#     - "terraform/*"
#   remediation: >-
#     Change the secret, since it is known; take it from a secret store (a data source, an ephemeral
#     resource) or from a variable without a default.
#   reads:
#     - '**'
#   since: 0.1.0
#   contains: "auditor-redacted:"
package auditor.terraform.plain_secret

import data.auditor.lib.pointer

findings contains {
	"message": "a secret stands here unencrypted",
	"pointer": pointer.of(path),
	"details": {},
} if {
	[path, value] := walk(input.resource)
	is_string(value)
	contains(value, "auditor-redacted:")
}
