# METADATA
# title: "No pipeline checks manifests before they land"
# description: >-
#   There are pipelines, and none that runs for a pull or merge request renders or checks what is
#   proposed: no kustomize build, kubeconform, conftest, flux, helm template, kyverno, auditor or
#   the like. What lands is first tried by the cluster.
# related_resources:
#   - ref: https://fluxcd.io/flux/use-cases/running-jobs/
#   - ref: https://kubeconform.mandragor.org/
# custom:
#   id: AUD-CI-0008
#   severity: medium
#   scope: environment
#   kinds:
#     - ci/GitHubWorkflow
#     - ci/GitLabPipeline
#   remediation: >-
#     Run `auditor check` (or another validator) on pull requests, and let the branch's protection ask
#     for it.
#   reads:
#     - body
#   since: 0.1.0
package auditor.ci.validation_missing


# One finding is enough, at the file that comes first by its name.
findings contains {
	"message": "no pipeline checks manifests before they land",
	"pointer": "metadata.name",
	"details": {},
	"resource": index,
} if {
	count(checking) == 0
	first := min({other.metadata.name | some other in input.set})
	some index, manifest in input.set
	manifest.metadata.name == first
}

checking contains manifest.metadata.name if {
	some manifest in input.set
	before_merge(manifest)
	body := manifest.body
	texts := concat(" | ", [value | [_, value] := walk(body); is_string(value)])
	regex.match(calls_a_validator, texts)
}

# One pattern for all of them, since a pattern is looked for in every text of every pipeline.
calls_a_validator := concat("", ["(^|[^A-Za-z0-9_])(", concat("|", validators), ")([^A-Za-z0-9_]|$)"])

validators := [
	"kustomize build", "kubectl kustomize", "kubectl diff", "kubeconform", "kubeval", "conftest", "helm template",
	"helm lint", "flux build", "flux diff", "flux-local", "kyverno", "gator", "datree", "polaris", "kube-linter",
	"kube-score", "kubescape", "checkov", "trivy", "pluto", "argocd app diff", "auditor check", "auditor scan", "--dry-run",
]

before_merge(manifest) if {
	manifest.kind == "GitHubWorkflow"
	triggers := events(manifest.body.on)
	some event in triggers
	event in {"pull_request", "pull_request_target", "merge_group", "workflow_call"}
}

# A pipeline of GitLab runs for merge requests unless its rules say otherwise.
before_merge(manifest) if manifest.kind == "GitLabPipeline"

events(on) := {on} if is_string(on)

events(on) := {event | some event in on} if is_array(on)

events(on) := {event | some event in object.keys(on)} if is_object(on)
