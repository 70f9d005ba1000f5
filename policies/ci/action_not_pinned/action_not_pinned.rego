# METADATA
# title: "An action is not pinned by its commit"
# description: >-
#   A tag or a branch of an action's repository can be moved by whoever owns it, or took it over,
#   and then other code runs with this pipeline's token and secrets. Only the 40 hexadecimal digits
#   of a commit name one content. Actions of the repository itself are left out; an image counts as
#   pinned by its digest.
# related_resources:
#   - ref: https://docs.github.com/actions/reference/security/secure-use#using-third-party-actions
# custom:
#   id: AUD-CI-0002
#   severity: medium
#   kinds:
#     - ci/GitHubWorkflow
#     - ci/GitHubAction
#   remediation: >-
#     Name the commit (`uses: owner/action@<40 hex digits> # v1.2.3`); Renovate and Dependabot raise
#     it.
#   reads:
#     - kind
#     - body
#   since: 0.1.0
package auditor.ci.action_not_pinned

import data.auditor.lib.ci
import data.auditor.lib.text

findings contains {
	"message": sprintf("%s is not pinned by a commit", [use.value]),
	"pointer": use.pointer,
	"details": {"action": use.value},
} if {
	some use in uses
	startswith(use.value, "./") == false
	startswith(use.value, "docker://") == false
	regex.match(`@[0-9a-f]{40}$`, use.value) == false
}

findings contains {
	"message": sprintf("%s is not pinned by its digest", [use.value]),
	"pointer": use.pointer,
	"details": {"action": use.value},
} if {
	some use in uses
	startswith(use.value, "docker://")
	regex.match(`@sha256:[0-9a-f]{64}$`, use.value) == false
}

uses contains {"value": step.value.uses, "pointer": sprintf("%s.uses", [step.pointer])} if {
	some step in ci.steps
	text.is_known(step.value.uses)
}

# Another workflow that a job calls.
uses contains {"value": job.value.uses, "pointer": sprintf("%s.uses", [job.pointer])} if {
	some job in ci.jobs
	text.is_known(job.value.uses)
}
