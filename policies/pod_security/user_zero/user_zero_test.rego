package auditor.pod_security.user_zero_test

import data.auditor.pod_security.user_zero

test_good_1 if {
	found := user_zero.findings with input as {"resource": resource_good_1, "parameters": {"kubernetes_version": "1.37"}}
	{finding.pointer | some finding in found} == set()
}

resource_good_1 := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"securityContext": {
			"runAsUser": 10001,
		},
		"containers": [
			{
				"name": "web",
				"image": "registry.example.org/shop/web:1.4.2",
			},
		],
	},
}

test_good_2 if {
	found := user_zero.findings with input as {"resource": resource_good_2, "parameters": {"kubernetes_version": "1.37"}}
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
		"hostUsers": false,
		"containers": [
			{
				"name": "web",
				"image": "registry.example.org/shop/web:1.4.2",
				"securityContext": {
					"runAsUser": 0,
				},
			},
		],
	},
}

test_bad_1 if {
	found := user_zero.findings with input as {"resource": resource_bad_1, "parameters": {"kubernetes_version": "1.37"}}
	{finding.pointer | some finding in found} == {"spec.containers[name=web].securityContext.runAsUser"}
}

resource_bad_1 := {
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
					"runAsUser": 0,
				},
			},
		],
	},
}

test_bad_2 if {
	found := user_zero.findings with input as {"resource": resource_bad_2, "parameters": {"kubernetes_version": "1.37"}}
	{finding.pointer | some finding in found} == {"spec.securityContext.runAsUser"}
}

resource_bad_2 := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"securityContext": {
			"runAsUser": 0,
		},
		"containers": [
			{
				"name": "web",
				"image": "registry.example.org/shop/web:1.4.2",
				"securityContext": {
					"runAsUser": 1000,
				},
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
			"securityContext": {
				"runAsUser": 0,
			},
			"containers": [
				{
					"name": "web",
					"image": "registry.example.org/shop/web:1.4.2",
					"securityContext": {
						"runAsUser": 0,
					},
				},
			],
		},
	}
	found := user_zero.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.34"}}
	{finding.pointer | some finding in found} == {"spec.containers[name=web].securityContext.runAsUser", "spec.securityContext.runAsUser"}
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
			"securityContext": {
				"runAsUser": 0,
			},
			"containers": [
				{
					"name": "web",
					"image": "registry.example.org/shop/web:1.4.2",
					"securityContext": {
						"runAsUser": 0,
					},
				},
			],
		},
	}
	found := user_zero.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.35"}}
	{finding.pointer | some finding in found} == set()
}

test_bad_configured if {
	pointers := {finding.pointer |
		found := user_zero.findings with input as {"resource": resource_bad_configured_1, "parameters": {"kubernetes_version": "1.34"}}
		some finding in found
	}
	pointers == {"spec.containers[name=web].securityContext.runAsUser"}
}

resource_bad_configured_1 := {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"hostUsers": false, "securityContext": {"runAsNonRoot": true}, "containers": [{"name": "web", "image": "registry.example.org/shop/web:1.4.2", "securityContext": {"runAsUser": 0}}]}}
