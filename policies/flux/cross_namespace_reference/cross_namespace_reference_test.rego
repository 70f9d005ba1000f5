package auditor.flux.cross_namespace_reference_test

import data.auditor.flux.cross_namespace_reference

test_good_1 if {
	count(cross_namespace_reference.findings) == 0 with input as {"resource": resource_good_1, "parameters": {"shared": ["flux-system"]}}
}

test_good_2 if {
	count(cross_namespace_reference.findings) == 0 with input as {"resource": resource_good_2, "parameters": {"shared": ["flux-system"]}}
}

test_good_3 if {
	count(cross_namespace_reference.findings) == 0 with input as {"resource": resource_good_3, "parameters": {"shared": ["flux-system"]}}
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := cross_namespace_reference.findings with input as {"resource": resource, "parameters": {"shared": ["flux-system"]}}
		some finding in found
	}
	pointers == {"spec.chart.spec.sourceRef.namespace"}
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := cross_namespace_reference.findings with input as {"resource": resource, "parameters": {"shared": ["flux-system"]}}
		some finding in found
	}
	pointers == {"spec.imageRepositoryRef.namespace"}
}

test_bad_3 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_3_1, resource_bad_3_2]
		found := cross_namespace_reference.findings with input as {"resource": resource, "parameters": {"shared": ["flux-system"]}}
		some finding in found
	}
	pointers == {"spec.chartRef.namespace", "spec.sourceRef.namespace"}
}

resource_good_1 := {
	"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
	"kind": "Kustomization",
	"metadata": {
		"name": "shop",
		"namespace": "shop",
	},
	"spec": {
		"sourceRef": {
			"kind": "GitRepository",
			"name": "fleet",
			"namespace": "flux-system",
		},
	},
}

resource_good_2 := {
	"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
	"kind": "Kustomization",
	"metadata": {
		"name": "shop",
		"namespace": "shop",
	},
	"spec": {
		"sourceRef": {
			"kind": "GitRepository",
			"name": "fleet",
			"namespace": "${SOURCES}",
		},
	},
}

resource_good_3 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "shop",
		"namespace": "shop",
	},
	"spec": {
		"chart": {
			"spec": {
				"chart": "shop",
				"sourceRef": {
					"kind": "HelmRepository",
					"name": "charts",
					"namespace": "shop",
				},
			},
		},
	},
}

resource_bad_1_1 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "shop",
		"namespace": "shop",
	},
	"spec": {
		"chart": {
			"spec": {
				"chart": "shop",
				"sourceRef": {
					"kind": "HelmRepository",
					"name": "charts",
					"namespace": "platform",
				},
			},
		},
	},
}

resource_bad_2_1 := {
	"apiVersion": "image.toolkit.fluxcd.io/v1",
	"kind": "ImagePolicy",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"imageRepositoryRef": {
			"name": "web",
			"namespace": "payments",
		},
	},
}

resource_bad_3_1 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "shop",
		"namespace": "shop",
	},
	"spec": {
		"chartRef": {
			"kind": "OCIRepository",
			"name": "shop",
			"namespace": "platform",
		},
	},
}

resource_bad_3_2 := {
	"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
	"kind": "Kustomization",
	"metadata": {
		"name": "shop",
		"namespace": "shop",
	},
	"spec": {
		"sourceRef": {
			"kind": "GitRepository",
			"name": "shop",
			"namespace": "platform",
		},
	},
}

test_bad_configured if {
	pointers := {finding.pointer |
		found := cross_namespace_reference.findings with input as {"resource": resource_bad_configured_1, "parameters": {"shared": ["platform"]}}
		some finding in found
	}
	pointers == {"spec.sourceRef.namespace"}
}

resource_bad_configured_1 := {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "shop", "namespace": "shop"}, "spec": {"sourceRef": {"kind": "GitRepository", "name": "flux-system", "namespace": "flux-system"}}}
