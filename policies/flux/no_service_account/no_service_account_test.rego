package auditor.flux.no_service_account_test

import data.auditor.flux.no_service_account

test_good_1 if {
	found := no_service_account.findings with input as {"set": [good_1_resource_1], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

good_1_resource_1 := {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "shop", "namespace": "flux-system"}, "spec": {"interval": "10m", "path": "./apps/shop", "sourceRef": {"kind": "GitRepository", "name": "flux-system"}, "prune": true, "serviceAccountName": "shop"}}

test_good_2 if {
	found := no_service_account.findings with input as {"set": [good_2_resource_1], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

good_2_resource_1 := {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": "podinfo", "namespace": "shop"}, "spec": {"interval": "10m", "chart": {"spec": {"chart": "podinfo", "version": "6.9.0", "sourceRef": {"kind": "HelmRepository", "name": "podinfo"}}}, "serviceAccountName": "shop"}}

test_good_3 if {
	found := no_service_account.findings with input as {"set": [good_3_resource_1], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

good_3_resource_1 := {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "shop", "namespace": "flux-system"}, "spec": {"interval": "10m", "path": "./apps/shop", "sourceRef": {"kind": "GitRepository", "name": "flux-system"}, "prune": true, "kubeConfig": {"secretRef": {"name": "staging"}}}}

test_good_4 if {
	found := no_service_account.findings with input as {"set": [good_4_resource_1, good_4_resource_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

good_4_resource_1 := {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": ["gotk-components.yaml", "gotk-sync.yaml"], "patches": [{"patch": "- op: add\n  path: /spec/template/spec/containers/0/args/-\n  value: --default-service-account=default\n", "target": {"kind": "Deployment", "name": "(kustomize-controller|helm-controller)"}}]}

good_4_resource_2 := {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "shop", "namespace": "flux-system"}, "spec": {"interval": "10m", "path": "./apps/shop", "sourceRef": {"kind": "GitRepository", "name": "flux-system"}, "prune": true}}

test_good_5 if {
	found := no_service_account.findings with input as {"set": [good_5_resource_1, good_5_resource_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

good_5_resource_1 := {"apiVersion": "fluxcd.controlplane.io/v1", "kind": "FluxInstance", "metadata": {"name": "flux", "namespace": "flux-system"}, "spec": {"cluster": {"multitenant": true}}}

good_5_resource_2 := {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "shop", "namespace": "flux-system"}, "spec": {"interval": "10m", "path": "./apps/shop", "sourceRef": {"kind": "GitRepository", "name": "flux-system"}, "prune": true}}

test_bad_1 if {
	found := no_service_account.findings with input as {"set": [bad_1_resource_1], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.serviceAccountName"}
}

bad_1_resource_1 := {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "shop", "namespace": "flux-system"}, "spec": {"interval": "10m", "path": "./apps/shop", "sourceRef": {"kind": "GitRepository", "name": "flux-system"}, "prune": true}}

test_bad_2 if {
	found := no_service_account.findings with input as {"set": [bad_2_resource_1], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.serviceAccountName"}
}

bad_2_resource_1 := {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": "podinfo", "namespace": "shop"}, "spec": {"interval": "10m", "chart": {"spec": {"chart": "podinfo", "version": "6.9.0", "sourceRef": {"kind": "HelmRepository", "name": "podinfo"}}}}}

test_bad_3 if {
	found := no_service_account.findings with input as {"set": [bad_3_resource_1, bad_3_resource_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"spec.serviceAccountName"}
}

bad_3_resource_1 := {"apiVersion": "fluxcd.controlplane.io/v1", "kind": "FluxInstance", "metadata": {"name": "flux", "namespace": "flux-system"}, "spec": {"kustomize": {"patches": [{"patch": "- op: add\n  path: /spec/template/spec/containers/0/args/-\n  value: --concurrent=10\n", "target": {"kind": "Deployment"}}]}}}

bad_3_resource_2 := {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "shop", "namespace": "flux-system"}, "spec": {"interval": "10m", "path": "./apps/shop", "sourceRef": {"kind": "GitRepository", "name": "flux-system"}, "prune": true}}
