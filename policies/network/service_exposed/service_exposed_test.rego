package auditor.network.service_exposed_test

import data.auditor.network.service_exposed

test_good_1_1 if {
	count(service_exposed.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
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

test_good_2_1 if {
	count(service_exposed.findings) == 0 with input as {"resource": resource_good_2_1, "parameters": {}}
}

resource_good_2_1 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "web",
		"annotations": {
			"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
		},
	},
	"spec": {
		"type": "LoadBalancer",
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
		found := service_exposed.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.type"}
}

resource_bad_1_1 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "web",
	},
	"spec": {
		"type": "NodePort",
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

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := service_exposed.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.type"}
}

resource_bad_2_1 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "web",
	},
	"spec": {
		"type": "LoadBalancer",
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
