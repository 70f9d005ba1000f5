package auditor.ci.push_deployment_test

import data.auditor.ci.push_deployment

test_good_1 if {
	count(push_deployment.findings) == 0 with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitHubWorkflow", "metadata": {"name": ".github/workflows/ci.yml"}, "body": {"on": ["pull_request"], "jobs": {"web": {"runs-on": "ubuntu-24.04", "steps": [{"name": "Check", "run": "kustomize build . | kubeconform\nkubectl diff -f x\nkubectl apply --dry-run=server -f x\n# kubectl apply -f x\necho kubectl-apply\n"}, {"uses": "actions/checkout@b4ffde65f46336ab88eb53be808477a3936bae11"}]}}}}, "parameters": {}}
}

test_good_2 if {
	count(push_deployment.findings) == 0 with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitHubWorkflow", "metadata": {"name": ".github/workflows/ci.yml"}, "body": {"on": "push", "jobs": {"e2e": {"steps": [{"uses": "helm/kind-action@b4ffde65f46336ab88eb53be808477a3936bae11"}, {"run": "helm upgrade --install web ./web"}]}, "k3d": {"steps": [{"run": "k3d cluster create x\nkubectl apply -f ."}]}}}}, "parameters": {}}
}

test_good_3 if {
	count(push_deployment.findings) == 0 with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitHubAction", "metadata": {"name": ".github/actions/x/action.yml"}, "body": {"name": "x", "runs": {"using": "composite", "steps": [{"run": "flux diff kustomization apps", "shell": "bash"}]}}}, "parameters": {}}
}

test_good_4 if {
	count(push_deployment.findings) == 0 with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitLabPipeline", "metadata": {"name": ".gitlab-ci.yml"}, "body": {"stages": ["test"], "test": {"script": ["kubeconform ."]}}}, "parameters": {}}
}

test_bad_1 if {
	found := push_deployment.findings with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitHubWorkflow", "metadata": {"name": ".github/workflows/ci.yml"}, "body": {"on": "push", "jobs": {"web": {"runs-on": "ubuntu-24.04", "steps": [{"name": "Deploy", "run": "set -e\nkustomize build . | kubectl apply -f -\n"}, {"uses": "Azure/k8s-deploy@b4ffde65f46336ab88eb53be808477a3936bae11"}]}}}}, "parameters": {}}
	{finding.pointer | some finding in found} == {"body.jobs.web.steps[name=Deploy].run", "body.jobs.web.steps[1].uses"}
}

test_bad_2 if {
	found := push_deployment.findings with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitHubAction", "metadata": {"name": ".github/actions/x/action.yml"}, "body": {"name": "x", "runs": {"using": "composite", "steps": [{"run": "helm upgrade --install web ./chart", "shell": "bash"}]}}}, "parameters": {}}
	{finding.pointer | some finding in found} == {"body.runs.steps[0].run"}
}

test_bad_3 if {
	found := push_deployment.findings with input as {"resource": {"apiVersion": "ci/v1", "kind": "GitLabPipeline", "metadata": {"name": ".gitlab-ci.yml"}, "body": {"before_script": ["argocd app sync web"], "deploy prod": {"script": ["echo x", "cd x && helm upgrade web ./web"]}, "one": {"script": "kubectl set image deploy/web web=x"}}}, "parameters": {}}
	{finding.pointer | some finding in found} == {"body.before_script[0]", "body[\"deploy prod\"].script[1]", "body.one.script"}
}
