package auditor.argo_cd.project_wildcard_test

import data.auditor.argo_cd.project_wildcard

test_good_1_1 if {
	count(project_wildcard.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "AppProject",
	"metadata": {
		"name": "shop",
		"namespace": "argocd",
	},
	"spec": {
		"sourceRepos": [
			"https://git.example.org/fleet",
		],
		"destinations": [
			{
				"server": "https://kubernetes.default.svc",
				"namespace": "shop",
			},
		],
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := project_wildcard.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.sourceRepos[0]", "spec.destinations[0]", "spec.clusterResourceWhitelist[0]"}
}

resource_bad_1_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "AppProject",
	"metadata": {
		"name": "shop",
		"namespace": "argocd",
	},
	"spec": {
		"sourceRepos": [
			"*",
		],
		"destinations": [
			{
				"server": "*",
				"namespace": "*",
			},
		],
		"clusterResourceWhitelist": [
			{
				"group": "*",
				"kind": "*",
			},
		],
	},
}
