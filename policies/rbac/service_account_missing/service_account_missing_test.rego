package auditor.rbac.service_account_missing_test

import data.auditor.rbac.service_account_missing

test_good_1 if {
	found := service_account_missing.findings with input as {"set": [resource_good_1_1, resource_good_1_2, resource_good_1_3, resource_good_1_4], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

resource_good_1_1 := {
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
				"serviceAccountName": "web",
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

resource_good_1_2 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "plain",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "plain",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "plain",
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
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "elsewhere",
		"namespace": "pay",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "elsewhere",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "elsewhere",
				},
			},
			"spec": {
				"serviceAccountName": "pay",
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

resource_good_1_4 := {
	"apiVersion": "v1",
	"kind": "ServiceAccount",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
}

test_bad_1 if {
	found := service_account_missing.findings with input as {"set": [resource_bad_1_1, resource_bad_1_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.jobTemplate.spec.template.spec.serviceAccountName"}
}

resource_bad_1_1 := {
	"apiVersion": "batch/v1",
	"kind": "CronJob",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"schedule": "0 3 * * *",
		"jobTemplate": {
			"spec": {
				"template": {
					"metadata": {
						"labels": {
							"app": "web",
						},
					},
					"spec": {
						"serviceAccountName": "wbe",
						"containers": [
							{
								"name": "web",
								"image": "registry.example.org/shop/web:1.4.2",
							},
						],
					},
				},
			},
		},
	},
}

resource_bad_1_2 := {
	"apiVersion": "v1",
	"kind": "ServiceAccount",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
}
