# METADATA
# title: "A cluster role may create workloads"
# description: >-
#   Who creates pods in a namespace uses every Secret, ConfigMap, volume and service account in
#   it, and where nothing enforces a Pod Security Standard, the node. In a cluster role it counts
#   for every namespace it is bound for. Controllers that need it get a waiver. Rules that name
#   the objects (`resourceNames`) are not judged; a rule that allows every verb on everything is a
#   finding of AUD-RBAC-0001 only.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: AUD-RBAC-0011
#   severity: medium
#   kinds:
#     - rbac.authorization.k8s.io/ClusterRole
#   remediation: >-
#     Use Roles in the namespaces where it is needed.
#   reads:
#     - rules
#   since: 0.1.0
package auditor.rbac.workload_create

import data.auditor.lib.rbac
import data.auditor.lib.text

# API group → resource → verbs.
dangerous := {
	"": {"pods": ["create"], "replicationcontrollers": ["create"]},
	"apps": {"daemonsets": ["create"], "deployments": ["create"], "replicasets": ["create"], "statefulsets": ["create"]},
	"batch": {"cronjobs": ["create"], "jobs": ["create"]},
}

findings contains {
	"message": sprintf("rule %d allows creating workloads: %s", [index, text.plain(concat("; ", granted))]),
	"pointer": sprintf("rules[%d].resources", [index]),
	"details": {"granted": granted},
} if {
	some index, entry in input.resource.rules
	granted := sort([grant | some group in object.keys(dangerous); some grant in rbac.grants(entry, group, dangerous[group])])
	count(granted) > 0
}
