package auditor.ci.validation_missing_test

import data.auditor.ci.validation_missing

test_good_1 if {
	count(validation_missing.findings) == 0 with input as {"set": [{"apiVersion": "ci/v1", "kind": "GitHubWorkflow", "metadata": {"name": ".github/workflows/ci.yml"}, "body": {"on": {"pull_request": {}}, "jobs": {"web": {"runs-on": "ubuntu-24.04", "steps": [{"run": "kustomize build . | kubeconform -strict"}]}}}}], "context": {"environment": "prod"}, "parameters": {}}
}

test_good_2 if {
	count(validation_missing.findings) == 0 with input as {"set": [{"apiVersion": "ci/v1", "kind": "GitHubWorkflow", "metadata": {"name": ".github/workflows/ci.yml"}, "body": {"on": "push", "jobs": {"web": {"runs-on": "ubuntu-24.04", "steps": [{"run": "make"}]}}}}, {"apiVersion": "ci/v1", "kind": "GitHubWorkflow", "metadata": {"name": ".github/workflows/ci.yml"}, "body": {"on": ["pull_request"], "jobs": {"web": {"runs-on": "ubuntu-24.04", "steps": [{"uses": "example/flux-local@b4ffde65f46336ab88eb53be808477a3936bae11"}]}}}}], "context": {"environment": "prod"}, "parameters": {}}
}

test_good_3 if {
	count(validation_missing.findings) == 0 with input as {"set": [{"apiVersion": "ci/v1", "kind": "GitLabPipeline", "metadata": {"name": ".gitlab-ci.yml"}, "body": {"test": {"script": ["auditor check ."]}}}], "context": {"environment": "prod"}, "parameters": {}}
}

test_good_4 if {
	count(validation_missing.findings) == 0 with input as {"set": [{"apiVersion": "ci/v1", "kind": "GitHubWorkflow", "metadata": {"name": ".github/workflows/ci.yml"}, "body": {"on": "pull_request", "jobs": {"web": {"runs-on": "ubuntu-24.04", "steps": [{"run": "helm lint ./web"}]}}}}], "context": {"environment": "prod"}, "parameters": {}}
}

test_bad_1 if {
	found := validation_missing.findings with input as {"set": [{"apiVersion": "ci/v1", "kind": "GitHubWorkflow", "metadata": {"name": ".github/workflows/ci.yml"}, "body": {"on": "push", "jobs": {"web": {"runs-on": "ubuntu-24.04", "steps": [{"run": "kubeconform ."}]}}}}], "context": {"environment": "prod"}, "parameters": {}}
	{finding.pointer | some finding in found} == {"metadata.name"}
}
