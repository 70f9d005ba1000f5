# METADATA
# title: "A bucket is public"
# description: >-
#   Anybody on the internet can list, read or write it.
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
#   - ref: https://cloud.google.com/storage/docs/public-access-prevention
#   - ref: https://learn.microsoft.com/en-us/azure/storage/blobs/anonymous-read-access-prevent
# custom:
#   id: AUD-TF-0005
#   severity: high
#   kinds:
#     - terraform/aws_s3_bucket
#     - terraform/aws_s3_bucket_acl
#     - terraform/google_storage_bucket_iam_member
#     - terraform/google_storage_bucket_iam_binding
#     - terraform/google_storage_bucket_access_control
#     - terraform/google_storage_default_object_access_control
#     - terraform/azurerm_storage_container
#   remediation: >-
#     Make it private, and serve what must be public through a distribution that reads it with an
#     identity of its own.
#   reads:
#     - body.acl
#     - body.member
#     - body.members
#     - body.entity
#     - body.container_access_type
#   since: 0.1.0
package auditor.terraform.public_bucket

findings contains {
	"message": sprintf("the bucket's %s is %s", [field, value]),
	"pointer": sprintf("body.%s", [field]),
	"details": {"value": value},
} if {
	some field, public in public_values
	value := input.resource.body[field]
	value in public
}

findings contains {
	"message": sprintf("the bucket is open to %s", [member]),
	"pointer": "body.members",
	"details": {"value": member},
} if {
	some member in input.resource.body.members
	member in public_values.member
}

public_values := {
	"acl": {"public-read", "public-read-write", "authenticated-read"},
	"container_access_type": {"blob", "container"},
	"entity": {"allUsers", "allAuthenticatedUsers"},
	"member": {"allUsers", "allAuthenticatedUsers"},
}
