package auditor.flux.source_not_verified_test

import data.auditor.flux.source_not_verified

test_good_1_1 if {
	count(source_not_verified.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
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
		"verify": {
			"provider": "cosign",
		},
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := source_not_verified.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.verify"}
}

resource_bad_1_1 := {
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

test_good_2 if {
	pointers := {finding.pointer |
		some resource in [good_2_resource_1, good_2_resource_2]
		found := source_not_verified.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

good_2_resource_1 := {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "OCIRepository", "metadata": {"name": "podinfo", "namespace": "shop"}, "spec": {"interval": "10m", "url": "oci://registry.example.org/shop/podinfo", "ref": {"digest": "sha256:5f1d6d3a3c2e4b8f9d0e7a6c5b4a39281706f5e4d3c2b1a0918273645546372819"}}}

good_2_resource_2 := {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": {"name": "podinfo", "namespace": "shop"}, "spec": {"interval": "10m", "url": "https://git.example.org/shop/podinfo", "ref": {"branch": "main", "commit": "9a3c1f4be0d2a7785c64e0f1b5d3928a7c6e4f10"}}}
