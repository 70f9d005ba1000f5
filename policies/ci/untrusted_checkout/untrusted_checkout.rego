# METADATA
# title: "A privileged workflow checks out a stranger's code"
# description: >-
#   `pull_request_target` and `workflow_run` run with the repository's secrets and a token that may
#   write. A workflow that then checks out the head of the pull request runs what anybody on the
#   internet proposed with these rights.
# related_resources:
#   - ref: https://securitylab.github.com/resources/github-actions-preventing-pwn-requests/
# custom:
#   id: AUD-CI-0004
#   severity: critical
#   kinds:
#     - ci/GitHubWorkflow
#   remediation: >-
#     Use `pull_request`; or check out nothing of the request, and split what needs rights into a
#     workflow of its own.
#   reads:
#     - kind
#     - body
#   since: 0.1.0
package auditor.ci.untrusted_checkout

import data.auditor.lib.ci

findings contains {
	"message": sprintf("job %s checks out the pull request's head with the repository's rights", [step.job]),
	"pointer": sprintf("%s.with.%s", [step.pointer, field]),
	"details": {"job": step.job},
} if {
	is_privileged
	some step in ci.steps
	startswith(step.value.uses, "actions/checkout@")
	some field in ["ref", "repository"]
	value := step.value["with"][field]
	names_head(value)
}

findings contains {
	"message": sprintf("job %s checks out the pull request's head with the repository's rights", [line.job]),
	"pointer": line.pointer,
	"details": {"job": line.job},
} if {
	is_privileged
	some line in ci.lines
	regex.match(`(gh pr checkout|git (fetch|checkout|pull|switch)[ ].*(github\.event\.pull_request\.head|github\.head_ref|refs/pull/))`, line.text)
}

is_privileged if {
	some event in ci.events
	event in {"pull_request_target", "workflow_run", "issue_comment"}
}

names_head(value) if regex.match(`github\.event\.pull_request\.head\.|github\.head_ref|github\.event\.workflow_run\.head_|refs/pull/`, value)
