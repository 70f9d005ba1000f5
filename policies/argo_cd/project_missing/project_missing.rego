# METADATA
# title: "An application's project does not exist"
# description: >-
#   The project is not declared in this environment although others are. Argo CD refuses the
#   application, and somebody who can make the project decides what it may do.
# related_resources:
#   - ref: https://argo-cd.readthedocs.io/en/stable/user-guide/projects/
# custom:
#   id: AUD-ARGO-0016
#   severity: medium
#   scope: environment
#   about:
#     - argoproj.io/Application
#   kinds:
#     - argoproj.io/Application
#     - argoproj.io/AppProject
#   remediation: >-
#     Declare the AppProject, or correct the name.
#   reads:
#     - spec.project
#   since: 0.1.0
package auditor.argo_cd.project_missing

import data.auditor.lib.set
import data.auditor.lib.text

findings contains {
	"message": sprintf("there is no AppProject %s", [project]),
	"pointer": "spec.project",
	"details": {"project": project},
	"resource": index,
} if {
	some index, manifest in input.set
	manifest.kind == "Application"
	project := manifest.spec.project
	text.is_known(project)
	not project in {"", "default"}
	count(declared) > 0
	not project in declared
	not named_later
}

declared contains name if {
	some manifest in input.set
	manifest.kind == "AppProject"
	name := set.name(manifest)
}

named_later if {
	some name in declared
	text.is_placeholder(name)
}
