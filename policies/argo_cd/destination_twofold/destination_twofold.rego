# METADATA
# title: "A destination is named both by address and by name"
# description: >-
#   Argo CD refuses an application whose destination has both `server` and `name`, so it is not
#   deployed.
# related_resources:
#   - ref: https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/#applications
# custom:
#   id: AUD-ARGO-0011
#   severity: medium
#   kinds:
#     - argoproj.io/Application
#     - argoproj.io/ApplicationSet
#   remediation: >-
#     Keep one of the two.
#   reads:
#     - kind
#     - spec.destination
#     - spec.template.spec.destination
#   since: 0.1.0
package auditor.argo_cd.destination_twofold

import data.auditor.lib.argo

findings contains {
	"message": "the destination has both server and name",
	"pointer": sprintf("%s.destination", [application.pointer]),
	"details": {},
} if {
	some application in argo.applications
	object.get(application.spec.destination, "server", "") != ""
	object.get(application.spec.destination, "name", "") != ""
}
