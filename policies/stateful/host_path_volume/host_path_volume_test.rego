package auditor.stateful.host_path_volume_test

import data.auditor.stateful.host_path_volume

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := host_path_volume.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_1_1 := {
	"apiVersion": "v1",
	"kind": "PersistentVolume",
	"metadata": {
		"name": "data",
	},
	"spec": {
		"capacity": {
			"storage": "1Gi",
		},
		"accessModes": [
			"ReadWriteOnce",
		],
		"csi": {
			"driver": "csi.example.org",
			"volumeHandle": "data",
		},
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := host_path_volume.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.hostPath"}
}

resource_bad_1_1 := {
	"apiVersion": "v1",
	"kind": "PersistentVolume",
	"metadata": {
		"name": "data",
	},
	"spec": {
		"capacity": {
			"storage": "1Gi",
		},
		"accessModes": [
			"ReadWriteOnce",
		],
		"hostPath": {
			"path": "/var/data",
		},
	},
}
