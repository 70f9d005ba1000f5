# METADATA
# title: "A role may change admission control"
# description: >-
#   Who writes webhook configurations or admission policies sees every object that is sent to the
#   API server, secrets included, changes it, or switches the checks off. Rules that name the
#   objects (`resourceNames`) are not judged; a rule that allows every verb on everything is a
#   finding of AUD-RBAC-0001 only.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: AUD-RBAC-0010
#   severity: high
#   kinds:
#     - rbac.authorization.k8s.io/ClusterRole
#   remediation: >-
#     Name the one configuration in `resourceNames` (create cannot be limited so; let GitOps
#     create it).
#   reads:
#     - rules
#   since: 0.1.0
package auditor.rbac.admission_write

import data.auditor.lib.rbac
import data.auditor.lib.text

# API group → resource → verbs.
dangerous := {
	"admissionregistration.k8s.io": {"mutatingadmissionpolicies": ["create", "update", "patch", "delete"], "mutatingadmissionpolicybindings": ["create", "update", "patch", "delete"], "mutatingwebhookconfigurations": ["create", "update", "patch", "delete"], "validatingadmissionpolicies": ["create", "update", "patch", "delete"], "validatingadmissionpolicybindings": ["create", "update", "patch", "delete"], "validatingwebhookconfigurations": ["create", "update", "patch", "delete"]},
}

findings contains {
	"message": sprintf("rule %d allows changing admission control: %s", [index, text.plain(concat("; ", granted))]),
	"pointer": sprintf("rules[%d].resources", [index]),
	"details": {"granted": granted},
} if {
	some index, entry in input.resource.rules
	some group, wanted in dangerous
	granted := rbac.grants(entry, group, wanted)
	count(granted) > 0
}
