package auditor.ci.secret_printed_test

import data.auditor.ci.secret_printed

test_good_1 if {
	count(secret_printed.findings) == 0 with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitHubWorkflow", "metadata": {"name": ".github/workflows/ci.yml"}, "body": {"on": "push", "jobs": {"web": {"runs-on": "ubuntu-24.04", "steps": [{"run": "echo ${{ secrets.TOKEN }} | docker login --password-stdin\necho \"$TOKEN_NAME\"\nenv FOO=1 ./x\necho ok\necho $KEY > file\n"}]}}}}, "parameters": {}}
}

test_good_2 if {
	count(secret_printed.findings) == 0 with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitLabPipeline", "metadata": {"name": ".gitlab-ci.yml"}, "body": {"a": {"script": ["echo $CI_JOB_TOKEN | helm registry login --password-stdin", "echo secret"]}}}, "parameters": {}}
}

test_bad_1 if {
	found := secret_printed.findings with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitHubWorkflow", "metadata": {"name": ".github/workflows/ci.yml"}, "body": {"on": "push", "jobs": {"web": {"runs-on": "ubuntu-24.04", "steps": [{"run": "echo \"${{ secrets.DEPLOY_TOKEN || 'x' }}\""}, {"run": "x\nprintenv"}, {"run": "echo '${{ toJSON(secrets) }}' > all.json"}]}}}}, "parameters": {}}
	{finding.pointer | some finding in found} == {"body.jobs.web.steps[0].run", "body.jobs.web.steps[1].run", "body.jobs.web.steps[2].run"}
}

test_bad_2 if {
	found := secret_printed.findings with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitLabPipeline", "metadata": {"name": ".gitlab-ci.yml"}, "body": {"a": {"script": ["echo $DB_PASSWORD"]}}}, "parameters": {}}
	{finding.pointer | some finding in found} == {"body.a.script[0]"}
}
