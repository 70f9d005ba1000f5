package auditor.dockerfile.secret_as_argument_test

import data.auditor.dockerfile.secret_as_argument

test_good_1 if {
	count(secret_as_argument.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := secret_as_argument.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"args.NPM_TOKEN", "stages[name=build].env.GITHUB_TOKEN"}
}

resource_good_1 := {
	"apiVersion": "docker/v1",
	"kind": "Dockerfile",
	"metadata": {
		"name": "Dockerfile",
	},
	"args": {
		"VERSION": null,
	},
	"stages": [
		{
			"image": "debian:12",
			"args": {
				"TOKEN_URL": null,
				"GITHUB_TOKEN_FILE": "${DIR}/token",
			},
			"env": {
				"ACCESS_TOKEN": "",
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
	"args": {
		"NPM_TOKEN": null,
	},
	"stages": [
		{
			"name": "build",
			"image": "node:22",
			"env": {
				"GITHUB_TOKEN": "${GITHUB_TOKEN}",
			},
		},
	],
}
