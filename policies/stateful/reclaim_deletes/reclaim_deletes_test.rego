package auditor.stateful.reclaim_deletes_test

import data.auditor.stateful.reclaim_deletes

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1, resource_good_1_2]
		found := reclaim_deletes.findings with input as {"resource": resource, "parameters": {}}
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
		"persistentVolumeReclaimPolicy": "Retain",
	},
}

resource_good_1_2 := {
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
		found := reclaim_deletes.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.persistentVolumeReclaimPolicy"}
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
		"persistentVolumeReclaimPolicy": "Delete",
	},
}
