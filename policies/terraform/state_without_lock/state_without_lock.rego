# METADATA
# title: "Terraform's state is not locked"
# description: >-
#   Two applies at once overwrite each other's state. A backend whose settings are given on the
#   command line (an empty block) is not judged.
# related_resources:
#   - ref: https://developer.hashicorp.com/terraform/language/backend/s3#state-locking
#   - ref: https://developer.hashicorp.com/terraform/language/backend/http
# custom:
#   id: AUD-TF-0010
#   severity: medium
#   kinds:
#     - terraform/terraform
#   remediation: >-
#     Set `use_lockfile = true` (Terraform 1.10 and later) or `dynamodb_table`; for the backend http
#     `lock_address`.
#   reads:
#     - body.backend
#   since: 0.1.0
package auditor.terraform.state_without_lock

findings contains {
	"message": sprintf("the backend %s does not lock the state", [kind]),
	"pointer": sprintf("body.backend.%s", [kind]),
	"details": {"backend": kind},
} if {
	some kind, locks in locking
	some backend in input.resource.body.backend[kind]
	count(backend) > 0
	not has_lock(backend, locks)
}

locking := {
	"s3": ["use_lockfile", "dynamodb_table"],
	"http": ["lock_address"],
	"oss": ["tablestore_table"],
}

has_lock(backend, locks) if {
	some field in locks
	not object.get(backend, field, false) in {false, ""}
}
