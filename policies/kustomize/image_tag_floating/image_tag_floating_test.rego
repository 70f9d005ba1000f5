package auditor.kustomize.image_tag_floating_test

import data.auditor.kustomize.image_tag_floating

test_good_1_1 if {
	count(image_tag_floating.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
	"apiVersion": "kustomize.config.k8s.io/v1beta1",
	"kind": "Kustomization",
	"images": [
		{
			"name": "registry.example.org/shop/web",
			"newTag": "1.4.2",
		},
	],
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := image_tag_floating.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"images[name=registry.example.org/shop/web].newTag"}
}

resource_bad_1_1 := {
	"apiVersion": "kustomize.config.k8s.io/v1beta1",
	"kind": "Kustomization",
	"images": [
		{
			"name": "registry.example.org/shop/web",
			"newTag": "latest",
		},
	],
}
