package auditor.dockerfile.adds_url_test

import data.auditor.dockerfile.adds_url

test_good_1 if {
	count(adds_url.findings) == 0 with input as {"resource": resource_good_1, "parameters": {}}
}

test_bad if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1]
		found := adds_url.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"stages[0].add[0]"}
}

resource_good_1 := {
	"apiVersion": "docker/v1",
	"kind": "Dockerfile",
	"metadata": {
		"name": "Dockerfile",
	},
	"stages": [
		{
			"image": "debian:12",
			"add": [
				{
					"sources": [
						"app.tar.gz",
					],
					"destination": "/opt/",
				},
				{
					"sources": [
						"https://example.org/app.tar.gz",
					],
					"destination": "/opt/",
					"checksum": "sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d",
				},
				{
					"sources": [
						"https://git.example.org/app.git#0123456789012345678901234567890123456789",
					],
					"destination": "/src",
				},
			],
		},
	],
}

resource_bad_1 := {
	"apiVersion": "docker/v1",
	"kind": "Dockerfile",
	"metadata": {
		"name": "Dockerfile",
	},
	"stages": [
		{
			"image": "debian:12",
			"add": [
				{
					"sources": [
						"https://example.org/app.tar.gz",
					],
					"destination": "/opt/",
				},
			],
		},
	],
}
