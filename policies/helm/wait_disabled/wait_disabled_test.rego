package auditor.helm.wait_disabled_test

import data.auditor.helm.wait_disabled

test_good_1 if {
	count(wait_disabled.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := wait_disabled.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.install.disableWait", "spec.upgrade.disableWait"}
}

resource_good_1 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"install": {
			"disableWait": false,
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
		"install": {
			"disableWait": true,
		},
		"upgrade": {
			"disableWait": true,
		},
	},
}
