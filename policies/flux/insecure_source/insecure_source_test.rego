package auditor.flux.insecure_source_test

import data.auditor.flux.insecure_source

test_good_1_1 if {
	count(insecure_source.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
	"apiVersion": "source.toolkit.fluxcd.io/v1",
	"kind": "GitRepository",
	"metadata": {
		"name": "podinfo",
		"namespace": "shop",
	},
	"spec": {
		"interval": "10m",
		"url": "https://git.example.org/shop/podinfo",
		"ref": {
			"tag": "6.9.0",
		},
	},
}

test_good_2_1 if {
	count(insecure_source.findings) == 0 with input as {"resource": resource_good_2_1, "parameters": {}}
}

resource_good_2_1 := {
	"apiVersion": "source.toolkit.fluxcd.io/v1",
	"kind": "OCIRepository",
	"metadata": {
		"name": "podinfo",
		"namespace": "shop",
	},
	"spec": {
		"interval": "10m",
		"url": "oci://registry.example.org/shop/podinfo",
		"ref": {
			"tag": "6.9.0",
		},
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := insecure_source.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.url"}
}

resource_bad_1_1 := {
	"apiVersion": "source.toolkit.fluxcd.io/v1",
	"kind": "GitRepository",
	"metadata": {
		"name": "podinfo",
		"namespace": "shop",
	},
	"spec": {
		"interval": "10m",
		"url": "http://git.example.org/shop/podinfo",
		"ref": {
			"tag": "6.9.0",
		},
	},
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := insecure_source.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.insecure"}
}

resource_bad_2_1 := {
	"apiVersion": "source.toolkit.fluxcd.io/v1",
	"kind": "OCIRepository",
	"metadata": {
		"name": "podinfo",
		"namespace": "shop",
	},
	"spec": {
		"interval": "10m",
		"url": "oci://registry.example.org/shop/podinfo",
		"insecure": true,
		"ref": {
			"tag": "6.9.0",
		},
	},
}
