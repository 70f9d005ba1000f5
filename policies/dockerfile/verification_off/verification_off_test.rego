package auditor.dockerfile.verification_off_test

import data.auditor.dockerfile.verification_off

test_good_1 if {
	count(verification_off.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := verification_off.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"stages[0].run[0]", "stages[0].run[1]"}
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := verification_off.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"stages[0].env.NODE_TLS_REJECT_UNAUTHORIZED"}
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
				"NODE_TLS_REJECT_UNAUTHORIZED": "1",
			},
			"run": [
				"curl -fsSL https://example.org/key -o key && mkdir -k x",
				"git config --global http.sslVerify true",
			],
		},
	],
}

resource_bad_1_1 := {
	"apiVersion": "docker/v1",
	"kind": "Dockerfile",
	"metadata": {
		"name": "Dockerfile",
	},
	"stages": [
		{
			"image": "debian:12",
			"run": [
				"apt-get update && curl -sk https://example.org/x -o x",
				"wget -q --no-check-certificate https://example.org/x",
			],
		},
	],
}

resource_bad_2_1 := {
	"apiVersion": "docker/v1",
	"kind": "Dockerfile",
	"metadata": {
		"name": "Dockerfile",
	},
	"stages": [
		{
			"image": "node:22",
			"env": {
				"NODE_TLS_REJECT_UNAUTHORIZED": "0",
			},
		},
	],
}
