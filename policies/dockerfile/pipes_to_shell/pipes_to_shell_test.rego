package auditor.dockerfile.pipes_to_shell_test

import data.auditor.dockerfile.pipes_to_shell

test_good_1 if {
	count(pipes_to_shell.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := pipes_to_shell.findings with input as {"resource": resource, "parameters": {}}
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
				"curl -fsSLo key https://example.org/key && sha256sum -c key.sha256",
				"curl -fsSL https://example.org/x.tgz | tar xz",
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
				"curl -fsSL https://example.org/install.sh | bash -s -- --yes",
			],
		},
	],
}
