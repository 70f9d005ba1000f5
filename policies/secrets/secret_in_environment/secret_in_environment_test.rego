package auditor.secrets.secret_in_environment_test

import data.auditor.secrets.secret_in_environment

test_good_1_1 if {
	count(secret_in_environment.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
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
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
						"env": [
							{
								"name": "LEVEL",
								"valueFrom": {
									"configMapKeyRef": {
										"name": "settings",
										"key": "level",
									},
								},
							},
						],
					},
				],
			},
		},
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := secret_in_environment.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].envFrom[0]", "spec.template.spec.containers[name=web].env[name=PASSWORD]"}
}

resource_bad_1_1 := {
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
						"envFrom": [
							{
								"secretRef": {
									"name": "web",
								},
							},
						],
						"env": [
							{
								"name": "PASSWORD",
								"valueFrom": {
									"secretKeyRef": {
										"name": "database",
										"key": "password",
									},
								},
							},
						],
					},
				],
			},
		},
	},
}
