# METADATA
# title: "An application is applied without validation"
# description: >-
#   With `Validate=false` misspelt and unknown fields are dropped silently, a security context among
#   them.
# related_resources:
#   - ref: https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/#disable-kubectl-validation
# custom:
#   id: AUD-ARGO-0015
#   severity: low
#   kinds:
#     - argoproj.io/Application
#     - argoproj.io/ApplicationSet
#   remediation: >-
#     Remove `Validate=false`; annotate the one object that needs it.
#   reads:
#     - kind
#     - spec.syncPolicy.syncOptions
#     - spec.template.spec.syncPolicy.syncOptions
#   since: 0.1.0
package auditor.argo_cd.validation_off

import data.auditor.lib.argo

findings contains {
	"message": "validation is switched off for the whole application",
	"pointer": sprintf("%s.syncPolicy.syncOptions", [application.pointer]),
	"details": {},
} if {
	some application in argo.applications
	some option in application.spec.syncPolicy.syncOptions
	option == "Validate=false"
}
