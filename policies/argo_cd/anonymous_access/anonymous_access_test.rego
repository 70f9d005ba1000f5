package auditor.argo_cd.anonymous_access_test

import data.auditor.argo_cd.anonymous_access

test_good_1 if {
	count(anonymous_access.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := anonymous_access.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"data[\"users.anonymous.enabled\"]"}
}

resource_good_1 := {
	"apiVersion": "v1",
	"kind": "ConfigMap",
	"metadata": {
		"name": "argocd-cm",
	},
	"data": {
		"users.anonymous.enabled": "false",
	},
}

resource_bad_1 := {
	"apiVersion": "v1",
	"kind": "ConfigMap",
	"metadata": {
		"name": "argocd-cm",
	},
	"data": {
		"users.anonymous.enabled": "true",
	},
}
