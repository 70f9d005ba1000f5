package auditor.terraform.database_public_test

import data.auditor.terraform.database_public

test_good_1 if {
	count(database_public.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_good_2 if {
	count(database_public.findings) == 0 with input as {"resource": resource_good_2, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1, resource_bad_2]
		found := database_public.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"body.publicly_accessible", "body.settings[0].ip_configuration[0].authorized_networks[0]"}
}

resource_good_1 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_db_instance",
	"metadata": {
		"name": "shop",
		"namespace": "infra",
	},
	"body": {
		"publicly_accessible": false,
	},
}

resource_good_2 := {
	"apiVersion": "terraform/v1",
	"kind": "google_sql_database_instance",
	"metadata": {
		"name": "shop",
		"namespace": "infra",
	},
	"body": {
		"settings": [
			{
				"ip_configuration": [
					{
						"authorized_networks": [
							{
								"value": "10.0.0.0/8",
							},
						],
					},
				],
			},
		],
	},
}

resource_bad_1 := {
	"apiVersion": "terraform/v1",
	"kind": "aws_db_instance",
	"metadata": {
		"name": "shop",
		"namespace": "infra",
	},
	"body": {
		"publicly_accessible": true,
	},
}

resource_bad_2 := {
	"apiVersion": "terraform/v1",
	"kind": "google_sql_database_instance",
	"metadata": {
		"name": "shop",
		"namespace": "infra",
	},
	"body": {
		"settings": [
			{
				"ip_configuration": [
					{
						"authorized_networks": [
							{
								"value": "0.0.0.0/0",
							},
						],
					},
				],
			},
		],
	},
}
