# METADATA
# title: "A Job in git runs again and again"
# description: >-
#   `ttlSecondsAfterFinished` deletes the finished Job; what applies the repository then finds it
#   missing and makes it anew, so that it runs again at every reconciliation. Hooks of Helm and
#   Argo CD, and objects that Flux does not reconcile, are left out; so are templates, whose name or
#   namespace is filled in by whoever applies them (`$NAME`): what Flux fills in is judged rendered.
# related_resources:
#   - ref: https://fluxcd.io/flux/use-cases/running-jobs/
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/
# custom:
#   id: AUD-WORK-0003
#   severity: medium
#   kinds:
#     - batch/Job
#   remediation: >-
#     Remove the field (the finished Job stays as the record that it ran), or make it a hook or a
#     CronJob.
#   reads:
#     - 'metadata.annotations["argocd.argoproj.io/hook"]'
#     - 'metadata.annotations["helm.sh/hook"]'
#     - 'metadata.annotations["kustomize.toolkit.fluxcd.io/reconcile"]'
#     - metadata.name
#     - metadata.namespace
#     - spec.ttlSecondsAfterFinished
#   since: 0.1.0
package auditor.workloads.job_runs_again

import data.auditor.lib.text

findings contains {
	"message": sprintf("the finished Job is deleted after %v s and made anew", [input.resource.spec.ttlSecondsAfterFinished]),
	"pointer": "spec.ttlSecondsAfterFinished",
	"details": {},
} if {
	is_number(input.resource.spec.ttlSecondsAfterFinished)
	not is_hook
	not is_left_alone
	not is_template
}

is_left_alone if input.resource.metadata.annotations["kustomize.toolkit.fluxcd.io/reconcile"] == "disabled"

is_template if {
	some field in ["name", "namespace"]
	text.is_open_name(input.resource.metadata[field])
}

# Helm and Argo CD make and delete hooks themselves.
is_hook if {
	some name in ["helm.sh/hook", "argocd.argoproj.io/hook"]
	input.resource.metadata.annotations[name] != ""
}
