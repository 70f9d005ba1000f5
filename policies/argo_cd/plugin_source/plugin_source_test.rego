package auditor.argo_cd.plugin_source_test

import data.auditor.argo_cd.plugin_source

test_good_1 if {
	count(plugin_source.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := plugin_source.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.source.plugin"}
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := plugin_source.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.sources[0].plugin"}
}

test_bad_3 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_3_1]
		found := plugin_source.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.source.plugin", "spec.template.spec.sources[0].plugin"}
}

resource_good_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "Application",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"source": {
			"repoURL": "https://git.example.org/shop",
			"path": "deploy",
		},
	},
}

resource_bad_1_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "Application",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"source": {
			"repoURL": "https://git.example.org/shop",
			"plugin": {
				"name": "vault",
			},
		},
	},
}

resource_bad_2_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "Application",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"sources": [
			{
				"repoURL": "https://git.example.org/shop",
				"plugin": {},
			},
		],
	},
}

resource_bad_3_1 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "ApplicationSet",
	"metadata": {
		"name": "shops",
	},
	"spec": {
		"template": {
			"spec": {
				"source": {
					"plugin": {
						"name": "vault",
					},
				},
				"sources": [
					{
						"plugin": {
							"name": "vault",
						},
					},
				],
			},
		},
	},
}
