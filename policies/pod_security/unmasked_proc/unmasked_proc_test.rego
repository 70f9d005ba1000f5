package auditor.pod_security.unmasked_proc_test

import data.auditor.pod_security.unmasked_proc

test_good_1 if {
	found := unmasked_proc.findings with input as {"resource": resource_good_1, "parameters": {"kubernetes_version": "1.37"}}
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

test_good_2 if {
	found := unmasked_proc.findings with input as {"resource": resource_good_2, "parameters": {"kubernetes_version": "1.37"}}
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
					"procMount": "Unmasked",
				},
			},
		],
	},
}

test_bad_1 if {
	found := unmasked_proc.findings with input as {"resource": resource_bad_1, "parameters": {"kubernetes_version": "1.37"}}
	{finding.pointer | some finding in found} == {"spec.template.spec.containers[name=web].securityContext.procMount"}
}

resource_bad_1 := {
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
							"procMount": "Unmasked",
						},
					},
				],
			},
		},
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
						"procMount": "Unmasked",
					},
				},
			],
		},
	}
	found := unmasked_proc.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.34"}}
	{finding.pointer | some finding in found} == {"spec.containers[name=web].securityContext.procMount"}
}

test_from_1_35_baseline_lets_it_be_unmasked_inside if {
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
	found := unmasked_proc.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.35"}}
	{finding.pointer | some finding in found} == set()
}

test_the_hosts_users_are_no_namespace if {
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
	found := unmasked_proc.findings with input as {"resource": resource, "parameters": {"kubernetes_version": "1.37"}}
	{finding.pointer | some finding in found} == {"spec.containers[name=web].securityContext.procMount"}
}

test_bad_configured if {
	pointers := {finding.pointer |
		found := unmasked_proc.findings with input as {"resource": resource_bad_configured_1, "parameters": {"kubernetes_version": "1.34"}}
		some finding in found
	}
	pointers == {"spec.containers[name=web].securityContext.procMount"}
}

resource_bad_configured_1 := {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"hostUsers": false, "containers": [{"name": "web", "image": "registry.example.org/shop/web:1.4.2", "securityContext": {"procMount": "Unmasked"}}]}}
