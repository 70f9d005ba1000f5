package auditor.helm.chart_version_floating_test

import data.auditor.helm.chart_version_floating

test_good_1_1 if {
	count(chart_version_floating.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
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
		"chart": {
			"spec": {
				"chart": "podinfo",
				"version": "6.9.0",
				"sourceRef": {
					"kind": "HelmRepository",
					"name": "podinfo",
				},
			},
		},
	},
}

test_good_2_1 if {
	count(chart_version_floating.findings) == 0 with input as {"resource": resource_good_2_1, "parameters": {}}
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
		"chart": {
			"spec": {
				"chart": "podinfo",
				"sourceRef": {
					"kind": "GitRepository",
					"name": "podinfo",
				},
			},
		},
	},
}

test_good_3_1 if {
	count(chart_version_floating.findings) == 0 with input as {"resource": resource_good_3_1, "parameters": {}}
}

resource_good_3_1 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "podinfo",
		"namespace": "shop",
	},
	"spec": {
		"interval": "10m",
		"chartRef": {
			"kind": "OCIRepository",
			"name": "podinfo",
		},
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := chart_version_floating.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.chart.spec.version"}
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
		"chart": {
			"spec": {
				"chart": "podinfo",
				"version": "6.x",
				"sourceRef": {
					"kind": "HelmRepository",
					"name": "podinfo",
				},
			},
		},
	},
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := chart_version_floating.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.chart.spec.version"}
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
		"chart": {
			"spec": {
				"chart": "podinfo",
				"sourceRef": {
					"kind": "HelmRepository",
					"name": "podinfo",
				},
			},
		},
	},
}
