# METADATA
# title: "A database is reachable from the internet"
# description: >-
#   It gets a public address, or every address may connect; only its password keeps the internet out.
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html
#   - ref: https://cloud.google.com/sql/docs/postgres/configure-ip
# custom:
#   id: AUD-TF-0015
#   severity: high
#   kinds:
#     - terraform/aws_db_instance
#     - terraform/aws_rds_cluster_instance
#     - terraform/aws_redshift_cluster
#     - terraform/aws_dms_replication_instance
#     - terraform/google_sql_database_instance
#   remediation: >-
#     Set `publicly_accessible` to false, give it private addresses only, and name the networks that
#     need it.
#   reads:
#     - body
#   since: 0.1.0
package auditor.terraform.database_public

import data.auditor.lib.terraform

findings contains {
	"message": "publicly_accessible is true",
	"pointer": "body.publicly_accessible",
	"details": {},
} if {
	input.resource.body.publicly_accessible == true
}

findings contains {
	"message": "every address may connect",
	"pointer": sprintf("%s.ip_configuration[%d].authorized_networks[%d]", [settings.pointer, number, index]),
	"details": {},
} if {
	some settings in terraform.blocks.settings
	some number, addresses in settings.value.ip_configuration
	some index, network in addresses.authorized_networks
	terraform.is_everywhere(network.value)
}
