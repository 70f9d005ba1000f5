package auditor.pod_security.windows_host_process_test

import data.auditor.pod_security.windows_host_process

test_good_1 if {
	found := windows_host_process.findings with input as {"resource": resource_good_1, "parameters": {}}
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
					"windowsOptions": {
						"hostProcess": false,
					},
				},
			},
		],
	},
}

test_bad_1 if {
	found := windows_host_process.findings with input as {"resource": resource_bad_1, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.template.spec.securityContext.windowsOptions.hostProcess"}
}

resource_bad_1 := {
	"apiVersion": "apps/v1",
	"kind": "DaemonSet",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
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
					"windowsOptions": {
						"hostProcess": true,
					},
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

test_bad_2 if {
	found := windows_host_process.findings with input as {"resource": resource_bad_2, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.containers[name=web].securityContext.windowsOptions.hostProcess"}
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
					"windowsOptions": {
						"hostProcess": true,
					},
				},
			},
		],
	},
}
