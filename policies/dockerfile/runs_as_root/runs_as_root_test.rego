package auditor.dockerfile.runs_as_root_test

import data.auditor.dockerfile.runs_as_root

test_good_1 if {
	count(runs_as_root.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_good_2 if {
	count(runs_as_root.findings) == 0 with input as {"resource": resource_good_2, "parameters": {}}
}

test_good_3 if {
	count(runs_as_root.findings) == 0 with input as {"resource": resource_good_3, "parameters": {}}
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := runs_as_root.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"final.user"}
}

test_bad_2 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_2_1]
		found := runs_as_root.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"final"}
}

resource_good_1 := {
	"apiVersion": "docker/v1",
	"kind": "Dockerfile",
	"metadata": {
		"name": "Dockerfile",
	},
	"stages": [],
	"final": {
		"image": "debian:12",
		"user": "10001:10001",
	},
}

resource_good_2 := {
	"apiVersion": "docker/v1",
	"kind": "Dockerfile",
	"metadata": {
		"name": "Dockerfile",
	},
	"stages": [],
	"final": {
		"image": "gcr.io/distroless/static:nonroot",
	},
}

resource_good_3 := {
	"apiVersion": "docker/v1",
	"kind": "Dockerfile",
	"metadata": {
		"name": "Dockerfile",
	},
	"stages": [],
	"final": {
		"image": "debian:12",
		"user": "${APP_USER}",
	},
}

resource_bad_1_1 := {
	"apiVersion": "docker/v1",
	"kind": "Dockerfile",
	"metadata": {
		"name": "Dockerfile",
	},
	"stages": [],
	"final": {
		"image": "debian:12",
		"user": "root",
	},
}

resource_bad_2_1 := {
	"apiVersion": "docker/v1",
	"kind": "Dockerfile",
	"metadata": {
		"name": "Dockerfile",
	},
	"stages": [],
	"final": {
		"image": "debian:12",
	},
}
