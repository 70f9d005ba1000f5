package auditor.images.unreadable_reference_test

import data.auditor.images.unreadable_reference

test_good_1 if {
	pointers := {finding.pointer |
		some resource in [resource_good_1_1]
		found := unreadable_reference.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == set()
}

resource_good_1_1 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
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
						"image": "Registry.Example.org:5000/a__b/c-d.e:V_1.0-x@sha512:0f9d1cc32b6a0e1d4a2b8b8f9d1b2c3d4e5f60718293a4b5c6d7e8f9012345670f9d1cc32b6a0e1d4a2b8b8f9d1b2c3d4e5f60718293a4b5c6d7e8f901234567",
					},
					{
						"name": "later",
						"image": "{{ .Values.image }}",
					},
					{
						"name": "middle",
						"image": "web@sha384:a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1",
					},
				],
			},
		},
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := unreadable_reference.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"spec.template.spec.containers[name=algorithm].image", "spec.template.spec.containers[name=empty].image", "spec.template.spec.containers[name=id].image", "spec.template.spec.containers[name=long].image", "spec.template.spec.containers[name=scheme].image", "spec.template.spec.containers[name=short].image", "spec.template.spec.containers[name=web].image"}
}

resource_bad_1_1 := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": "web",
		"namespace": "shop",
	},
	"spec": {
		"replicas": 2,
		"selector": {
			"matchLabels": {
				"app": "web",
			},
		},
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
						"image": "Nginx:1.29",
					},
					{
						"name": "scheme",
						"image": "https://registry.example.org/web:1",
					},
					{
						"name": "short",
						"image": "web@sha256:0f9d1cc32b6a0e1d4a2b8b8f9d1b2c3d4e",
					},
					{
						"name": "long",
						"image": "web@sha512:0f9d1cc32b6a0e1d4a2b8b8f9d1b2c3d4e5f60718293a4b5c6d7e8f901234567",
					},
					{
						"name": "algorithm",
						"image": "web@md5:a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1",
					},
					{
						"name": "empty",
						"image": "web:",
					},
					{
						"name": "id",
						"image": "0f9d1cc32b6a0e1d4a2b8b8f9d1b2c3d4e5f60718293a4b5c6d7e8f901234567",
					},
				],
			},
		},
	},
}
