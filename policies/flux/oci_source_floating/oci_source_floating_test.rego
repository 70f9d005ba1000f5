package auditor.flux.oci_source_floating_test

import data.auditor.flux.oci_source_floating

test_good_1_1 if {
	count(oci_source_floating.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
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
	},
}

test_good_2_1 if {
	count(oci_source_floating.findings) == 0 with input as {"resource": resource_good_2_1, "parameters": {}}
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
			"semver": "6.9.0",
		},
	},
}

test_good_3_1 if {
	count(oci_source_floating.findings) == 0 with input as {"resource": resource_good_3_1, "parameters": {}}
}

resource_good_3_1 := {
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
			"tag": "${PODINFO_VERSION}",
		},
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := oci_source_floating.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.ref"}
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
	},
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := oci_source_floating.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.ref.semver"}
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
		"ref": {
			"semver": ">=6.0.0",
		},
	},
}

test_bad_3 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_3_1]
		found := oci_source_floating.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.ref.tag"}
}

resource_bad_3_1 := {
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
			"tag": "latest",
		},
	},
}

test_good_4_1 if {
	count(oci_source_floating.findings) == 0 with input as {"resource": resource_good_4_1, "parameters": {}}
}

resource_good_4_1 := {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "OCIRepository", "metadata": {"name": "podinfo", "namespace": "shop"}, "spec": {"interval": "10m", "url": "oci://registry.example.org/shop/podinfo", "ref": {"tag": "latest", "semver": "6.x", "digest": "sha256:2f1d8b5c1a0e9f7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a3928170605"}}}
