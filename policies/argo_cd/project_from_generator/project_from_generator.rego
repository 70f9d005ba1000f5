# METADATA
# title: "A pull request or repository chooses its own project"
# description: >-
#   The project is templated from a generator that reads pull requests or a forge's repositories.
#   Whoever can open one chooses the project its application runs in, and with it the clusters and
#   kinds it may touch.
# related_resources:
#   - ref: https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Security/
# custom:
#   id: AUD-ARGO-0008
#   severity: high
#   kinds:
#     - argoproj.io/ApplicationSet
#   remediation: >-
#     Write the project's name into the template.
#   reads:
#     - spec.generators
#     - spec.template.spec.project
#   since: 0.1.0
package auditor.argo_cd.project_from_generator

findings contains {
	"message": sprintf("the project comes from the generator %s", [generator]),
	"pointer": "spec.template.spec.project",
	"details": {"generator": generator},
} if {
	contains(input.resource.spec.template.spec.project, "{{")
	some generator in foreign
}

foreign contains name if {
	walk(input.resource.spec.generators, [path, _])
	count(path) > 0
	last := count(path) - 1
	name := path[last]
	name in {"pullRequest", "scmProvider"}
}
