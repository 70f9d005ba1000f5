package auditor.network.service_selects_nothing_test

import data.auditor.network.service_selects_nothing

test_good_1 if {
	found := service_selects_nothing.findings with input as {"set": [resource_good_1_1, resource_good_1_2, resource_good_1_3, resource_good_1_4, resource_good_1_5, resource_good_1_6, resource_good_1_7, resource_good_1_8], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

resource_good_1_1 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"selector": {
			"app": "web",
		},
	},
}

resource_good_1_2 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "web",
				"tier": "front",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "web",
					"tier": "front",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}

resource_good_1_3 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "db",
		"namespace": "shop",
	},
	"spec": {
		"selector": {
			"cnpg.io/cluster": "db",
		},
	},
}

resource_good_1_4 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "headless",
		"namespace": "shop",
	},
	"spec": {
		"clusterIP": "None",
	},
}

resource_good_1_5 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "chart",
		"namespace": "pay",
	},
	"spec": {
		"selector": {
			"app": "pay",
		},
	},
}

resource_good_1_6 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "worker",
		"namespace": "pay",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "worker",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "worker",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}

resource_good_1_7 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "pay",
		"namespace": "flux-system",
	},
	"spec": {
		"targetNamespace": "pay",
	},
}

resource_good_1_8 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "other",
		"namespace": "empty",
	},
	"spec": {
		"selector": {
			"app": "web",
		},
	},
}

test_bad_1 if {
	found := service_selects_nothing.findings with input as {"set": [resource_bad_1_1, resource_bad_1_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.selector"}
}

resource_bad_1_1 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"selector": {
			"app": "wbe",
		},
	},
}

resource_bad_1_2 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "web",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}

test_bad_2 if {
	found := service_selects_nothing.findings with input as {"set": [resource_bad_2_1, resource_bad_2_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.selector"}
}

resource_bad_2_1 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"selector": {
			"app": "web",
			"tier": "back",
		},
	},
}

resource_bad_2_2 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "web",
				"tier": "front",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "web",
					"tier": "front",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}
