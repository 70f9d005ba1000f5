package auditor.pod_security.may_run_as_root_test

import data.auditor.pod_security.may_run_as_root

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := may_run_as_root.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.37"}}
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
				"securityContext": {
					"runAsNonRoot": true,
				},
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

test_good_2 if {
	pointers := {finding.pointer |
		some resource in [resource_good_2_1]
		found := may_run_as_root.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.37"}}
		some finding in found
	}
	pointers == set()
}

resource_good_2_1 := {
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
					"runAsNonRoot": true,
					"runAsUser": 1000,
				},
			},
		],
	},
}

test_good_3 if {
	pointers := {finding.pointer |
		some resource in [resource_good_3_1]
		found := may_run_as_root.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.37"}}
		some finding in found
	}
	pointers == set()
}

resource_good_3_1 := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"hostUsers": false,
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
		found := may_run_as_root.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.37"}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=web].securityContext.runAsNonRoot"}
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
					},
				],
			},
		},
	},
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := may_run_as_root.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.37"}}
		some finding in found
	}
	pointers == {"spec.securityContext.runAsNonRoot"}
}

resource_bad_2_1 := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"securityContext": {
			"runAsNonRoot": false,
		},
		"containers": [
			{
				"name": "web",
				"image": "registry.example.org/shop/web:1.4.2",
				"securityContext": {
					"runAsNonRoot": true,
				},
			},
		],
	},
}

test_bad_3 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_3_1]
		found := may_run_as_root.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.37"}}
		some finding in found
	}
	pointers == {"spec.containers[name=web].securityContext.runAsNonRoot"}
}

resource_bad_3_1 := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"securityContext": {
			"runAsNonRoot": true,
		},
		"containers": [
			{
				"name": "web",
				"image": "registry.example.org/shop/web:1.4.2",
				"securityContext": {
					"runAsNonRoot": false,
				},
			},
		],
	},
}

test_bad_4 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_4_1]
		found := may_run_as_root.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.37"}}
		some finding in found
	}
	pointers == {"spec.containers[name=web].securityContext.runAsNonRoot"}
}

resource_bad_4_1 := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"securityContext": {
			"runAsUser": 568,
		},
		"containers": [
			{
				"name": "web",
				"image": "registry.example.org/shop/web:1.4.2",
			},
		],
	},
}

test_bad_configured if {
	pointers := {finding.pointer |
		some resource in [resource_bad_configured_1]
		found := may_run_as_root.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.34"}}
		some finding in found
	}
	pointers == {"spec.containers[name=web].securityContext.runAsNonRoot"}
}

resource_bad_configured_1 := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"hostUsers": false,
		"containers": [
			{
				"name": "web",
				"image": "registry.example.org/shop/web:1.4.2",
			},
		],
	},
}

test_before_1_35_a_user_namespace_changes_nothing if {
	resource := {
		"apiVersion": "v1",
		"kind": "Pod",
		"metadata": {
			"name": "web",
			"namespace": "shop",
		},
		"spec": {
			"hostUsers": false,
			"containers": [
				{
					"name": "web",
					"image": "registry.example.org/shop/web:1.4.2",
					"securityContext": {
						"runAsNonRoot": false,
					},
				},
			],
		},
	}
	found := may_run_as_root.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.34"}}
	{finding.pointer | some finding in found} == {"spec.containers[name=web].securityContext.runAsNonRoot"}
}

test_from_1_35_root_may_be_in_a_user_namespace if {
	resource := {
		"apiVersion": "v1",
		"kind": "Pod",
		"metadata": {
			"name": "web",
			"namespace": "shop",
		},
		"spec": {
			"hostUsers": false,
			"containers": [
				{
					"name": "web",
					"image": "registry.example.org/shop/web:1.4.2",
					"securityContext": {
						"runAsNonRoot": false,
					},
				},
			],
		},
	}
	found := may_run_as_root.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.35"}}
	{finding.pointer | some finding in found} == set()
}

test_the_pods_own_false_is_said_once if {
	resource := {
		"apiVersion": "v1",
		"kind": "Pod",
		"metadata": {
			"name": "web",
			"namespace": "shop",
		},
		"spec": {
			"securityContext": {
				"runAsNonRoot": false,
			},
			"containers": [
				{
					"name": "web",
					"image": "registry.example.org/shop/web:1.4.2",
				},
			],
		},
	}
	found := may_run_as_root.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.37"}}
	{finding.pointer | some finding in found} == {"spec.securityContext.runAsNonRoot"}
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
			"securityContext": {
				"runAsNonRoot": "${NON_ROOT}",
			},
			"containers": [
				{
					"name": "web",
					"image": "registry.example.org/shop/web:1.4.2",
				},
			],
		},
	}
	found := may_run_as_root.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.37"}}
	{finding.pointer | some finding in found} == set()
}

test_a_user_other_than_root_is_named if {
	resource := {"kind": "Pod", "spec": {"securityContext": {"runAsUser": 568}, "containers": [{"name": "web"}, {"name": "root", "securityContext": {"runAsUser": 0}}]}}
	found := may_run_as_root.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.37"}}
	{finding.message | some finding in found} == {
		"container web runs as user 568, but nothing holds it to that: runAsNonRoot is not true",
		"container root may run as root: runAsNonRoot is not true",
	}
}
