package auditor.argo_cd.revision_floating_test

import data.auditor.argo_cd.revision_floating

test_good_1 if {
	count(revision_floating.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := revision_floating.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.source.targetRevision"}
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := revision_floating.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.sources[0].targetRevision"}
}

test_bad_3 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_3_1]
		found := revision_floating.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.source.targetRevision"}
}

test_bad_4 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_4_1]
		found := revision_floating.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.source.targetRevision", "spec.template.spec.sources[0].targetRevision"}
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

resource_bad_1_1 := {
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
			"targetRevision": "HEAD",
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
		"sources": [
			{
				"repoURL": "https://charts.example.org",
				"chart": "podinfo",
				"targetRevision": "6.x",
			},
			{
				"repoURL": "https://git.example.org/fleet",
				"targetRevision": "v1.0.0",
				"ref": "values",
			},
		],
		"syncPolicy": {
			"automated": {
				"prune": true,
				"selfHeal": true,
			},
		},
	},
}

resource_bad_3_1 := {
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
				"source": {
					"repoURL": "https://git.example.org/shop",
					"targetRevision": "HEAD",
				},
			},
		},
	},
}

resource_bad_4_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "ApplicationSet",
	"metadata": {
		"name": "shops",
	},
	"spec": {
		"template": {
			"spec": {
				"source": {
					"repoURL": "https://charts.example.org",
					"chart": "shop",
					"targetRevision": "1.x",
				},
				"sources": [
					{
						"repoURL": "https://charts.example.org",
						"chart": "shop",
						"targetRevision": "2.x",
					},
				],
			},
		},
	},
}
