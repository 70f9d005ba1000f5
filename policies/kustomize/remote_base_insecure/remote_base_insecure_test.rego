package auditor.kustomize.remote_base_insecure_test

import data.auditor.kustomize.remote_base_insecure

test_good_1 if {
	count(remote_base_insecure.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := remote_base_insecure.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"bases[0]", "components[0]", "crds[0]"}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := remote_base_insecure.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"helmCharts[name=shop].repo", "resources[0]"}
}

resource_good_1 := {
	"apiVersion": "kustomize.config.k8s.io/v1beta1",
	"kind": "Kustomization",
	"metadata": {
		"name": "shop",
	},
	"resources": [
		"../base",
		"https://git.example.org/shop//deploy?ref=v1.4.2",
	],
	"helmCharts": [
		{
			"name": "shop",
			"repo": "https://charts.example.org",
		},
	],
}

resource_bad_2_1 := {
	"apiVersion": "kustomize.config.k8s.io/v1beta1",
	"kind": "Kustomization",
	"metadata": {
		"name": "shop",
	},
	"bases": [
		"git://git.example.org/shop",
	],
	"components": [
		"http://git.example.org/part",
	],
	"crds": [
		"http://git.example.org/crd.yaml",
	],
}

resource_bad_1 := {
	"apiVersion": "kustomize.config.k8s.io/v1beta1",
	"kind": "Kustomization",
	"metadata": {
		"name": "shop",
	},
	"resources": [
		"http://git.example.org/shop//deploy?ref=v1.4.2",
	],
	"helmCharts": [
		{
			"name": "shop",
			"repo": "http://charts.example.org",
		},
	],
}
