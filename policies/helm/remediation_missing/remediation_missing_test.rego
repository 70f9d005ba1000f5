package auditor.helm.remediation_missing_test

import data.auditor.helm.remediation_missing

test_good_1 if {
	count(remediation_missing.findings) == 0 with input as {"set": [resource_good_1_1, resource_good_1_2, resource_good_1_3], "context": {"environment": "production"}, "parameters": {}}
}

test_good_2 if {
	count(remediation_missing.findings) == 0 with input as {"set": [resource_good_2_1, resource_good_2_2], "context": {"environment": "production"}, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		found := remediation_missing.findings with input as {"set": [resource_bad_1], "context": {"environment": "production"}, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.upgrade.remediation"}
}

resource_good_1_1 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"upgrade": {
			"remediation": {
				"retries": 3,
			},
		},
	},
}

resource_good_1_2 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "pay",
	},
	"spec": {
		"upgrade": {
			"remediation": {
				"remediateLastFailure": true,
			},
		},
	},
}

resource_good_1_3 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "web",
	},
	"spec": {
		"upgrade": {
			"strategy": {
				"name": "RetryOnFailure",
			},
		},
	},
}

resource_good_2_1 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "shop",
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
	},
	"spec": {
		"patches": [
			{
				"patch": "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: _\nspec:\n  upgrade:\n    remediation:\n      retries: 2",
			},
		],
	},
}

resource_bad_1 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"interval": "10m",
	},
}

test_good_3 if {
	count(remediation_missing.findings) == 0 with input as {"set": [resource_good_3_1, resource_good_3_2], "context": {"environment": "production"}, "parameters": {}}
}

resource_good_3_1 := {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": "shop"}, "spec": {"interval": "10m"}}

resource_good_3_2 := {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "apps"}, "spec": {"patches": [{"target": {"kind": "HelmRelease"}, "patch": "- op: add\n  path: /spec/upgrade/strategy\n  value:\n    name: RetryOnFailure"}]}}

test_good_4 if {
	found := remediation_missing.findings with input as {"set": [good_4_resource_1, good_4_resource_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

good_4_resource_1 := {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": "shop"}, "spec": {"interval": "10m"}}

good_4_resource_2 := {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component", "patches": [{"target": {"kind": "HelmRelease"}, "patch": "- op: add\n  path: /spec/upgrade/remediation\n  value:\n    retries: 3"}]}
