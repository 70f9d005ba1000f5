# METADATA
# title: "A role may talk to the kubelet through nodes/proxy"
# description: >-
#   The kubelet's API runs commands in every pod of the node, past admission and past the audit
#   log; get is enough, since commands can run over a websocket. Rules that name the objects
#   (`resourceNames`) are not judged; a rule that allows every verb on everything is a finding of
#   AUD-RBAC-0001 only.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: AUD-RBAC-0007
#   severity: high
#   kinds:
#     - rbac.authorization.k8s.io/ClusterRole
#   remediation: >-
#     For metrics and logs grant `nodes/metrics`, `nodes/stats`, `nodes/log`, `nodes/pods` or
#     `nodes/healthz` instead.
#   reads:
#     - rules
#   since: 0.1.0
package auditor.rbac.nodes_proxy

import data.auditor.lib.rbac
import data.auditor.lib.text

# API group → resource → verbs.
dangerous := {
	"": {"nodes/proxy": ["create", "get"]},
}

findings contains {
	"message": sprintf("rule %d allows the whole API of the kubelet: %s", [index, text.plain(concat("; ", granted))]),
	"pointer": sprintf("rules[%d].resources", [index]),
	"details": {"granted": granted},
} if {
	some index, entry in input.resource.rules
	some group, wanted in dangerous
	granted := rbac.grants(entry, group, wanted)
	count(granted) > 0
}
