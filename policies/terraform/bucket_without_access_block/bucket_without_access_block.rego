# METADATA
# title: "A module's buckets have no block of public access"
# description: >-
#   The folder makes buckets and nothing in it blocks public access. AWS blocks it for new buckets,
#   until somebody switches it off outside of Terraform; and buckets from before April 2023 have no
#   block.
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
# custom:
#   id: AUD-TF-0007
#   severity: low
#   scope: environment
#   about:
#     - terraform/aws_s3_bucket
#   kinds:
#     - terraform/aws_s3_bucket
#     - terraform/aws_s3_bucket_public_access_block
#     - terraform/aws_s3_account_public_access_block
#   remediation: >-
#     Add an `aws_s3_bucket_public_access_block` with all four switches for the bucket, or block it
#     for the account.
#   reads:
#     - body.bucket
#   since: 0.1.0
package auditor.terraform.bucket_without_access_block

import data.auditor.lib.set

findings contains {
	"message": "nothing in the folder blocks public access to the bucket",
	"pointer": "",
	"details": {},
	"resource": index,
} if {
	count(accounts) == 0
	some index, manifest in input.set
	manifest.kind == "aws_s3_bucket"
	folder := set.namespace(manifest)
	not folder in blocking
}

blocking contains namespace if {
	some manifest in input.set
	manifest.kind == "aws_s3_bucket_public_access_block"
	namespace := set.namespace(manifest)
}

accounts contains index if {
	some index, manifest in input.set
	manifest.kind == "aws_s3_account_public_access_block"
}
