package auditor.pod_security.capabilities_not_dropped_test

import data.auditor.pod_security.capabilities_not_dropped

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := capabilities_not_dropped.findings with input as {"resource": resource, "parameters": {}}
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
						"image": "registry.example.org/shop/web:1.4.2",
						"securityContext": {
							"capabilities": {
								"drop": [
									"ALL",
								],
								"add": [
									"NET_BIND_SERVICE",
								],
							},
						},
					},
				],
			},
		},
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := capabilities_not_dropped.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].securityContext.capabilities.drop"}
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
						"securityContext": {
							"capabilities": {
								"drop": [
									"NET_RAW",
								],
							},
						},
					},
				],
			},
		},
	},
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := capabilities_not_dropped.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.containers[name=web].securityContext.capabilities.add"}
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
					"capabilities": {
						"drop": [
							"ALL",
						],
						"add": [
							"CHOWN",
						],
					},
				},
			},
		],
	},
}

test_bad_3 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_3_1]
		found := capabilities_not_dropped.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.containers[name=web].securityContext.capabilities.add", "spec.containers[name=web].securityContext.capabilities.drop"}
}

resource_bad_3_1 := {
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
					"capabilities": {
						"drop": [
							"all",
						],
						"add": [
							"SETUID",
							"CHOWN",
							"NET_BIND_SERVICE",
						],
					},
				},
			},
		],
	},
}

test_other_letters_are_named if {
	resource := {"kind": "Pod", "spec": {"containers": [{"name": "web", "securityContext": {"capabilities": {"drop": ["all"], "add": ["SETUID", "CHOWN"]}}}]}}
	found := capabilities_not_dropped.findings with input as {"resource": resource, "parameters": {}}
	{finding.message | some finding in found} == {
		"container web drops all, but the restricted standard asks for ALL as it is written",
		"container web adds CHOWN, SETUID, which the restricted standard does not allow",
	}
}
