# METADATA
# title: "A namespace has no ResourceQuota"
# description: >-
#   One team can take the whole cluster: nothing limits what the namespace asks for in all. Judged
#   where it is the environment's habit: at least one other namespace declared here has one. The
#   parameter `everywhere` asks every declared namespace for one. Namespaces of the system
#   (kube-*) are left out.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/policy/resource-quotas/
# custom:
#   id: AUD-RES-0007
#   severity: low
#   scope: environment
#   about:
#     - Namespace
#   kinds:
#     - Namespace
#     - ResourceQuota
#     - LimitRange
#   remediation: >-
#     Declare a ResourceQuota in the namespace.
#   reads:
#     - metadata.name
#   since: 0.1.0
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       everywhere:
#         type: boolean
#         default: false
#         description: Whether every namespace needs one, or only where others have one.
package auditor.resources.quota_missing

import data.auditor.lib.set

findings contains {
	"message": sprintf("the namespace %s has no ResourceQuota", [namespace]),
	"pointer": "",
	"details": {},
	"resource": index,
} if {
	expected
	some index, manifest in input.set
	manifest.kind == "Namespace"
	namespace := set.name(manifest)
	not startswith(namespace, "kube-")
	not namespace in covered
}

covered contains namespace if {
	some manifest in input.set
	manifest.kind == "ResourceQuota"
	namespace := set.namespace(manifest)
}

expected if input.parameters.everywhere == true

expected if count(covered) > 0
