package auditor.argo_cd.insecure_source_test

import data.auditor.argo_cd.insecure_source

test_good_1 if {
	count(insecure_source.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_good_2 if {
	count(insecure_source.findings) == 0 with input as {"resource": resource_good_2, "parameters": {}}
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := insecure_source.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.source.repoURL"}
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := insecure_source.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.sources[1].repoURL"}
}

test_bad_3 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_3_1]
		found := insecure_source.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.source.repoURL", "spec.template.spec.sources[0].repoURL"}
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
		},
	},
}

resource_good_2 := {
	"apiVersion": "argoproj.io/v1alpha1",
	"kind": "Application",
	"metadata": {
		"name": "shop",
	},
	"spec": {
		"source": {
			"repoURL": "http://gitea-http.gitea.svc:3000/shop",
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
			"repoURL": "http://git.example.org/shop",
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
				"repoURL": "https://git.example.org/values",
			},
			{
				"repoURL": "git://git.example.org/shop",
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
					"repoURL": "http://git.example.org/shop",
				},
				"sources": [
					{
						"repoURL": "http://git.example.org/shop",
					},
				],
			},
		},
	},
}
