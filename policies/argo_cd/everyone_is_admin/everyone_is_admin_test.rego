package auditor.argo_cd.everyone_is_admin_test

import data.auditor.argo_cd.everyone_is_admin

test_good_1 if {
	count(everyone_is_admin.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := everyone_is_admin.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"data[\"policy.default\"]"}
}

resource_good_1 := {
	"apiVersion": "v1",
	"kind": "ConfigMap",
	"metadata": {
		"name": "argocd-rbac-cm",
	},
	"data": {
		"policy.default": "role:readonly",
	},
}

resource_bad_1 := {
	"apiVersion": "v1",
	"kind": "ConfigMap",
	"metadata": {
		"name": "argocd-rbac-cm",
	},
	"data": {
		"policy.default": "role:admin",
	},
}
