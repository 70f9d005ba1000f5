# METADATA
# title: "Argo CD replaces or forces objects"
# description: >-
#   With `Replace=true` objects are replaced instead of patched, which overwrites what others own and
#   fails on immutable fields; with `Force=true` they are deleted and made anew, which is an outage
#   and for a volume claim lost data.
# related_resources:
#   - ref: https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/#replace-resource-instead-of-applying-changes
# custom:
#   id: AUD-ARGO-0005
#   severity: medium
#   kinds:
#     - argoproj.io/Application
#     - argoproj.io/ApplicationSet
#   remediation: >-
#     Remove the option; annotate the one object that needs it, or use `ServerSideApply=true`.
#   reads:
#     - kind
#     - spec.syncPolicy.syncOptions
#     - spec.template.spec.syncPolicy.syncOptions
#   since: 0.1.0
package auditor.argo_cd.sync_replaces

import data.auditor.lib.argo

findings contains {
	"message": sprintf("the whole application is synchronised with %s", [option]),
	"pointer": sprintf("%s.syncPolicy.syncOptions", [application.pointer]),
	"details": {"option": option},
} if {
	some application in argo.applications
	some option in application.spec.syncPolicy.syncOptions
	option in {"Replace=true", "Force=true"}
}
