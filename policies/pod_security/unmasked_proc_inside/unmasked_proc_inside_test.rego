package auditor.pod_security.unmasked_proc_inside_test

import data.auditor.pod_security.unmasked_proc_inside

test_good_1 if {
	found := unmasked_proc_inside.findings with input as {"resource": resource_good_1, "parameters": {"kubernetes_version": "1.37"}}
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
		"hostUsers": false,
		"containers": [
			{
				"name": "web",
				"image": "registry.example.org/shop/web:1.4.2",
				"securityContext": {
					"procMount": "Default",
				},
			},
		],
	},
}

test_bad_1 if {
	found := unmasked_proc_inside.findings with input as {"resource": resource_bad_1, "parameters": {"kubernetes_version": "1.37"}}
	{finding.pointer | some finding in found} == {"spec.containers[name=web].securityContext.procMount"}
}

resource_bad_1 := {
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
					"procMount": "Unmasked",
				},
			},
		],
	},
}

test_before_1_35_the_baseline_rule_finds_it if {
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
						"procMount": "Unmasked",
					},
				},
			],
		},
	}
	found := unmasked_proc_inside.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.34"}}
	{finding.pointer | some finding in found} == set()
}

test_without_a_namespace_the_baseline_rule_finds_it if {
	resource := {
		"apiVersion": "v1",
		"kind": "Pod",
		"metadata": {
			"name": "web",
			"namespace": "shop",
		},
		"spec": {
			"hostUsers": true,
			"containers": [
				{
					"name": "web",
					"image": "registry.example.org/shop/web:1.4.2",
					"securityContext": {
						"procMount": "Unmasked",
					},
				},
			],
		},
	}
	found := unmasked_proc_inside.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.37"}}
	{finding.pointer | some finding in found} == set()
}

test_bad_configured if {
	pointers := {finding.pointer |
		found := unmasked_proc_inside.findings with input as {"resource": resource_bad_configured_1, "parameters": {"kubernetes_version": "1.35"}}
		some finding in found
	}
	pointers == {"spec.containers[name=web].securityContext.procMount"}
}

resource_bad_configured_1 := {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"hostUsers": false, "containers": [{"name": "web", "image": "registry.example.org/shop/web:1.4.2", "securityContext": {"procMount": "Unmasked"}}]}}

test_good_configured_1 if {
	count(unmasked_proc_inside.findings) == 0 with input as {"resource": resource_good_configured_1, "parameters": {"kubernetes_version": "1.34"}}
}

resource_good_configured_1 := {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"hostUsers": false, "containers": [{"name": "web", "image": "registry.example.org/shop/web:1.4.2", "securityContext": {"procMount": "Unmasked"}}]}}
