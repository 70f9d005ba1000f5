package auditor.flux.no_service_account_test

import data.auditor.flux.no_service_account

test_good_1_1 if {
	count(no_service_account.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
	"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
	"kind": "Kustomization",
	"metadata": {
		"name": "shop",
		"namespace": "flux-system",
	},
	"spec": {
		"interval": "10m",
		"path": "./apps/shop",
		"sourceRef": {
			"kind": "GitRepository",
			"name": "flux-system",
		},
		"prune": true,
		"serviceAccountName": "shop",
	},
}

test_good_2_1 if {
	count(no_service_account.findings) == 0 with input as {"resource": resource_good_2_1, "parameters": {}}
}

resource_good_2_1 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "podinfo",
		"namespace": "shop",
	},
	"spec": {
		"interval": "10m",
		"chart": {
			"spec": {
				"chart": "podinfo",
				"version": "6.9.0",
				"sourceRef": {
					"kind": "HelmRepository",
					"name": "podinfo",
				},
			},
		},
		"serviceAccountName": "shop",
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := no_service_account.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.serviceAccountName"}
}

resource_bad_1_1 := {
	"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
	"kind": "Kustomization",
	"metadata": {
		"name": "shop",
		"namespace": "flux-system",
	},
	"spec": {
		"interval": "10m",
		"path": "./apps/shop",
		"sourceRef": {
			"kind": "GitRepository",
			"name": "flux-system",
		},
		"prune": true,
	},
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := no_service_account.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.serviceAccountName"}
}

resource_bad_2_1 := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {
		"name": "podinfo",
		"namespace": "shop",
	},
	"spec": {
		"interval": "10m",
		"chart": {
			"spec": {
				"chart": "podinfo",
				"version": "6.9.0",
				"sourceRef": {
					"kind": "HelmRepository",
					"name": "podinfo",
				},
			},
		},
	},
}

test_good_3_1 if {
	count(no_service_account.findings) == 0 with input as {"resource": resource_good_3_1, "parameters": {}}
}

resource_good_3_1 := {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "shop", "namespace": "flux-system"}, "spec": {"interval": "10m", "path": "./apps/shop", "sourceRef": {"kind": "GitRepository", "name": "flux-system"}, "prune": true, "kubeConfig": {"secretRef": {"name": "staging"}}}}
