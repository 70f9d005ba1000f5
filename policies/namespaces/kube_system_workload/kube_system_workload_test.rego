package auditor.namespaces.kube_system_workload_test

import data.auditor.namespaces.kube_system_workload

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1, resource_good_1_2, resource_good_1_3, resource_good_1_4]
		found := kube_system_workload.findings with input as {"resource": resource, "parameters": {"allowed": ["aws-*", "azure-*", "calico-*", "cilium*", "cloud-controller*", "cluster-autoscaler*", "coredns*", "csi-*", "descheduler*", "*-device-plugin*", "*-gpu-plugin*", "*-csi-*", "ebs-csi-*", "etcd*", "gke-*", "hubble-*", "ip-masq-agent*", "kube-*", "konnectivity-*", "kubelet-*", "local-path-provisioner*", "metrics-server*", "multus*", "nfd*", "node-feature-discovery*", "node-local-dns*", "node-problem-detector*", "nvidia-*", "sealed-secrets*", "snapshot-controller*", "spegel*", "tigera-*", "vsphere-*"]}}
		some finding in found
	}
	pointers == set()
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
	"kind": "DaemonSet",
	"metadata": {
		"name": "kube-proxy",
		"namespace": "kube-system",
	},
	"spec": {
		"selector": {
			"matchLabels": {
				"app": "kube-proxy",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "kube-proxy",
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
		"name": "metrics-server",
		"namespace": "kube-system",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "metrics-server",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "metrics-server",
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
	"apiVersion": "apps/v1",
	"kind": "DaemonSet",
	"metadata": {
		"name": "intel-gpu-plugin",
		"namespace": "kube-system",
	},
	"spec": {
		"selector": {
			"matchLabels": {
				"app": "intel-gpu-plugin",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "intel-gpu-plugin",
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

test_bad_configured if {
	pointers := {finding.pointer |
		some resource in [resource_bad_configured_1]
		found := kube_system_workload.findings with input as {"resource": resource, "parameters": {"allowed": ["kube-*"]}}
		some finding in found
	}
	pointers == {"metadata.namespace"}
}

resource_bad_configured_1 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "coredns",
		"namespace": "kube-system",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "coredns",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "coredns",
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
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := kube_system_workload.findings with input as {"resource": resource, "parameters": {"allowed": ["aws-*", "azure-*", "calico-*", "cilium*", "cloud-controller*", "cluster-autoscaler*", "coredns*", "csi-*", "descheduler*", "*-device-plugin*", "*-gpu-plugin*", "*-csi-*", "ebs-csi-*", "etcd*", "gke-*", "hubble-*", "ip-masq-agent*", "kube-*", "konnectivity-*", "kubelet-*", "local-path-provisioner*", "metrics-server*", "multus*", "nfd*", "node-feature-discovery*", "node-local-dns*", "node-problem-detector*", "nvidia-*", "sealed-secrets*", "snapshot-controller*", "spegel*", "tigera-*", "vsphere-*"]}}
		some finding in found
	}
	pointers == {"metadata.namespace"}
}

resource_bad_1_1 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "shop-debug",
		"namespace": "kube-system",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "shop-debug",
			},
		},
		"template": {
			"metadata": {
				"labels": {
					"app": "shop-debug",
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
