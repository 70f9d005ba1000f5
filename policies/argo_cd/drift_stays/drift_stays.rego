# METADATA
# title: "Argo CD does not prune or does not heal"
# description: >-
#   With automated sync but without `prune` what is deleted in git stays in the cluster; without
#   `selfHeal` what somebody changes there stays. Without automated sync nothing is judged: people
#   sync then.
# related_resources:
#   - ref: https://argo-cd.readthedocs.io/en/stable/user-guide/auto_sync/
# custom:
#   id: AUD-ARGO-0004
#   severity: low
#   kinds:
#     - argoproj.io/Application
#     - argoproj.io/ApplicationSet
#   remediation: >-
#     Set `syncPolicy.automated.prune: true` and `selfHeal: true`.
#   reads:
#     - kind
#     - spec.syncPolicy.automated
#     - spec.template.spec.syncPolicy.automated
#   since: 0.1.0
package auditor.argo_cd.drift_stays

import data.auditor.lib.argo

findings contains {
	"message": sprintf("automated sync without %s", [field]),
	"pointer": sprintf("%s.syncPolicy.automated.%s", [application.pointer, field]),
	"details": {"field": field},
} if {
	some application in argo.applications
	automated := application.spec.syncPolicy.automated
	is_object(automated)
	object.get(automated, "enabled", true) == true
	some field in ["prune", "selfHeal"]
	object.get(automated, field, false) == false
}
