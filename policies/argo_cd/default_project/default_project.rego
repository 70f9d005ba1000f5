# METADATA
# title: "An application is in Argo CD's default project"
# description: >-
#   The project `default` allows every source, every destination and every kind unless somebody
#   narrowed it, so nothing limits the application.
# related_resources:
#   - ref: https://argo-cd.readthedocs.io/en/stable/user-guide/projects/#the-default-project
# custom:
#   id: AUD-ARGO-0001
#   severity: medium
#   kinds:
#     - argoproj.io/Application
#     - argoproj.io/ApplicationSet
#   remediation: >-
#     Make an AppProject with the sources and destinations of the team.
#   reads:
#     - kind
#     - spec.project
#     - spec.template.spec.project
#   since: 0.1.0
package auditor.argo_cd.default_project

import data.auditor.lib.argo

findings contains {
	"message": "the application is in the project default",
	"pointer": sprintf("%s.project", [application.pointer]),
	"details": {},
} if {
	some application in argo.applications
	object.get(application.spec, "project", "default") in {"default", ""}
}
