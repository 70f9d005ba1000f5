package auditor.dockerfile.secret_in_image_test

import data.auditor.dockerfile.secret_in_image

test_good_1 if {
	count(secret_in_image.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := secret_in_image.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"stages[name=app].env.DB_PASSWORD"}
}

resource_good_1 := {
	"apiVersion": "docker/v1",
	"kind": "Dockerfile",
	"metadata": {
		"name": "Dockerfile",
	},
	"stages": [
		{
			"image": "debian:12",
			"env": {
				"DB_PASSWORD_FILE": "/run/secrets/db",
			},
		},
	],
}

resource_bad_1 := {
	"apiVersion": "docker/v1",
	"kind": "Dockerfile",
	"metadata": {
		"name": "Dockerfile",
	},
	"stages": [
		{
			"name": "app",
			"image": "debian:12",
			"env": {
				"DB_PASSWORD": "auditor-redacted:credential:0123456789abcdef",
			},
		},
	],
}
