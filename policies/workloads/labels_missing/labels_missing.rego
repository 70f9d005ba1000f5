# METADATA
# title: "A required label is missing"
# description: >-
#   Which labels every workload and Service carries (an owner, app.kubernetes.io/name, a cost
#   centre) is the organisation's choice: the parameter `labels`; while it is empty nothing is
#   judged.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
# custom:
#   id: AUD-WORK-0010
#   severity: low
#   kinds:
#     - workload
#     - Service
#   remediation: >-
#     Add the label to `metadata.labels`.
#   reads:
#     - metadata.labels
#   since: 0.1.0
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       labels:
#         type: array
#         items:
#           type: string
#         default: []
#         description: Labels that have to be there, such as app.kubernetes.io/name.
package auditor.workloads.labels_missing

import data.auditor.lib.text

findings contains {
	"message": sprintf("the label %s is missing", [name]),
	"pointer": sprintf("metadata.labels%s", [text.field_key(name)]),
	"details": {"label": name},
} if {
	some name in input.parameters.labels
	object.get(input.resource, ["metadata", "labels", name], "") == ""
}
