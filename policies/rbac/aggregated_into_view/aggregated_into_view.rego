# METADATA
# title: "A cluster role adds secrets or changes to `view`"
# description: >-
#   The label aggregate-to-view adds these rules to what every reader of every namespace may do.
#   `view` is made so that it reads no secrets and changes nothing; people hand it out on that
#   ground.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
# custom:
#   id: AUD-RBAC-0020
#   severity: medium
#   kinds:
#     - rbac.authorization.k8s.io/ClusterRole
#   remediation: >-
#     Aggregate to `edit` or `admin`, or bind the role by itself.
#   reads:
#     - 'metadata.labels["rbac.authorization.k8s.io/aggregate-to-view"]'
#     - rules
#   since: 0.1.0
package auditor.rbac.aggregated_into_view

import data.auditor.lib.rbac
import data.auditor.lib.text

findings contains {
	"message": sprintf("rule %d adds to the role view: %s", [index, text.plain(concat(", ", added))]),
	"pointer": sprintf("rules[%d].verbs", [index]),
	"details": {"added": added},
} if {
	input.resource.metadata.labels["rbac.authorization.k8s.io/aggregate-to-view"] == "true"
	some index, entry in input.resource.rules
	added := sort(more_than_reading(entry) | secrets(entry))
	count(added) > 0
}

more_than_reading(entry) := {verb | some verb in entry.verbs; not verb in {"get", "list", "watch"}}

secrets(entry) := {grant | some grant in rbac.grants(entry, "", {"secrets": ["get", "list", "watch"]})}
