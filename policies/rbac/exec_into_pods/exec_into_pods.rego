# METADATA
# title: "A role may run commands in pods"
# description: >-
#   create on pods/exec, pods/attach or pods/portforward reaches into running programs: their
#   memory, credentials and network.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: AUD-RBAC-0006
#   severity: medium
#   kinds:
#     - rbac.authorization.k8s.io/ClusterRole
#     - rbac.authorization.k8s.io/Role
#   remediation: >-
#     Give it to a break-glass role that is granted for a limited time.
#   reads:
#     - rules
#   since: 0.1.0
package auditor.rbac.exec_into_pods

findings contains {
	"message": sprintf("rule %d allows %s", [index, resource]),
	"pointer": sprintf("rules[%d].resources", [index]),
	"details": {"resource": resource},
} if {
	some index, entry in input.resource.rules
	some resource in entry.resources
	resource in {"pods/exec", "pods/attach", "pods/portforward"}
	some verb in entry.verbs
	verb in {"create", "get", "*"}
}
