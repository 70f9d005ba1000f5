package auditor.pod_security.privilege_escalation_test

import data.auditor.pod_security.privilege_escalation

test_good_1_1 if {
	count(privilege_escalation.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
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
						"securityContext": {
							"allowPrivilegeEscalation": false,
						},
					},
				],
			},
		},
	},
}

test_good_2_1 if {
	count(privilege_escalation.findings) == 0 with input as {"resource": resource_good_2_1, "parameters": {}}
}

resource_good_2_1 := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"os": {
			"name": "windows",
		},
		"containers": [
			{
				"name": "web",
				"image": "registry.example.org/shop/web:1.4.2",
			},
		],
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := privilege_escalation.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].securityContext.allowPrivilegeEscalation"}
}

resource_bad_1_1 := {
	"apiVersion": "batch/v1",
	"kind": "Job",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
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
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := privilege_escalation.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.containers[name=web].securityContext.allowPrivilegeEscalation"}
}

resource_bad_2_1 := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"containers": [
			{
				"name": "web",
				"image": "registry.example.org/shop/web:1.4.2",
				"securityContext": {
					"allowPrivilegeEscalation": true,
				},
			},
		],
	},
}
