# METADATA
# title: "A workflow's token may do more than it needs"
# description: >-
#   Without `permissions` the token of a job has the repository's default, which in older
#   repositories is to write everything: code, releases, packages. `write-all` says so openly.
# related_resources:
#   - ref: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#permissions
# custom:
#   id: AUD-CI-0005
#   severity: medium
#   kinds:
#     - ci/GitHubWorkflow
#   remediation: >-
#     Set `permissions: {}` or `contents: read` at the top, and what else is needed in the one job
#     that needs it.
#   reads:
#     - kind
#     - body
#   since: 0.1.0
package auditor.ci.token_permissions

import data.auditor.lib.ci

findings contains {
	"message": sprintf("nothing limits the token of job %s", [job.name]),
	"pointer": job.pointer,
	"details": {"job": job.name},
} if {
	has_permissions(input.resource.body) == false
	some job in ci.jobs
	has_permissions(job.value) == false
}

findings contains {
	"message": "the token may write everything",
	"pointer": "body.permissions",
	"details": {"job": ""},
} if {
	input.resource.body.permissions == "write-all"
}

findings contains {
	"message": sprintf("the token of job %s may write everything", [job.name]),
	"pointer": sprintf("%s.permissions", [job.pointer]),
	"details": {"job": job.name},
} if {
	some job in ci.jobs
	job.value.permissions == "write-all"
}

has_permissions(value) := count([key | some key in object.keys(value); key == "permissions"]) > 0
