package auditor.dockerfile.uses_sudo_test

import data.auditor.dockerfile.uses_sudo

test_good_1 if {
	count(uses_sudo.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := uses_sudo.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"stages[0].run[0]"}
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
			"run": [
				"apt-get install -y sudo curl",
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
			"run": [
				"echo one && sudo apt-get update",
			],
		},
	],
}
