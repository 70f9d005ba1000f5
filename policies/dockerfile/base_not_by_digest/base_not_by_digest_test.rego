package auditor.dockerfile.base_not_by_digest_test

import data.auditor.dockerfile.base_not_by_digest

test_good_1 if {
	count(base_not_by_digest.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := base_not_by_digest.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"stages[0].image"}
}

resource_good_1 := {
	"apiVersion": "docker/v1",
	"kind": "Dockerfile",
	"metadata": {
		"name": "Dockerfile",
	},
	"stages": [
		{
			"image": "debian:12@sha256:2f2307d7c75315ca7561e17a4e3aa95d58837f326954af08514044e8286e6d65",
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
		},
	],
}
