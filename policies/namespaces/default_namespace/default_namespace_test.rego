package auditor.namespaces.default_namespace_test

import data.auditor.namespaces.default_namespace

test_good_1_1 if {
	count(default_namespace.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
	"apiVersion": "v1",
	"kind": "ConfigMap",
	"metadata": {
		"name": "settings",
		"namespace": "shop",
	},
	"data": {
		"level": "info",
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := default_namespace.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"metadata.namespace"}
}

resource_bad_1_1 := {
	"apiVersion": "v1",
	"kind": "ConfigMap",
	"metadata": {
		"name": "settings",
		"namespace": "default",
	},
	"data": {
		"level": "info",
	},
}
