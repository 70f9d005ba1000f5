package auditor.lib.terraform_test

import data.auditor.lib.terraform

test_blocks_of_both_syntaxes if {
	terraform.blocks.ingress == {
		{"value": {"port": 1}, "pointer": "body.ingress[0]"},
		{"value": {"port": 3}, "pointer": "body.dynamic.ingress[0].content[0]"},
	} with input as {"resource": {"body": {"ingress": [{"port": 1}], "dynamic": {"ingress": [{"content": [{"port": 3}]}]}}}}
	terraform.blocks.ingress == {{"value": {"port": 2}, "pointer": "body.ingress"}} with input as {"resource": {"body": {"ingress": {"port": 2}}}}
}
