package auditor.workloads.declared_twice_test

import data.auditor.workloads.declared_twice

test_good_1 if {
	found := declared_twice.findings with input as {"set": [resource_good_1_1, resource_good_1_2, resource_good_1_3, resource_good_1_4, resource_good_1_5, resource_good_1_6], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

resource_good_1_1 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "web",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}

resource_good_1_2 := {
	"apiVersion": "apps/v1",
	"kind": "StatefulSet",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
		"serviceName": "web",
		"template": {
			"metadata": {
				"labels": {
					"app": "web",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}

resource_good_1_3 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "pay",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "web",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}

resource_good_1_4 := {
	"apiVersion": "v1",
	"kind": "ConfigMap",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
}

resource_good_1_5 := {
	"apiVersion": "v1",
	"kind": "ConfigMap",
	"metadata": {
		"generateName": "web-",
		"namespace": "shop",
	},
}

resource_good_1_6 := {
	"apiVersion": "v1",
	"kind": "ConfigMap",
	"metadata": {
		"generateName": "web-",
		"namespace": "shop",
	},
}

test_good_2 if {
	found := declared_twice.findings with input as {"set": [resource_good_2_1, resource_good_2_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == set()
}

resource_good_2_1 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "web",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}

resource_good_2_2 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
	},
	"spec": {
		"replicas": 3,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "web",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}

test_bad_1 if {
	found := declared_twice.findings with input as {"set": [resource_bad_1_1, resource_bad_1_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"metadata.name"}
}

resource_bad_1_1 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "web",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}

resource_bad_1_2 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 3,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "web",
				},
			},
			"spec": {
				"containers": [
					{
						"name": "web",
						"image": "registry.example.org/shop/web:1.4.2",
					},
				],
			},
		},
	},
}

test_bad_2 if {
	found := declared_twice.findings with input as {"set": [resource_bad_2_1, resource_bad_2_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"metadata.name"}
}

resource_bad_2_1 := {
	"apiVersion": "storage.k8s.io/v1",
	"kind": "StorageClass",
	"metadata": {
		"name": "fast",
	},
	"provisioner": "csi.example.org",
}

resource_bad_2_2 := {
	"apiVersion": "storage.k8s.io/v1",
	"kind": "StorageClass",
	"metadata": {
		"name": "fast",
	},
	"provisioner": "csi.example.org",
}

# Several clusters in one repository, of which nobody said which folder is whose.
test_kustomizations_of_several_clusters if {
	clusters := [flux_kustomization("./clusters/main/apps"), flux_kustomization("./clusters/storage/apps")]
	count(declared_twice.findings) == 0 with input as {"set": clusters, "context": {"environment": "default"}, "parameters": {}}
	count(declared_twice.findings) == 2 with input as {"set": clusters, "context": {"environment": "production"}, "parameters": {}}
	same := [flux_kustomization("./apps"), flux_kustomization("./apps")]
	count(declared_twice.findings) == 2 with input as {"set": same, "context": {"environment": "default"}, "parameters": {}}
}

flux_kustomization(path) := {
	"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
	"kind": "Kustomization",
	"metadata": {"name": "apps", "namespace": "flux-system"},
	"spec": {"path": path},
}

test_bad_3 if {
	found := declared_twice.findings with input as {"set": [bad_3_resource_1, bad_3_resource_2], "context": {"environment": "production"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"metadata.name"}
}

bad_3_resource_1 := {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "apps", "namespace": "flux-system"}, "spec": {"interval": "10m", "path": "./apps", "prune": true, "sourceRef": {"kind": "GitRepository", "name": "flux-system"}}}

bad_3_resource_2 := {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "apps", "namespace": "flux-system"}, "spec": {"interval": "10m", "path": "./apps", "prune": true, "sourceRef": {"kind": "GitRepository", "name": "flux-system"}}}

test_sources_of_several_clusters if {
	clusters := [helm_repository("https://charts.example.org"), helm_repository("https://charts.example.org")]
	count(declared_twice.findings) == 0 with input as {"set": clusters, "context": {"environment": "default"}, "parameters": {}}
	count(declared_twice.findings) == 2 with input as {"set": clusters, "context": {"environment": "production"}, "parameters": {}}
	other := [helm_repository("https://charts.example.org"), helm_repository("https://charts.example.net")]
	count(declared_twice.findings) == 2 with input as {"set": other, "context": {"environment": "default"}, "parameters": {}}
}

helm_repository(url) := {
	"apiVersion": "source.toolkit.fluxcd.io/v1",
	"kind": "HelmRepository",
	"metadata": {"name": "charts", "namespace": "flux-system"},
	"spec": {"url": url},
}
