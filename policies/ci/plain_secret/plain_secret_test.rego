package auditor.ci.plain_secret_test

import data.auditor.ci.plain_secret

test_good_1 if {
	count(plain_secret.findings) == 0 with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitHubWorkflow", "metadata": {"name": ".github/workflows/ci.yml"}, "body": {"on": "push", "env": {"TOKEN": "${{ secrets.TOKEN }}"}, "jobs": {"web": {"runs-on": "ubuntu-24.04", "steps": [{"run": "true"}]}}}}, "parameters": {}}
}

test_bad_1 if {
	found := plain_secret.findings with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitHubWorkflow", "metadata": {"name": ".github/workflows/ci.yml"}, "body": {"on": "push", "env": {"API_KEY": "auditor-redacted:credential:0123456789abcdef"}, "jobs": {"web": {"runs-on": "ubuntu-24.04", "steps": [{"run": "true"}]}}}}, "parameters": {}}
	{finding.pointer | some finding in found} == {"body.env.API_KEY"}
}
