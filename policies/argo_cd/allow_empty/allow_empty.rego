# METADATA
# title: "An application may delete everything it has"
# description: >-
#   With `allowEmpty` a source that renders to nothing (a wrong path, a broken generator) makes
#   automated pruning remove every object; without it Argo CD refuses.
# related_resources:
#   - ref: https://argo-cd.readthedocs.io/en/stable/user-guide/auto_sync/#automatic-pruning-with-allow-empty-v18
# custom:
#   id: AUD-ARGO-0006
#   severity: medium
#   kinds:
#     - argoproj.io/Application
#     - argoproj.io/ApplicationSet
#   remediation: >-
#     Remove `automated.allowEmpty`.
#   reads:
#     - kind
#     - spec.syncPolicy.automated
#     - spec.template.spec.syncPolicy.automated
#   since: 0.1.0
package auditor.argo_cd.allow_empty

import data.auditor.lib.argo

findings contains {
	"message": "an empty source removes every object",
	"pointer": sprintf("%s.syncPolicy.automated.allowEmpty", [application.pointer]),
	"details": {},
} if {
	some application in argo.applications
	application.spec.syncPolicy.automated.prune == true
	application.spec.syncPolicy.automated.allowEmpty == true
}
