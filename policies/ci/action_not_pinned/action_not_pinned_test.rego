package auditor.ci.action_not_pinned_test

import data.auditor.ci.action_not_pinned

test_good_1 if {
	count(action_not_pinned.findings) == 0 with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitHubWorkflow", "metadata": {"name": ".github/workflows/ci.yml"}, "body": {"on": "push", "jobs": {"web": {"runs-on": "ubuntu-24.04", "steps": [{"uses": "actions/checkout@b4ffde65f46336ab88eb53be808477a3936bae11"}, {"uses": "./.github/actions/x"}, {"uses": "docker://alpine@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}, {"run": "true"}]}}}}, "parameters": {}}
}

test_good_2 if {
	count(action_not_pinned.findings) == 0 with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitHubAction", "metadata": {"name": ".github/actions/x/action.yml"}, "body": {"name": "x", "runs": {"using": "composite", "steps": [{"uses": "actions/setup-go@b4ffde65f46336ab88eb53be808477a3936bae11"}]}}}, "parameters": {}}
}

test_bad_1 if {
	found := action_not_pinned.findings with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitHubWorkflow", "metadata": {"name": ".github/workflows/ci.yml"}, "body": {"on": "push", "jobs": {"web": {"steps": [{"name": "Get", "uses": "actions/checkout@v4"}, {"uses": "docker://alpine:3"}, {"uses": "a/b@main"}]}, "called": {"uses": "a/b/.github/workflows/x.yml@v1"}}}}, "parameters": {}}
	{finding.pointer | some finding in found} == {"body.jobs.web.steps[name=Get].uses", "body.jobs.web.steps[1].uses", "body.jobs.web.steps[2].uses", "body.jobs.called.uses"}
}
