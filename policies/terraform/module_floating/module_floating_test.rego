package auditor.terraform.module_floating_test

import data.auditor.terraform.module_floating

test_good_1 if {
	count(module_floating.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_good_2 if {
	count(module_floating.findings) == 0 with input as {"resource": resource_good_2, "parameters": {}}
}

test_good_3 if {
	count(module_floating.findings) == 0 with input as {"resource": resource_good_3, "parameters": {}}
}

test_good_4 if {
	count(module_floating.findings) == 0 with input as {"resource": resource_good_4, "parameters": {}}
}

test_good_5 if {
	count(module_floating.findings) == 0 with input as {"resource": resource_good_5, "parameters": {}}
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1, resource_bad_1_2]
		found := module_floating.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"body.version"}
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1, resource_bad_2_2]
		found := module_floating.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"body.source"}
}

resource_good_1 := {
	"apiVersion": "terraform/v1",
	"kind": "module",
	"metadata": {
		"name": "vpc",
		"namespace": "infra",
	},
	"body": {
		"source": "terraform-aws-modules/vpc/aws",
		"version": "5.8.1",
	},
}

resource_good_2 := {
	"apiVersion": "terraform/v1",
	"kind": "module",
	"metadata": {
		"name": "local",
		"namespace": "infra",
	},
	"body": {
		"source": "../modules/network",
	},
}

resource_good_3 := {
	"apiVersion": "terraform/v1",
	"kind": "module",
	"metadata": {
		"name": "git",
		"namespace": "infra",
	},
	"body": {
		"source": "git::https://git.example.org/network.git//vpc?ref=v1.4.2",
	},
}

resource_good_4 := {
	"apiVersion": "terraform/v1",
	"kind": "module",
	"metadata": {
		"name": "short",
		"namespace": "infra",
	},
	"body": {
		"source": "github.com/example/network?ref=0a1b2c3d",
	},
}

resource_good_5 := {
	"apiVersion": "terraform/v1",
	"kind": "module",
	"metadata": {
		"name": "unknown",
		"namespace": "infra",
	},
	"body": {
		"source": "${var.registry}/example/vpc/aws",
	},
}

resource_bad_1_1 := {
	"apiVersion": "terraform/v1",
	"kind": "module",
	"metadata": {
		"name": "vpc",
		"namespace": "infra",
	},
	"body": {
		"source": "terraform-aws-modules/vpc/aws",
	},
}

resource_bad_1_2 := {
	"apiVersion": "terraform/v1",
	"kind": "module",
	"metadata": {
		"name": "eks",
		"namespace": "infra",
	},
	"body": {
		"source": "app.terraform.io/example/eks/aws//modules/node",
		"version": ">= 20",
	},
}

resource_bad_2_1 := {
	"apiVersion": "terraform/v1",
	"kind": "module",
	"metadata": {
		"name": "network",
		"namespace": "infra",
	},
	"body": {
		"source": "git::https://git.example.org/network.git?ref=main",
	},
}

resource_bad_2_2 := {
	"apiVersion": "terraform/v1",
	"kind": "module",
	"metadata": {
		"name": "short",
		"namespace": "infra",
	},
	"body": {
		"source": "github.com/example/network",
	},
}
