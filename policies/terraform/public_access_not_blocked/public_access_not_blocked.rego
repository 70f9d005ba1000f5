# METADATA
# title: "A bucket's block of public access has holes"
# description: >-
#   One of the four switches is off or not set (they default to false), so a policy or access list can
#   still make the bucket public.
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
# custom:
#   id: AUD-TF-0006
#   severity: medium
#   kinds:
#     - terraform/aws_s3_bucket_public_access_block
#     - terraform/aws_s3_account_public_access_block
#   remediation: >-
#     Set all four to true.
#   reads:
#     - body
#   since: 0.1.0
package auditor.terraform.public_access_not_blocked

findings contains {
	"message": sprintf("%s is not true", [switch]),
	"pointer": sprintf("body.%s", [switch]),
	"details": {"switch": switch},
} if {
	some switch in ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"]
	is_object(input.resource.body)
	object.get(input.resource.body, switch, false) == false
}
