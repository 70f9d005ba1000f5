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

test_good_3_1 if {
	count(git_source_floating.findings) == 0 with input as {"resource": resource_good_3_1, "parameters": {}}
}

resource_good_3_1 := {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": {"name": "podinfo", "namespace": "shop"}, "spec": {"interval": "10m", "url": "https://git.example.org/shop/podinfo", "ref": {"branch": "main"}, "verify": {"mode": "HEAD", "secretRef": {"name": "authors"}}}}

found(ref) := {finding.message |
	made := git_source_floating.findings with input as {"resource": {"metadata": {"name": "podinfo"}, "spec": {"ref": ref}}, "parameters": {}}
	some finding in made
}

test_field_that_flux_obeys if {
	found({"name": "refs/heads/main"}) == {"the source follows the ref refs/heads/main"}
	found({"name": "refs/heads/main", "tag": "6.9.0"}) == {"the source follows the ref refs/heads/main"}
	found({"semver": ">=6.0.0", "tag": "6.9.0"}) == {"the source follows the version range >=6.0.0"}
	found({"branch": "main"}) == {"the source follows the branch main"}
	found({}) == {"the source follows the branch master"}
}

test_what_holds if {
	found({"branch": "main", "commit": "9a3c1f4be0d2a7785c64e0f1b5d3928a7c6e4f10"}) == set()
	found({"name": "refs/tags/6.9.0", "branch": "main"}) == set()
	found({"name": "${REF}"}) == set()
	found({"semver": "6.9.0"}) == set()
	found({"tag": "6.9.0", "branch": "main"}) == set()
	found({"branch": "${BRANCH}"}) == set()
}
