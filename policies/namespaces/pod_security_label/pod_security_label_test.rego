package auditor.namespaces.pod_security_label_test

import data.auditor.namespaces.pod_security_label

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1, resource_good_1_2]
		found := pod_security_label.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_1_1 := {
	"apiVersion": "v1",
	"kind": "Namespace",
	"metadata": {
		"name": "shop",
		"labels": {
			"pod-security.kubernetes.io/enforce": "restricted",
		},
	},
}

resource_good_1_2 := {
	"apiVersion": "v1",
	"kind": "Namespace",
	"metadata": {
		"name": "kube-system",
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := pod_security_label.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"metadata.labels[\"pod-security.kubernetes.io/enforce\"]"}
}

resource_bad_1_1 := {
	"apiVersion": "v1",
	"kind": "Namespace",
	"metadata": {
		"name": "shop",
	},
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := pod_security_label.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"metadata.labels[\"pod-security.kubernetes.io/enforce\"]"}
}

resource_bad_2_1 := {
	"apiVersion": "v1",
	"kind": "Namespace",
	"metadata": {
		"name": "storage",
		"labels": {
			"pod-security.kubernetes.io/enforce": "privileged",
		},
	},
}
