# METADATA
# title: "A workload's selector does not match its own pods"
# description: >-
#   The API server refuses it: the labels of the pod template have to satisfy `spec.selector`.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector
# custom:
#   id: AUD-WORK-0006
#   severity: high
#   kinds:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#   remediation: >-
#     Give the template the labels of the selector (the selector itself cannot be changed later).
#   reads:
#     - spec.selector
#     - spec.template.metadata.labels
#   since: 0.1.0
package auditor.workloads.selector_mismatch

import data.auditor.lib.selector

findings contains {
	"message": "the labels of the pod template do not satisfy the selector",
	"pointer": "spec.selector",
	"details": {},
} if {
	is_object(input.resource.spec.selector)
	is_object(input.resource.spec.template)
	labels := object.get(input.resource.spec.template, ["metadata", "labels"], {})
	not selector.matches(input.resource.spec.selector, labels)
}
