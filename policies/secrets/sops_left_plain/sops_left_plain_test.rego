package auditor.secrets.sops_left_plain_test

import data.auditor.secrets.sops_left_plain

test_good_1_1 if {
	count(sops_left_plain.findings) == 0 with input as {"resource": resource_good_1_1, "parameters": {}}
}

resource_good_1_1 := {
	"apiVersion": "v1",
	"kind": "Secret",
	"metadata": {
		"name": "database",
	},
	"stringData": {
		"password": "ENC[AES256_GCM,data:p673w==,iv:YY=,aad:UQ=,tag:A=]",
	},
	"sops": {
		"version": "3.10.2",
		"mac": "ENC[AES256_GCM,data:mac=,iv:YY=,aad:UQ=,tag:A=]",
	},
}

test_bad_1 if {
	pointers := {finding.pointer |
		some resource in [resource_bad_1_1]
		found := sops_left_plain.findings with input as {"resource": resource, "parameters": {}}
		some finding in found
	}
	pointers == {"stringData.username"}
}

resource_bad_1_1 := {
	"apiVersion": "v1",
	"kind": "Secret",
	"metadata": {
		"name": "database",
	},
	"stringData": {
		"password": "ENC[AES256_GCM,data:p673w==,iv:YY=,aad:UQ=,tag:A=]",
		"username": "auditor-redacted:secret:0123456789abcdef",
	},
	"sops": {
		"version": "3.10.2",
		"mac": "ENC[AES256_GCM,data:mac=,iv:YY=,aad:UQ=,tag:A=]",
	},
}
