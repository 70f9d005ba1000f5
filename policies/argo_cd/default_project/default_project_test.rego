package auditor.argo_cd.default_project_test

import data.auditor.argo_cd.default_project

test_good_1 if {
	count(default_project.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := default_project.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.project"}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := default_project.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.project"}
}

resource_good_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "Application",
	"metadata": {
		"name": "shop",
		"namespace": "argocd",
	},
	"spec": {
		"project": "shop",
		"destination": {
			"server": "https://kubernetes.default.svc",
			"namespace": "shop",
		},
		"source": {
			"repoURL": "https://git.example.org/fleet",
			"path": "apps/shop",
			"targetRevision": "v1.4.2",
		},
		"syncPolicy": {
			"automated": {
				"prune": true,
				"selfHeal": true,
			},
		},
	},
}

resource_bad_2_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "ApplicationSet",
	"metadata": {
		"name": "shops",
	},
	"spec": {
		"generators": [
			{
				"clusters": {},
			},
		],
		"template": {
			"spec": {
				"project": "default",
			},
		},
	},
}

resource_bad_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "Application",
	"metadata": {
		"name": "shop",
		"namespace": "argocd",
	},
	"spec": {
		"project": "default",
		"destination": {
			"server": "https://kubernetes.default.svc",
			"namespace": "shop",
		},
		"source": {
			"repoURL": "https://git.example.org/fleet",
			"path": "apps/shop",
			"targetRevision": "v1.4.2",
		},
		"syncPolicy": {
			"automated": {
				"prune": true,
				"selfHeal": true,
			},
		},
	},
}
