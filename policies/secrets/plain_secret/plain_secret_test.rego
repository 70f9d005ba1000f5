package auditor.secrets.plain_secret_test

import data.auditor.secrets.plain_secret

test_good_1_1 if {
	count(plain_secret.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
	"apiVersion": "v1",
	"kind": "Secret",
	"metadata": {
		"name": "database",
		"namespace": "shop",
	},
	"stringData": {
		"password": "ENC[AES256_GCM,data:p673w==,iv:YY=,aad:UQ=,tag:A=]",
	},
	"sops": {
		"version": "3.10.2",
		"lastmodified": "2026-01-04T10:00:00Z",
		"mac": "ENC[AES256_GCM,data:mac=,iv:YY=,aad:UQ=,tag:A=]",
	},
}

test_good_2_1 if {
	count(plain_secret.findings) == 0 with input as {"resource": resource_good_2_1, "parameters": {}}
}

resource_good_2_1 := {
	"apiVersion": "v1",
	"kind": "Secret",
	"metadata": {
		"name": "database",
		"namespace": "shop",
	},
	"stringData": {
		"password": "${DATABASE_PASSWORD}",
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := plain_secret.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"data", "stringData"}
}

resource_bad_1_1 := {
	"apiVersion": "v1",
	"kind": "Secret",
	"metadata": {
		"name": "database",
		"namespace": "shop",
	},
	"type": "Opaque",
	"data": {
		"password": "auditor-redacted:secret:0123456789abcdef",
	},
	"stringData": {
		"username": "auditor-redacted:secret:0123456789abcdef",
	},
}
