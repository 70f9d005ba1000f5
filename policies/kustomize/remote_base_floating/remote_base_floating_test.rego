package auditor.kustomize.remote_base_floating_test

import data.auditor.kustomize.remote_base_floating

test_good_1_1 if {
	count(remote_base_floating.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
	"apiVersion": "kustomize.config.k8s.io/v1beta1",
	"kind": "Kustomization",
	"resources": [
		"deployment.yaml",
		"../base",
		"https://github.com/example/app//deploy?ref=v1.4.2",
		"https://raw.githubusercontent.com/example/app/v1.4.2/deploy/crds.yaml",
		"https://github.com/example/app/releases/download/v1.4.2/install.yaml",
	],
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := remote_base_floating.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"resources[0]", "resources[1]", "components[0]"}
}

resource_bad_1_1 := {
	"apiVersion": "kustomize.config.k8s.io/v1beta1",
	"kind": "Kustomization",
	"resources": [
		"https://github.com/example/app//deploy?ref=main",
		"https://raw.githubusercontent.com/example/app/main/deploy/crds.yaml",
	],
	"components": [
		"github.com/example/app/component",
	],
}

test_good_2_1 if {
	count(remote_base_floating.findings) == 0 with input as {"resource": resource_good_2_1, "parameters": {}}
}

resource_good_2_1 := {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": ["https://github.com/example/app//deploy?ref=${APP_VERSION}"]}
