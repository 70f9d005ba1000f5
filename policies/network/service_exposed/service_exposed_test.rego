package auditor.network.service_exposed_test

import data.auditor.network.service_exposed

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1, resource_good_1_2]
		found := service_exposed.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_1_1 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"type": "ClusterIP",
	},
}

resource_good_1_2 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"selector": {
			"app": "web",
		},
	},
}

test_good_2 if {
	pointers := {finding.pointer |
		some resource in [resource_good_2_1, resource_good_2_2, resource_good_2_3, resource_good_2_4]
		found := service_exposed.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_2_1 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"type": "LoadBalancer",
		"loadBalancerSourceRanges": [
			"192.0.2.0/24",
		],
	},
}

resource_good_2_2 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "web",
		"namespace": "shop",
		"annotations": {
			"service.beta.kubernetes.io/azure-load-balancer-internal": "true",
		},
	},
	"spec": {
		"type": "LoadBalancer",
	},
}

resource_good_2_3 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "web",
		"namespace": "shop",
		"annotations": {
			"networking.gke.io/load-balancer-type": "Internal",
		},
	},
	"spec": {
		"type": "LoadBalancer",
	},
}

resource_good_2_4 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"type": "LoadBalancer",
		"loadBalancerClass": "example.org/internal",
	},
}

test_good_3 if {
	pointers := {finding.pointer |
		some resource in [resource_good_3_1, resource_good_3_2]
		found := service_exposed.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_3_1 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "database",
		"namespace": "shop",
	},
	"spec": {
		"type": "LoadBalancer",
		"loadBalancerIP": "192.168.42.145",
	},
}

resource_good_3_2 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "database",
		"namespace": "shop",
		"annotations": {
			"lbipam.cilium.io/ips": "172.20.1.4, fd00:42::4",
		},
	},
	"spec": {
		"type": "LoadBalancer",
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := service_exposed.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.type"}
}

resource_bad_1_1 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"type": "NodePort",
	},
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := service_exposed.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.type"}
}

resource_bad_2_1 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "web",
		"namespace": "shop",
		"annotations": {
			"service.beta.kubernetes.io/azure-load-balancer-internal": "false",
		},
	},
	"spec": {
		"type": "LoadBalancer",
	},
}

test_bad_3 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_3_1]
		found := service_exposed.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.type"}
}

resource_bad_3_1 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"type": "LoadBalancer",
		"loadBalancerSourceRanges": [
			"192.0.2.0/24",
			"0.0.0.0/0",
		],
	},
}

test_bad_4 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_4_1, resource_bad_4_2, resource_bad_4_3]
		found := service_exposed.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.type"}
}

resource_bad_4_1 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "database",
		"namespace": "shop",
		"annotations": {
			"metallb.universe.tf/loadBalancerIPs": "10.0.0.4,203.0.113.4",
		},
	},
	"spec": {
		"type": "LoadBalancer",
	},
}

resource_bad_4_2 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "database",
		"namespace": "shop",
	},
	"spec": {
		"type": "LoadBalancer",
		"loadBalancerIP": "172.32.0.4",
	},
}

resource_bad_4_3 := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {
		"name": "database",
		"namespace": "shop",
	},
	"spec": {
		"type": "LoadBalancer",
		"loadBalancerIP": "",
	},
}
