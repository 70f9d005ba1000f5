package auditor.ci.token_permissions_test

import data.auditor.ci.token_permissions

test_good_1 if {
	count(token_permissions.findings) == 0 with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitHubWorkflow", "metadata": {"name": ".github/workflows/ci.yml"}, "body": {"on": "push", "permissions": {"contents": "read"}, "jobs": {"web": {"runs-on": "ubuntu-24.04", "steps": [{"run": "true"}]}}}}, "parameters": {}}
}

test_good_2 if {
	count(token_permissions.findings) == 0 with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitHubWorkflow", "metadata": {"name": ".github/workflows/ci.yml"}, "body": {"on": "push", "permissions": {}, "jobs": {"a": {"steps": []}}}}, "parameters": {}}
}

test_good_3 if {
	count(token_permissions.findings) == 0 with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitHubWorkflow", "metadata": {"name": ".github/workflows/ci.yml"}, "body": {"on": "push", "jobs": {"a": {"permissions": {"contents": "write"}, "steps": []}}}}, "parameters": {}}
}

test_bad_1 if {
	found := token_permissions.findings with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitHubWorkflow", "metadata": {"name": ".github/workflows/ci.yml"}, "body": {"on": "push", "jobs": {"a": {"permissions": "write-all", "steps": []}, "b": {"steps": []}}}}, "parameters": {}}
	{finding.pointer | some finding in found} == {"body.jobs.a.permissions", "body.jobs.b"}
}

test_bad_2 if {
	found := token_permissions.findings with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitHubWorkflow", "metadata": {"name": ".github/workflows/ci.yml"}, "body": {"on": "push", "permissions": "write-all", "jobs": {"a": {"steps": []}}}}, "parameters": {}}
	{finding.pointer | some finding in found} == {"body.permissions"}
}
