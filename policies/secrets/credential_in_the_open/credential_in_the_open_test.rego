package auditor.secrets.credential_in_the_open_test

import data.auditor.secrets.credential_in_the_open

test_good_1_1 if {
	count(credential_in_the_open.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
	"apiVersion": "v1",
	"kind": "ConfigMap",
	"metadata": {
		"name": "settings",
	},
	"data": {
		"level": "info",
		"passwordFile": "/run/secrets/database",
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := credential_in_the_open.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"data[\"database.password\"]"}
}

resource_bad_1_1 := {
	"apiVersion": "v1",
	"kind": "ConfigMap",
	"metadata": {
		"name": "settings",
	},
	"data": {
		"database.password": "auditor-redacted:credential:fedcba9876543210",
	},
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := credential_in_the_open.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].env[name=API_TOKEN].value"}
}

resource_bad_2_1 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "web",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
						"env": [
							{
								"name": "LEVEL",
								"value": "info",
							},
							{
								"name": "API_TOKEN",
								"value": "auditor-redacted:credential:fedcba9876543210",
							},
						],
					},
				],
			},
		},
	},
}
