package auditor.helm.drift_detection_off_test

import data.auditor.helm.drift_detection_off

test_good_1 if {
	count(drift_detection_off.findings) == 0 with input as {"set": [resource_good_1_1], "context": {"environment": "production"}, "parameters": {}}
}

test_good_2 if {
	count(drift_detection_off.findings) == 0 with input as {"set": [resource_good_2_1, resource_good_2_2], "context": {"environment": "production"}, "parameters": {}}
}

test_bad_1 if {
	pointers := {finding.pointer |
		found := drift_detection_off.findings with input as {"set": [resource_bad_1_1], "context": {"environment": "production"}, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.driftDetection.mode"}
}

test_bad_2 if {
	pointers := {finding.pointer |
		found := drift_detection_off.findings with input as {"set": [resource_bad_2_1, resource_bad_2_2], "context": {"environment": "production"}, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.driftDetection.mode"}
}

resource_good_1_1 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "podinfo",
		"namespace": "shop",
	},
	"spec": {
		"interval": "10m",
		"driftDetection": {
			"mode": "enabled",
		},
	},
}

resource_good_2_1 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "podinfo",
		"namespace": "shop",
	},
	"spec": {
		"interval": "10m",
	},
}

resource_good_2_2 := {
	"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
	"kind": "Kustomization",
	"metadata": {
		"name": "apps",
		"namespace": "flux-system",
	},
	"spec": {
		"patches": [
			{
				"patch": "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: _\nspec:\n  driftDetection:\n    mode: enabled",
				"target": {
					"group": "helm.toolkit.fluxcd.io",
					"kind": "HelmRelease",
				},
			},
		],
	},
}

resource_bad_1_1 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "podinfo",
		"namespace": "shop",
	},
	"spec": {
		"interval": "10m",
	},
}

resource_bad_2_1 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "podinfo",
		"namespace": "shop",
	},
	"spec": {
		"interval": "10m",
		"driftDetection": {
			"mode": "warn",
		},
	},
}

resource_bad_2_2 := {
	"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
	"kind": "Kustomization",
	"metadata": {
		"name": "apps",
		"namespace": "flux-system",
	},
	"spec": {
		"patches": [
			{
				"patch": "[{\"op\": \"add\", \"path\": \"/spec/timeout\", \"value\": \"5m\"}]",
				"target": {
					"kind": "HelmRelease",
				},
			},
		],
	},
}

test_good_3 if {
	found := drift_detection_off.findings with input as {"set": [good_3_resource_1, good_3_resource_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

good_3_resource_1 := {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": "shop"}, "spec": {"interval": "10m"}}

good_3_resource_2 := {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component", "patches": [{"target": {"kind": "HelmRelease"}, "patch": "- op: add\n  path: /spec/driftDetection\n  value:\n    mode: enabled"}]}
