# METADATA
# title: "A database or disk is not encrypted"
# description: >-
#   "Encryption at rest is off: these resources default to none. Replicas and what is restored from a
#   snapshot take it from there and are left out."
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html
#   - ref: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html
# custom:
#   id: AUD-TF-0014
#   severity: medium
#   kinds:
#     - terraform/aws_db_instance
#     - terraform/aws_rds_cluster
#     - terraform/aws_ebs_volume
#     - terraform/aws_efs_file_system
#     - terraform/aws_redshift_cluster
#     - terraform/aws_docdb_cluster
#     - terraform/aws_neptune_cluster
#   remediation: >-
#     Set it to true; for a database that exists this means a copy from an encrypted snapshot.
#   reads:
#     - kind
#     - body
#   since: 0.1.0
package auditor.terraform.storage_unencrypted

findings contains {
	"message": sprintf("%s is not true", [field]),
	"pointer": sprintf("body.%s", [field]),
	"details": {"field": field},
} if {
	is_object(input.resource.body)
	field := fields[input.resource.kind]
	object.get(input.resource.body, field, false) == false
	not takes_it_from_elsewhere
}

fields := {
	"aws_db_instance": "storage_encrypted",
	"aws_rds_cluster": "storage_encrypted",
	"aws_ebs_volume": "encrypted",
	"aws_efs_file_system": "encrypted",
	"aws_redshift_cluster": "encrypted",
	"aws_docdb_cluster": "storage_encrypted",
	"aws_neptune_cluster": "storage_encrypted",
}

takes_it_from_elsewhere if {
	some source in ["replicate_source_db", "replication_source_identifier", "snapshot_id", "snapshot_identifier", "global_cluster_identifier"]
	object.get(input.resource.body, source, null) != null
}
