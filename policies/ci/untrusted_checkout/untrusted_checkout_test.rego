package auditor.ci.untrusted_checkout_test

import data.auditor.ci.untrusted_checkout

test_good_1 if {
	count(untrusted_checkout.findings) == 0 with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitHubWorkflow", "metadata": {"name": ".github/workflows/ci.yml"}, "body": {"on": {"pull_request_target": {"types": ["labeled"]}}, "jobs": {"web": {"runs-on": "ubuntu-24.04", "steps": [{"uses": "actions/checkout@b4ffde65f46336ab88eb53be808477a3936bae11"}, {"uses": "actions/checkout@b4ffde65f46336ab88eb53be808477a3936bae11", "with": {"ref": "main"}}, {"run": "git fetch origin main"}]}}}}, "parameters": {}}
}

test_good_2 if {
	count(untrusted_checkout.findings) == 0 with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitHubWorkflow", "metadata": {"name": ".github/workflows/ci.yml"}, "body": {"on": "pull_request", "jobs": {"web": {"runs-on": "ubuntu-24.04", "steps": [{"uses": "actions/checkout@b4ffde65f46336ab88eb53be808477a3936bae11", "with": {"ref": "${{ github.event.pull_request.head.sha }}"}}]}}}}, "parameters": {}}
}

test_bad_1 if {
	found := untrusted_checkout.findings with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitHubWorkflow", "metadata": {"name": ".github/workflows/ci.yml"}, "body": {"on": {"pull_request_target": null}, "jobs": {"web": {"runs-on": "ubuntu-24.04", "steps": [{"uses": "actions/checkout@b4ffde65f46336ab88eb53be808477a3936bae11", "with": {"ref": "${{ github.event.pull_request.head.sha }}", "repository": "${{ github.event.pull_request.head.repo.full_name }}"}}]}}}}, "parameters": {}}
	{finding.pointer | some finding in found} == {"body.jobs.web.steps[0].with.ref", "body.jobs.web.steps[0].with.repository"}
}

test_bad_2 if {
	found := untrusted_checkout.findings with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitHubWorkflow", "metadata": {"name": ".github/workflows/ci.yml"}, "body": {"on": ["push", "issue_comment"], "jobs": {"web": {"runs-on": "ubuntu-24.04", "steps": [{"run": "gh pr checkout 5"}]}}}}, "parameters": {}}
	{finding.pointer | some finding in found} == {"body.jobs.web.steps[0].run"}
}

test_bad_3 if {
	found := untrusted_checkout.findings with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitHubWorkflow", "metadata": {"name": ".github/workflows/ci.yml"}, "body": {"on": "workflow_run", "jobs": {"web": {"runs-on": "ubuntu-24.04", "steps": [{"run": "git fetch origin ${{ github.head_ref }}"}]}}}}, "parameters": {}}
	{finding.pointer | some finding in found} == {"body.jobs.web.steps[0].run"}
}
