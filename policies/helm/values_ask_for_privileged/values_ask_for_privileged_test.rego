package auditor.helm.values_ask_for_privileged_test

import data.auditor.helm.values_ask_for_privileged

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1, resource_good_1_2, resource_good_1_3]
		found := values_ask_for_privileged.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_1_1 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"interval": "1h",
		"values": {
			"securityContext": {
				"privileged": false,
			},
			"args": [
				"--privileged",
				"true",
			],
			"log": "privileged",
		},
	},
}

resource_good_1_2 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "web",
		"namespace": "shop",
		"labels": {
			"privileged": "true",
		},
	},
	"spec": {
		"interval": "1h",
	},
}

resource_good_1_3 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"interval": "1h",
		"values": {
			"privileged": "true",
		},
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := values_ask_for_privileged.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.values.controllers.plugin.containers.app.securityContext.privileged", "spec.values.kubeletPlugin.privileged", "spec.values.sidecars[name=tun].securityContext.privileged"}
}

resource_bad_1_1 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "plugin",
		"namespace": "shop",
	},
	"spec": {
		"interval": "1h",
		"values": {
			"controllers": {
				"plugin": {
					"containers": {
						"app": {
							"securityContext": {
								"privileged": true,
							},
						},
					},
				},
			},
			"kubeletPlugin": {
				"privileged": true,
			},
			"sidecars": [
				{
					"name": "tun",
					"securityContext": {
						"privileged": true,
					},
				},
			],
		},
	},
}
