package auditor.namespaces.pod_security_label_unknown_test

import data.auditor.namespaces.pod_security_label_unknown

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := pod_security_label_unknown.findings with input as {"resource": resource, "parameters": {}}
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
			"pod-security.kubernetes.io/enforce-version": "v1.31",
			"pod-security.kubernetes.io/warn": "${LEVEL}",
			"pod-security.kubernetes.io/audit-version": "latest",
		},
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := pod_security_label_unknown.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"metadata.labels[\"pod-security.kubernetes.io/enforce\"]", "metadata.labels[\"pod-security.kubernetes.io/warn-version\"]"}
}

resource_bad_1_1 := {
	"apiVersion": "v1",
	"kind": "Namespace",
	"metadata": {
		"name": "shop",
		"labels": {
			"pod-security.kubernetes.io/enforce": "strict",
			"pod-security.kubernetes.io/warn-version": "1.31",
		},
	},
}
