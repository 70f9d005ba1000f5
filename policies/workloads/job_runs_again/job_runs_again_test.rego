package auditor.workloads.job_runs_again_test

import data.auditor.workloads.job_runs_again

test_good_2 if {
	pointers := {finding.pointer |
		some resource in [resource_good_2_1, resource_good_2_2, resource_good_2_3]
		found := job_runs_again.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_2_1 := {
	"apiVersion": "batch/v1",
	"kind": "Job",
	"metadata": {
		"name": "${JOB}",
		"namespace": "shop",
	},
	"spec": {
		"ttlSecondsAfterFinished": 60,
		"template": {
			"spec": {
				"restartPolicy": "Never",
				"containers": [
					{
						"name": "wipe",
						"image": "registry.example.org/shop/wipe:1.4.2",
					},
				],
			},
		},
	},
}

resource_good_2_2 := {
	"apiVersion": "batch/v1",
	"kind": "Job",
	"metadata": {
		"name": "restore",
		"namespace": "$NAMESPACE",
	},
	"spec": {
		"ttlSecondsAfterFinished": 60,
		"template": {
			"spec": {
				"restartPolicy": "Never",
				"containers": [
					{
						"name": "restore",
						"image": "registry.example.org/shop/restore:1.4.2",
					},
				],
			},
		},
	},
}

resource_good_2_3 := {
	"apiVersion": "batch/v1",
	"kind": "Job",
	"metadata": {
		"name": "list-{{ .app }}",
		"namespace": "shop",
	},
	"spec": {
		"ttlSecondsAfterFinished": 60,
		"template": {
			"spec": {
				"restartPolicy": "Never",
				"containers": [
					{
						"name": "list",
						"image": "registry.example.org/shop/list:1.4.2",
					},
				],
			},
		},
	},
}

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1, resource_good_1_2, resource_good_1_3, resource_good_1_4]
		found := job_runs_again.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_1_1 := {
	"apiVersion": "batch/v1",
	"kind": "Job",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
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
	"apiVersion": "batch/v1",
	"kind": "Job",
	"metadata": {
		"name": "web",
		"namespace": "shop",
		"annotations": {
			"helm.sh/hook": "pre-install",
		},
	},
	"spec": {
		"ttlSecondsAfterFinished": 60,
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

resource_good_1_3 := {
	"apiVersion": "batch/v1",
	"kind": "Job",
	"metadata": {
		"name": "web",
		"namespace": "shop",
		"annotations": {
			"argocd.argoproj.io/hook": "PreSync",
		},
	},
	"spec": {
		"ttlSecondsAfterFinished": 60,
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

resource_good_1_4 := {
	"apiVersion": "batch/v1",
	"kind": "Job",
	"metadata": {
		"name": "web",
		"namespace": "shop",
		"annotations": {
			"kustomize.toolkit.fluxcd.io/reconcile": "disabled",
		},
	},
	"spec": {
		"ttlSecondsAfterFinished": 60,
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

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := job_runs_again.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.ttlSecondsAfterFinished"}
}

resource_bad_1_1 := {
	"apiVersion": "batch/v1",
	"kind": "Job",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"ttlSecondsAfterFinished": 60,
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
