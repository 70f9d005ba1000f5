package auditor.workloads.naked_pod_test

import data.auditor.workloads.naked_pod

test_good_2 if {
	pointers := {finding.pointer |
		some resource in [resource_good_2_1, resource_good_2_2]
		found := naked_pod.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_2_1 := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {
		"name": "debug-${VOLUME}",
		"namespace": "shop",
	},
	"spec": {
		"containers": [
			{
				"name": "debug",
				"image": "registry.example.org/shop/debug:1.4.2",
				"tty": true,
			},
		],
	},
}

resource_good_2_2 := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {
		"name": "debug",
		"namespace": "${NAMESPACE}",
	},
	"spec": {
		"containers": [
			{
				"name": "debug",
				"image": "registry.example.org/shop/debug:1.4.2",
				"tty": true,
			},
		],
	},
}

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1, resource_good_1_2, resource_good_1_3]
		found := naked_pod.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_1_1 := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {
		"name": "web",
		"namespace": "shop",
		"annotations": {
			"helm.sh/hook": "test",
		},
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
}

resource_good_1_2 := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {
		"name": "web",
		"namespace": "shop",
		"annotations": {
			"argocd.argoproj.io/hook": "PreSync",
		},
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
}

resource_good_1_3 := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {
		"name": "web",
		"namespace": "shop",
		"ownerReferences": [
			{
				"apiVersion": "apps/v1",
				"kind": "ReplicaSet",
				"name": "web",
				"uid": "a",
			},
		],
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
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := naked_pod.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"kind"}
}

resource_bad_1_1 := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {
		"name": "web",
		"namespace": "shop",
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
}
