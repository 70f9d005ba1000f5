package auditor.pod_security.privilege_escalation_test

import data.auditor.pod_security.privilege_escalation

test_good_1 if {
	found := privilege_escalation.findings with input as {"resource": resource_good_1, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

resource_good_1 := {
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

test_good_2 if {
	found := privilege_escalation.findings with input as {"resource": resource_good_2, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

resource_good_2 := {
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
	found := privilege_escalation.findings with input as {"resource": resource_bad_1, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.template.spec.containers[name=web].securityContext.allowPrivilegeEscalation"}
}

resource_bad_1 := {
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
	found := privilege_escalation.findings with input as {"resource": resource_bad_2, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.containers[name=web].securityContext.allowPrivilegeEscalation"}
}

resource_bad_2 := {
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

test_what_is_filled_in_later_is_not_judged if {
	resource := {
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
						"allowPrivilegeEscalation": "${ESCALATE}",
					},
				},
			],
		},
	}
	found := privilege_escalation.findings with input as {"resource": resource, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}
