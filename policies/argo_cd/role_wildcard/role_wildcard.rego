# METADATA
# title: "A role of a project may do everything"
# description: >-
#   The action `*` holds deletion, override of what is deployed, and on `exec` a shell in every pod.
# related_resources:
#   - ref: https://argo-cd.readthedocs.io/en/stable/operator-manual/rbac/
# custom:
#   id: AUD-ARGO-0010
#   severity: medium
#   kinds:
#     - argoproj.io/AppProject
#   remediation: >-
#     Name the actions that the role needs, such as get and sync.
#   reads:
#     - spec.roles
#   since: 0.1.0
package auditor.argo_cd.role_wildcard

import data.auditor.lib.text

findings contains {
	"message": sprintf("the role %s may do everything with %s", [text.plain(object.get(role, "name", "")), resource]),
	"pointer": sprintf("spec.roles%s.policies[%d]", [text.entry_key(index, role), number]),
	"details": {"policy": policy},
} if {
	some index, role in input.resource.spec.roles
	some number, policy in role.policies
	fields := split(policy, ",")
	count(fields) == 6
	action := trim_space(fields[3])
	action == "*"
	effect := trim_space(fields[5])
	effect == "allow"
	resource := text.plain(trim_space(fields[2]))
}
