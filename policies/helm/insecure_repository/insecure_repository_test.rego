package auditor.helm.insecure_repository_test

import data.auditor.helm.insecure_repository

test_good_1_1 if {
	count(insecure_repository.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
	"apiVersion": "source.toolkit.fluxcd.io/v1",
	"kind": "HelmRepository",
	"metadata": {
		"name": "podinfo",
		"namespace": "shop",
	},
	"spec": {
		"interval": "10m",
		"url": "https://charts.example.org",
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := insecure_repository.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.url", "spec.passCredentials"}
}

resource_bad_1_1 := {
	"apiVersion": "source.toolkit.fluxcd.io/v1",
	"kind": "HelmRepository",
	"metadata": {
		"name": "podinfo",
		"namespace": "shop",
	},
	"spec": {
		"interval": "10m",
		"url": "http://charts.example.org",
		"passCredentials": true,
	},
}
