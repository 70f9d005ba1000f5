package auditor.helm.remediation_missing_test

import data.auditor.helm.remediation_missing

test_good_1 if {
	count(remediation_missing.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_good_2 if {
	count(remediation_missing.findings) == 0 with input as {"resource": resource_good_2, "parameters": {}}
}

test_good_3 if {
	count(remediation_missing.findings) == 0 with input as {"resource": resource_good_3, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := remediation_missing.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.upgrade.remediation"}
}

resource_good_1 := {
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

resource_good_2 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"upgrade": {
			"remediation": {
				"remediateLastFailure": true,
			},
		},
	},
}

resource_good_3 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"upgrade": {
			"strategy": {
				"name": "RetryOnFailure",
			},
		},
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
