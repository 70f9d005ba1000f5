package auditor.images.pull_policy_test

import data.auditor.images.pull_policy

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := pull_policy.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
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
						"image": "nginx:latest",
					},
					{
						"name": "edge",
						"image": "web:edge",
						"imagePullPolicy": "Always",
					},
					{
						"name": "pinned",
						"image": "web:1.4.2",
						"imagePullPolicy": "IfNotPresent",
					},
					{
						"name": "digest",
						"image": "web:main@sha256:0f9d1cc32b6a0e1d4a2b8b8f9d1b2c3d4e5f60718293a4b5c6d7e8f901234567",
						"imagePullPolicy": "IfNotPresent",
					},
				],
			},
		},
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := pull_policy.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=edge].imagePullPolicy", "spec.template.spec.containers[name=never].imagePullPolicy", "spec.template.spec.containers[name=web].imagePullPolicy"}
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
						"image": "nginx",
						"imagePullPolicy": "IfNotPresent",
					},
					{
						"name": "edge",
						"image": "web:edge",
					},
					{
						"name": "never",
						"image": "web:latest",
						"imagePullPolicy": "Never",
					},
				],
			},
		},
	},
}
