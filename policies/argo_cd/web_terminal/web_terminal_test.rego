package auditor.argo_cd.web_terminal_test

import data.auditor.argo_cd.web_terminal

test_good_1 if {
	count(web_terminal.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := web_terminal.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"data[\"exec.enabled\"]"}
}

resource_good_1 := {
	"apiVersion": "v1",
	"kind": "ConfigMap",
	"metadata": {
		"name": "argocd-cm",
	},
	"data": {
		"url": "https://argocd.example.org",
	},
}

resource_bad_1 := {
	"apiVersion": "v1",
	"kind": "ConfigMap",
	"metadata": {
		"name": "argocd-cm",
	},
	"data": {
		"exec.enabled": "true",
	},
}
