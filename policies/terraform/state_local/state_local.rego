# METADATA
# title: "Terraform's state lies on somebody's disk"
# description: >-
#   "The backend is `local`: the state is neither locked between people nor encrypted nor backed up,
#   and it is easily committed."
# related_resources:
#   - ref: https://developer.hashicorp.com/terraform/language/backend/local
# custom:
#   id: AUD-TF-0012
#   severity: medium
#   kinds:
#     - terraform/terraform
#   remediation: >-
#     Use a backend that locks and encrypts, such as s3, gcs, azurerm or HCP Terraform.
#   reads:
#     - body.backend
#   since: 0.1.0
package auditor.terraform.state_local

findings contains {
	"message": "the state is a local file",
	"pointer": "body.backend.local",
	"details": {},
} if {
	input.resource.body.backend.local != null
}
