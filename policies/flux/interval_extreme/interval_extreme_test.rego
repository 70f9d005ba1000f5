package auditor.flux.interval_extreme_test

import data.auditor.flux.interval_extreme

test_good_1 if {
	count(interval_extreme.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_good_2 if {
	count(interval_extreme.findings) == 0 with input as {"resource": resource_good_2, "parameters": {}}
}

test_good_3 if {
	count(interval_extreme.findings) == 0 with input as {"resource": resource_good_3, "parameters": {}}
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := interval_extreme.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.interval"}
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := interval_extreme.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.interval"}
}

resource_good_1 := {
	"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
	"kind": "Kustomization",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"interval": "10m",
	},
}

resource_good_2 := {
	"apiVersion": "source.toolkit.fluxcd.io/v1",
	"kind": "HelmRepository",
	"metadata": {
		"name": "charts",
	},
	"spec": {
		"interval": "24h",
	},
}

resource_good_3 := {
	"apiVersion": "source.toolkit.fluxcd.io/v1",
	"kind": "GitRepository",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"interval": "${INTERVAL}",
	},
}

resource_bad_1_1 := {
	"apiVersion": "source.toolkit.fluxcd.io/v1",
	"kind": "GitRepository",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"interval": "5s",
	},
}

resource_bad_2_1 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"interval": "168h0m",
	},
}
