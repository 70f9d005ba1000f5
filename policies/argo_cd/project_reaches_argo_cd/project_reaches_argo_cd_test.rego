package auditor.argo_cd.project_reaches_argo_cd_test

import data.auditor.argo_cd.project_reaches_argo_cd

test_good_1 if {
	count(project_reaches_argo_cd.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_good_2 if {
	count(project_reaches_argo_cd.findings) == 0 with input as {"resource": resource_good_2, "parameters": {}}
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := project_reaches_argo_cd.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.destinations[0]"}
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := project_reaches_argo_cd.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.destinations[0]"}
}

test_bad_3 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_3_1]
		found := project_reaches_argo_cd.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.destinations[0]"}
}

resource_good_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "AppProject",
	"metadata": {
		"name": "shop",
		"namespace": "argocd",
	},
	"spec": {
		"destinations": [
			{
				"server": "https://kubernetes.default.svc",
				"namespace": "shop",
			},
		],
	},
}

resource_good_2 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "AppProject",
	"metadata": {
		"name": "all",
		"namespace": "argocd",
	},
	"spec": {
		"destinations": [
			{
				"server": "https://kubernetes.default.svc",
				"namespace": "*",
			},
			{
				"server": "https://kubernetes.default.svc",
				"namespace": "!argocd",
			},
		],
	},
}

resource_bad_1_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "AppProject",
	"metadata": {
		"name": "shop",
		"namespace": "argocd",
	},
	"spec": {
		"destinations": [
			{
				"server": "https://kubernetes.default.svc",
				"namespace": "*",
			},
		],
	},
}

resource_bad_2_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "AppProject",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"destinations": [
			{
				"name": "in-cluster",
				"namespace": "argocd",
			},
		],
	},
}

resource_bad_3_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "AppProject",
	"metadata": {
		"name": "shop",
		"namespace": "delivery",
	},
	"spec": {
		"destinations": [
			{
				"name": "in-cluster",
				"namespace": "delivery",
			},
		],
	},
}
