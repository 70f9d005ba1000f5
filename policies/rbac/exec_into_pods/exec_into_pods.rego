# METADATA
# title: "A role may run commands in pods"
# description: >-
#   create or get on pods/exec, pods/attach or pods/portforward, and update on
#   pods/ephemeralcontainers, reach into running programs: their memory, credentials and network.
#   Rules that name the objects (`resourceNames`) are not judged; a rule that allows every verb on
#   everything is a finding of AUD-RBAC-0001 only.
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

import data.auditor.lib.rbac
import data.auditor.lib.text

# API group → resource → verbs.
dangerous := {
	"": {"pods/attach": ["create", "get"], "pods/ephemeralcontainers": ["update", "patch"], "pods/exec": ["create", "get"], "pods/portforward": ["create", "get"]},
}

findings contains {
	"message": sprintf("rule %d allows reaching into pods: %s", [index, text.plain(concat("; ", granted))]),
	"pointer": sprintf("rules[%d].resources", [index]),
	"details": {"granted": granted},
} if {
	some index, entry in input.resource.rules
	some group, wanted in dangerous
	granted := rbac.grants(entry, group, wanted)
	count(granted) > 0
}
