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
#   remediation: >-
#     Make an AppProject with the sources and destinations of the team.
#   reads:
#     - spec.project
#   since: 0.1.0
package auditor.argo_cd.default_project

findings contains {
	"message": "the application is in the project default",
	"pointer": "spec.project",
	"details": {},
} if {
	is_object(input.resource.spec)
	object.get(input.resource.spec, "project", "default") in {"default", ""}
}
