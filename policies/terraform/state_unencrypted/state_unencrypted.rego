# METADATA
# title: "Terraform's state is not encrypted"
# description: >-
#   The state holds every value that Terraform knows, passwords too. S3 encrypts by itself since 2023,
#   but only `encrypt` says so for older buckets and other S3 stores; plain http shows it to whoever
#   sits on the way.
# related_resources:
#   - ref: https://developer.hashicorp.com/terraform/language/backend/s3
#   - ref: https://developer.hashicorp.com/terraform/language/state/sensitive-data
# custom:
#   id: AUD-TF-0011
#   severity: medium
#   kinds:
#     - terraform/terraform
#   remediation: >-
#     Set `encrypt = true`, better with `kms_key_id`; use https for the backend http.
#   reads:
#     - body.backend
#   since: 0.1.0
package auditor.terraform.state_unencrypted

findings contains {
	"message": "the backend s3 does not ask for encryption",
	"pointer": "body.backend.s3",
	"details": {},
} if {
	some backend in input.resource.body.backend.s3
	count(backend) > 0
	object.get(backend, "encrypt", false) == false
	not is_string(object.get(backend, "kms_key_id", null))
}

findings contains {
	"message": "the state passes the network in the open",
	"pointer": "body.backend.http",
	"details": {},
} if {
	some backend in input.resource.body.backend.http
	startswith(backend.address, "http://")
}
