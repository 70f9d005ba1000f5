package auditor.network.external_ips_test

import data.auditor.network.external_ips

test_good_1_1 if {
	count(external_ips.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "web",
	},
	"spec": {
		"selector": {
			"app": "web",
		},
		"ports": [
			{
				"port": 80,
			},
		],
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := external_ips.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.externalIPs"}
}

resource_bad_1_1 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "web",
	},
	"spec": {
		"externalIPs": [
			"198.51.100.7",
		],
		"selector": {
			"app": "web",
		},
		"ports": [
			{
				"port": 80,
			},
		],
	},
}
