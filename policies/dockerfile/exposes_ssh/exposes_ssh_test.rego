package auditor.dockerfile.exposes_ssh_test

import data.auditor.dockerfile.exposes_ssh

test_good_1 if {
	count(exposes_ssh.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := exposes_ssh.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"stages[0].expose[1]"}
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
			"expose": [
				"8080",
				"2222/tcp",
			],
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
			"image": "debian:12",
			"expose": [
				"8080",
				"22/tcp",
			],
		},
	],
}
