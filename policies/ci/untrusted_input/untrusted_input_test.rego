package auditor.ci.untrusted_input_test

import data.auditor.ci.untrusted_input

test_good_1 if {
	count(untrusted_input.findings) == 0 with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitHubWorkflow", "metadata": {"name": ".github/workflows/ci.yml"}, "body": {"on": "pull_request", "jobs": {"web": {"runs-on": "ubuntu-24.04", "steps": [{"env": {"TITLE": "${{ github.event.pull_request.title }}"}, "run": "echo \"$TITLE\" ${{ github.sha }} ${{ github.event.pull_request.number }}"}]}}}}, "parameters": {}}
}

test_bad_1 if {
	found := untrusted_input.findings with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitHubWorkflow", "metadata": {"name": ".github/workflows/ci.yml"}, "body": {"on": "pull_request", "jobs": {"web": {"runs-on": "ubuntu-24.04", "steps": [{"run": "echo ${{ github.event.pull_request.title }}"}, {"name": "Branch", "run": "git switch ${{ github.head_ref }}"}]}}}}, "parameters": {}}
	{finding.pointer | some finding in found} == {"body.jobs.web.steps[0].run", "body.jobs.web.steps[name=Branch].run"}
}
