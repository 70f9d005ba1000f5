package auditor.helm.force_upgrade_test

import data.auditor.helm.force_upgrade

test_good_1 if {
	count(force_upgrade.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := force_upgrade.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.rollback.force"}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := force_upgrade.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.upgrade.force"}
}

resource_good_1 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"upgrade": {
			"force": false,
		},
	},
}

resource_bad_2_1 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"rollback": {
			"force": true,
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
		"upgrade": {
			"force": true,
		},
	},
}
