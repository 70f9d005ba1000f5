# METADATA
# title: "A role may approve or sign certificates"
# description: >-
#   Who approves certificate requests can let the cluster sign a client certificate for any user
#   and any group; it cannot be taken back before it expires. Rules that name the objects
#   (`resourceNames`) are not judged; a rule that allows every verb on everything is a finding of
#   AUD-RBAC-0001 only.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: AUD-RBAC-0009
#   severity: high
#   kinds:
#     - rbac.authorization.k8s.io/ClusterRole
#   remediation: >-
#     Limit `signers` to the one signer by `resourceNames`, and leave approval to the controller
#     that is made for it.
#   reads:
#     - rules
#   since: 0.1.0
package auditor.rbac.certificate_approval

import data.auditor.lib.rbac
import data.auditor.lib.text

# API group → resource → verbs.
dangerous := {
	"certificates.k8s.io": {"certificatesigningrequests/approval": ["update", "patch"], "signers": ["approve", "sign"]},
}

findings contains {
	"message": sprintf("rule %d allows approving or signing certificates: %s", [index, text.plain(concat("; ", granted))]),
	"pointer": sprintf("rules[%d].resources", [index]),
	"details": {"granted": granted},
} if {
	some index, entry in input.resource.rules
	some group, wanted in dangerous
	granted := rbac.grants(entry, group, wanted)
	count(granted) > 0
}
