package auditor.flagger.insecure_address_test

import data.auditor.flagger.insecure_address

test_good_1 if {
	count(insecure_address.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_good_2 if {
	count(insecure_address.findings) == 0 with input as {"resource": resource_good_2, "parameters": {}}
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := insecure_address.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.provider.address", "spec.provider.insecureSkipVerify"}
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := insecure_address.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.address"}
}

resource_good_1 := {
	"apiVersion": "flagger.app/v1beta1",
	"kind": "MetricTemplate",
	"metadata": {
		"name": "errors",
	},
	"spec": {
		"provider": {
			"type": "prometheus",
			"address": "http://prometheus.monitoring.svc:9090",
		},
	},
}

resource_good_2 := {
	"apiVersion": "flagger.app/v1beta1",
	"kind": "AlertProvider",
	"metadata": {
		"name": "chat",
	},
	"spec": {
		"type": "slack",
		"secretRef": {
			"name": "chat",
		},
	},
}

resource_bad_1_1 := {
	"apiVersion": "flagger.app/v1beta1",
	"kind": "MetricTemplate",
	"metadata": {
		"name": "errors",
	},
	"spec": {
		"provider": {
			"type": "prometheus",
			"address": "http://prometheus.example.org",
			"insecureSkipVerify": true,
		},
	},
}

resource_bad_2_1 := {
	"apiVersion": "flagger.app/v1beta1",
	"kind": "AlertProvider",
	"metadata": {
		"name": "chat",
	},
	"spec": {
		"type": "msteams",
		"address": "http://chat.example.org/hook",
	},
}
