package auditor.argo_cd.drift_stays_test

import data.auditor.argo_cd.drift_stays

test_good_1 if {
	count(drift_stays.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := drift_stays.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.syncPolicy.automated.selfHeal"}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := drift_stays.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.syncPolicy.automated.selfHeal"}
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
				"syncPolicy": {
					"automated": {
						"prune": true,
					},
				},
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
			},
		},
	},
}
