package auditor.flux.git_source_floating_test

import data.auditor.flux.git_source_floating

test_good_1 if {
	found := git_source_floating.findings with input as {"set": [good_1_resource_1], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

good_1_resource_1 := {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": {"name": "podinfo", "namespace": "shop"}, "spec": {"interval": "10m", "url": "https://git.example.org/shop/podinfo", "ref": {"tag": "6.9.0"}}}

test_good_2 if {
	found := git_source_floating.findings with input as {"set": [good_2_resource_1], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

good_2_resource_1 := {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": {"name": "flux-system", "namespace": "shop"}, "spec": {"interval": "10m", "url": "ssh://git@git.example.org/fleet", "ref": {"branch": "main"}}}

test_good_3 if {
	found := git_source_floating.findings with input as {"set": [good_3_resource_1], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

good_3_resource_1 := {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": {"name": "podinfo", "namespace": "shop"}, "spec": {"interval": "10m", "url": "https://git.example.org/shop/podinfo", "ref": {"branch": "main"}, "verify": {"mode": "HEAD", "secretRef": {"name": "authors"}}}}

test_good_4 if {
	found := git_source_floating.findings with input as {"set": [good_4_resource_1, good_4_resource_2, good_4_resource_3, good_4_resource_4], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

good_4_resource_1 := {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": {"name": "podinfo", "namespace": "shop"}, "spec": {"interval": "10m", "url": "https://git.example.org/shop/podinfo", "ref": {"branch": "main", "commit": "9a3c1f4be0d2a7785c64e0f1b5d3928a7c6e4f10"}}}

good_4_resource_2 := {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": {"name": "podinfo", "namespace": "shop"}, "spec": {"interval": "10m", "url": "https://git.example.org/shop/podinfo", "ref": {"name": "refs/tags/6.9.0", "branch": "main"}}}

good_4_resource_3 := {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": {"name": "podinfo", "namespace": "shop"}, "spec": {"interval": "10m", "url": "https://git.example.org/shop/podinfo", "ref": {"semver": "6.9.0"}}}

good_4_resource_4 := {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": {"name": "podinfo", "namespace": "shop"}, "spec": {"interval": "10m", "url": "https://git.example.org/shop/podinfo", "ref": {"branch": "${BRANCH}"}}}

test_good_5 if {
	found := git_source_floating.findings with input as {"set": [good_5_resource_1, good_5_resource_2, good_5_resource_3, good_5_resource_4], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

good_5_resource_1 := {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": {"name": "fleet", "namespace": "flux-system"}, "spec": {"interval": "10m", "url": "https://git.example.org/fleet", "ref": {"branch": "main"}}}

good_5_resource_2 := {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "infrastructure", "namespace": "flux-system"}, "spec": {"interval": "10m", "path": "./infrastructure", "prune": true, "sourceRef": {"kind": "GitRepository", "name": "fleet"}}}

good_5_resource_3 := {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "configuration", "namespace": "flux-system"}, "spec": {"interval": "10m", "path": "./configuration", "prune": true, "sourceRef": {"kind": "GitRepository", "name": "fleet"}}}

good_5_resource_4 := {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "apps", "namespace": "flux-system"}, "spec": {"interval": "10m", "path": "./apps", "prune": true, "sourceRef": {"kind": "GitRepository", "name": "fleet"}}}

test_bad_1 if {
	found := git_source_floating.findings with input as {"set": [bad_1_resource_1], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.ref"}
}

bad_1_resource_1 := {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": {"name": "podinfo", "namespace": "shop"}, "spec": {"interval": "10m", "url": "https://git.example.org/shop/podinfo", "ref": {"branch": "main"}}}

test_bad_2 if {
	found := git_source_floating.findings with input as {"set": [bad_2_resource_1], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.ref"}
}

bad_2_resource_1 := {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": {"name": "podinfo", "namespace": "shop"}, "spec": {"interval": "10m", "url": "https://git.example.org/shop/podinfo"}}

test_bad_3 if {
	found := git_source_floating.findings with input as {"set": [bad_3_resource_1], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.ref"}
}

bad_3_resource_1 := {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": {"name": "podinfo", "namespace": "shop"}, "spec": {"interval": "10m", "url": "https://git.example.org/shop/podinfo", "ref": {"name": "refs/heads/main"}}}

test_bad_4 if {
	found := git_source_floating.findings with input as {"set": [bad_4_resource_1], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.ref"}
}

bad_4_resource_1 := {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": {"name": "podinfo", "namespace": "shop"}, "spec": {"interval": "10m", "url": "https://git.example.org/shop/podinfo", "ref": {"semver": ">=6.0.0"}}}

test_bad_5 if {
	found := git_source_floating.findings with input as {"set": [bad_5_resource_1, bad_5_resource_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.ref"}
}

bad_5_resource_1 := {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": {"name": "fleet", "namespace": "flux-system"}, "spec": {"interval": "10m", "url": "https://git.example.org/fleet", "ref": {"branch": "main"}}}

bad_5_resource_2 := {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "apps", "namespace": "flux-system"}, "spec": {"interval": "10m", "path": "./apps", "prune": true, "sourceRef": {"kind": "GitRepository", "name": "fleet"}}}

said(ref) := {finding.message |
	made := git_source_floating.findings with input as {"set": [{"kind": "GitRepository", "metadata": {"name": "podinfo"}, "spec": {"ref": ref}}], "parameters": {}}
	some finding in made
}

test_field_that_flux_obeys if {
	said({"name": "refs/heads/main"}) == {"the source follows the ref refs/heads/main"}
	said({"name": "refs/heads/main", "tag": "6.9.0"}) == {"the source follows the ref refs/heads/main"}
	said({"semver": ">=6.0.0", "tag": "6.9.0"}) == {"the source follows the version range >=6.0.0"}
	said({"branch": "main"}) == {"the source follows the branch main"}
	said({}) == {"the source follows the branch master"}
}

test_what_holds if {
	said({"branch": "main", "commit": "9a3c1f4be0d2a7785c64e0f1b5d3928a7c6e4f10"}) == set()
	said({"name": "refs/tags/6.9.0", "branch": "main"}) == set()
	said({"name": "${REF}"}) == set()
	said({"semver": "6.9.0"}) == set()
	said({"tag": "6.9.0", "branch": "main"}) == set()
	said({"branch": "${BRANCH}"}) == set()
}
