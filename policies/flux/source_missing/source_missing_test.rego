package auditor.flux.source_missing_test

import data.auditor.flux.source_missing

test_good_1 if {
	count(source_missing.findings) == 0 with input as {"set": [resource_good_1_1, resource_good_1_2, resource_good_1_3], "context": {"environment": "production"}, "parameters": {}}
}

test_good_2 if {
	count(source_missing.findings) == 0 with input as {"set": [resource_good_2_1, resource_good_2_2], "context": {"environment": "production"}, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		found := source_missing.findings with input as {"set": [resource_bad_1, resource_bad_2], "context": {"environment": "production"}, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.chart.spec.sourceRef"}
}

resource_good_1_1 := {
	"apiVersion": "source.toolkit.fluxcd.io/v1",
	"kind": "HelmRepository",
	"metadata": {
		"name": "charts",
		"namespace": "flux-system",
	},
}

resource_good_1_2 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "shop",
		"namespace": "shop",
	},
	"spec": {
		"chart": {
			"spec": {
				"sourceRef": {
					"kind": "HelmRepository",
					"name": "charts",
					"namespace": "flux-system",
				},
			},
		},
	},
}

resource_good_1_3 := {
	"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
	"kind": "Kustomization",
	"metadata": {
		"name": "shop",
		"namespace": "flux-system",
	},
	"spec": {
		"sourceRef": {
			"kind": "GitRepository",
			"name": "elsewhere",
		},
	},
}

resource_good_2_1 := {
	"apiVersion": "source.toolkit.fluxcd.io/v1",
	"kind": "GitRepository",
	"metadata": {
		"name": "${FLEET}",
		"namespace": "flux-system",
	},
}

resource_good_2_2 := {
	"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
	"kind": "Kustomization",
	"metadata": {
		"name": "shop",
		"namespace": "flux-system",
	},
	"spec": {
		"sourceRef": {
			"kind": "GitRepository",
			"name": "fleet",
		},
	},
}

resource_bad_1 := {
	"apiVersion": "source.toolkit.fluxcd.io/v1",
	"kind": "HelmRepository",
	"metadata": {
		"name": "charts",
		"namespace": "flux-system",
	},
}

resource_bad_2 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "shop",
		"namespace": "shop",
	},
	"spec": {
		"chart": {
			"spec": {
				"sourceRef": {
					"kind": "HelmRepository",
					"name": "chart",
					"namespace": "flux-system",
				},
			},
		},
	},
}
