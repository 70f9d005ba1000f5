package auditor.flux.git_source_floating_test

import data.auditor.flux.git_source_floating

test_good_1_1 if {
	count(git_source_floating.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
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
	count(git_source_floating.findings) == 0 with input as {"resource": resource_good_2_1, "parameters": {}}
}

resource_good_2_1 := {
	"apiVersion": "source.toolkit.fluxcd.io/v1",
	"kind": "GitRepository",
	"metadata": {
		"name": "flux-system",
		"namespace": "shop",
	},
	"spec": {
		"interval": "10m",
		"url": "ssh://git@git.example.org/fleet",
		"ref": {
			"branch": "main",
		},
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := git_source_floating.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.ref"}
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
		"url": "https://git.example.org/shop/podinfo",
		"ref": {
			"branch": "main",
		},
	},
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := git_source_floating.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.ref"}
}

resource_bad_2_1 := {
	"apiVersion": "source.toolkit.fluxcd.io/v1",
	"kind": "GitRepository",
	"metadata": {
		"name": "podinfo",
		"namespace": "shop",
	},
	"spec": {
		"interval": "10m",
		"url": "https://git.example.org/shop/podinfo",
	},
}
