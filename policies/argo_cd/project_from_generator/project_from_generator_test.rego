package auditor.argo_cd.project_from_generator_test

import data.auditor.argo_cd.project_from_generator

test_good_1 if {
	count(project_from_generator.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_good_2 if {
	count(project_from_generator.findings) == 0 with input as {"resource": resource_good_2, "parameters": {}}
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := project_from_generator.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.project"}
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := project_from_generator.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.project"}
}

resource_good_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "ApplicationSet",
	"metadata": {
		"name": "previews",
	},
	"spec": {
		"generators": [
			{
				"pullRequest": {
					"github": {
						"owner": "example",
						"repo": "shop",
					},
				},
			},
		],
		"template": {
			"spec": {
				"project": "previews",
			},
		},
	},
}

resource_good_2 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "ApplicationSet",
	"metadata": {
		"name": "teams",
	},
	"spec": {
		"generators": [
			{
				"list": {
					"elements": [
						{
							"team": "shop",
						},
					],
				},
			},
		],
		"template": {
			"spec": {
				"project": "{{team}}",
			},
		},
	},
}

resource_bad_1_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "ApplicationSet",
	"metadata": {
		"name": "previews",
	},
	"spec": {
		"generators": [
			{
				"pullRequest": {
					"github": {
						"owner": "example",
						"repo": "shop",
					},
				},
			},
		],
		"template": {
			"spec": {
				"project": "{{head_short_sha}}",
			},
		},
	},
}

resource_bad_2_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "ApplicationSet",
	"metadata": {
		"name": "previews",
	},
	"spec": {
		"generators": [
			{
				"matrix": {
					"generators": [
						{
							"scmProvider": {
								"github": {
									"organization": "example",
								},
							},
						},
						{
							"clusters": {},
						},
					],
				},
			},
		],
		"template": {
			"spec": {
				"project": "{{ .repository }}",
			},
		},
	},
}
