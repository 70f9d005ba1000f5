package auditor.argo_cd.drift_stays_test

import data.auditor.argo_cd.drift_stays

test_good_1_1 if {
	count(drift_stays.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
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

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := drift_stays.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.syncPolicy.automated.selfHeal"}
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
			"targetRevision": "v1.4.2",
		},
		"syncPolicy": {
			"automated": {
				"prune": true,
			},
		},
	},
}
