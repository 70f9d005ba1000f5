package auditor.argo_cd.role_wildcard_test

import data.auditor.argo_cd.role_wildcard

test_good_1 if {
	count(role_wildcard.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := role_wildcard.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.roles[name=admin].policies[0]"}
}

resource_good_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "AppProject",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"roles": [
			{
				"name": "ci",
				"policies": [
					"p, proj:shop:ci, applications, sync, shop/*, allow",
					"p, proj:shop:ci, applications, *, shop/*, deny",
					"g, group, role",
				],
			},
		],
	},
}

resource_bad_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "AppProject",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"roles": [
			{
				"name": "admin",
				"policies": [
					"p, proj:shop:admin, applications, *, shop/*, allow",
				],
			},
		],
	},
}
