# METADATA
# title: "A pipeline changes a cluster itself"
# description: >-
#   A step applies manifests, upgrades a chart or syncs an application. What it does is in no git
#   history, the pipeline holds credentials of the cluster, and what the GitOps tool declares is
#   overwritten or drifts. Dry runs, and jobs that make a cluster of their own to test in, are left
#   out.
# related_resources:
#   - ref: https://opengitops.dev/
#   - ref: https://fluxcd.io/flux/use-cases/gh-actions-helm-promotion/
# custom:
#   id: AUD-CI-0001
#   severity: high
#   kinds:
#     - ci/GitHubWorkflow
#     - ci/GitHubAction
#     - ci/GitLabPipeline
#   remediation: >-
#     Commit what is to run and let Flux or Argo CD pull it; take the cluster's credentials away from
#     the pipeline.
#   reads:
#     - kind
#     - body
#   since: 0.1.0
package auditor.ci.push_deployment

import data.auditor.lib.ci

findings contains {
	"message": sprintf("job %s changes a cluster: %s", [line.job, command]),
	"pointer": line.pointer,
	"details": {"job": line.job, "command": command},
} if {
	some line in ci.lines
	some command in commands
	regex.match(sprintf("%s%s%s", [`(^|[^A-Za-z0-9_./-])`, command, `([^A-Za-z0-9_-]|$)`]), line.text)
	regex.match(`--dry-run|--help|[a-z]+ diff( |$)`, line.text) == false
	is_test(line.job) == false
}

findings contains {
	"message": sprintf("job %s changes a cluster: %s", [step.job, step.value.uses]),
	"pointer": sprintf("%s.uses", [step.pointer]),
	"details": {"job": step.job, "command": step.value.uses},
} if {
	some step in ci.steps
	regex.match(`^(azure/k8s-deploy|azure/aks-set-context-and-deploy|deliverybot/helm|bitovi/github-actions-deploy-eks-helm|steebchen/kubectl|stefanprodan/kube-tools)@`, lower(step.value.uses))
	is_test(step.job) == false
}

is_test(job) := count([found | some found in ci.testing_jobs; found == job]) > 0

commands := {
	"kubectl apply", "kubectl create", "kubectl replace", "kubectl patch", "kubectl set image", "kubectl delete",
	"kubectl scale", "kubectl rollout restart", "helm upgrade", "helm install", "helm uninstall", "helm rollback",
	"helmfile apply", "helmfile sync", "argocd app sync", "argocd app set", "argocd app create", "kapp deploy",
	"oc apply",
}
