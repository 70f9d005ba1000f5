package auditor.flux.provider_insecure_address_test

import data.auditor.flux.provider_insecure_address

test_good_1 if {
	count(provider_insecure_address.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_good_2 if {
	count(provider_insecure_address.findings) == 0 with input as {"resource": resource_good_2, "parameters": {}}
}

test_good_3 if {
	count(provider_insecure_address.findings) == 0 with input as {"resource": resource_good_3, "parameters": {}}
}

test_good_4 if {
	count(provider_insecure_address.findings) == 0 with input as {"resource": resource_good_4, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := provider_insecure_address.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.address"}
}

resource_good_1 := {
	"apiVersion": "notification.toolkit.fluxcd.io/v1beta3",
	"kind": "Provider",
	"metadata": {
		"name": "slack",
	},
	"spec": {
		"type": "slack",
		"address": "https://slack.com/api/chat.postMessage",
	},
}

resource_good_2 := {
	"apiVersion": "notification.toolkit.fluxcd.io/v1beta3",
	"kind": "Provider",
	"metadata": {
		"name": "alertmanager",
	},
	"spec": {
		"type": "alertmanager",
		"address": "http://alertmanager.monitoring.svc.cluster.local:9093/api/v2/alerts/",
	},
}

resource_good_3 := {
	"apiVersion": "notification.toolkit.fluxcd.io/v1beta3",
	"kind": "Provider",
	"metadata": {
		"name": "near",
	},
	"spec": {
		"type": "generic",
		"address": "http://gateway:8080",
	},
}

resource_good_4 := {
	"apiVersion": "notification.toolkit.fluxcd.io/v1beta3",
	"kind": "Provider",
	"metadata": {
		"name": "later",
	},
	"spec": {
		"type": "generic",
		"address": "http://${HOOK_HOST}/flux",
	},
}

resource_bad_1 := {
	"apiVersion": "notification.toolkit.fluxcd.io/v1beta3",
	"kind": "Provider",
	"metadata": {
		"name": "hooks",
	},
	"spec": {
		"type": "generic",
		"address": "http://hooks.example.org/flux",
	},
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [bad_2_resource_1]
		found := provider_insecure_address.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.address"}
}

bad_2_resource_1 := {"apiVersion": "notification.toolkit.fluxcd.io/v1beta3", "kind": "Provider", "metadata": {"name": "chat", "namespace": "flux-system"}, "spec": {"type": "generic", "address": "http://example.org/hook"}}

test_short_name_of_a_service if {
	count(provider_insecure_address.findings) == 0 with input as {"resource": short_name, "parameters": {}}
}

short_name := {
	"apiVersion": "notification.toolkit.fluxcd.io/v1beta3",
	"kind": "Provider",
	"metadata": {"name": "alertmanager", "namespace": "flux-system"},
	"spec": {"type": "alertmanager", "address": "http://kube-prometheus-stack-alertmanager.monitoring:9093/api/v2/alerts/"},
}
