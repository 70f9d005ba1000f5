# METADATA
# title: "A pod has nothing that restarts it elsewhere"
# description: >-
#   A pod by itself is not made anew when its node goes or it is evicted, and changing it in git
#   means deleting it first. Hooks of Helm and Argo CD are left out, and templates, whose name or
#   namespace is filled in by whoever applies them (`$NAME`), such as a pod to look around in.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/configuration/overview/#naked-pods-vs-replicasets-deployments-and-jobs
# custom:
#   id: AUD-WORK-0001
#   severity: low
#   kinds:
#     - Pod
#   remediation: >-
#     Use a Deployment, or a Job for what ends.
#   reads:
#     - kind
#     - 'metadata.annotations["argocd.argoproj.io/hook"]'
#     - 'metadata.annotations["helm.sh/hook"]'
#     - metadata.name
#     - metadata.namespace
#     - metadata.ownerReferences
#   since: 0.1.0
package auditor.workloads.naked_pod

import data.auditor.lib.text

findings contains {
	"message": "the pod belongs to no workload",
	"pointer": "kind",
	"details": {},
} if {
	input.resource.kind == "Pod"
	not is_hook
	not is_template
	count(object.get(input.resource, ["metadata", "ownerReferences"], [])) == 0
}

is_template if {
	some field in ["name", "namespace"]
	text.is_open_name(input.resource.metadata[field])
}

# Helm and Argo CD make and delete hooks themselves.
is_hook if {
	some name in ["helm.sh/hook", "argocd.argoproj.io/hook"]
	input.resource.metadata.annotations[name] != ""
}
