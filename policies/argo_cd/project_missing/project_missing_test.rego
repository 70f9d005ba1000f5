package auditor.argo_cd.project_missing_test

import data.auditor.argo_cd.project_missing

test_good_1 if {
	count(project_missing.findings) == 0 with input as {"set": [resource_good_1_1, resource_good_1_2, resource_good_1_3], "context": {"environment": "production"}, "parameters": {}}
}

test_good_2 if {
	count(project_missing.findings) == 0 with input as {"set": [resource_good_2_1], "context": {"environment": "production"}, "parameters": {}}
}

test_good_3 if {
	count(project_missing.findings) == 0 with input as {"set": [resource_good_3_1, resource_good_3_2], "context": {"environment": "production"}, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		found := project_missing.findings with input as {"set": [resource_bad_1, resource_bad_2], "context": {"environment": "production"}, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.project"}
}

resource_good_1_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "AppProject",
	"metadata": {
		"name": "shop",
	},
}

resource_good_1_2 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "Application",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"project": "shop",
	},
}

resource_good_1_3 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "Application",
	"metadata": {
		"name": "other",
	},
	"spec": {
		"project": "default",
	},
}

resource_good_2_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "Application",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"project": "elsewhere",
	},
}

resource_good_3_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "AppProject",
	"metadata": {
		"name": "${TEAM}",
	},
}

resource_good_3_2 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "Application",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"project": "shop",
	},
}

resource_bad_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "AppProject",
	"metadata": {
		"name": "shop",
	},
}

resource_bad_2 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "Application",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"project": "shops",
	},
}
