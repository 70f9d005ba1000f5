# METADATA
# title: "A script takes in what a stranger wrote"
# description: >-
#   GitHub fills an expression in before the shell reads the script, so that the title of an issue,
#   the name of a branch or the text of a comment is run as code, with the job's token and secrets.
# related_resources:
#   - ref: https://docs.github.com/actions/concepts/security/script-injections
# custom:
#   id: AUD-CI-0007
#   severity: high
#   kinds:
#     - ci/GitHubWorkflow
#     - ci/GitHubAction
#   remediation: >-
#     Hand it over in an environment variable (`env: TITLE: ${{ … }}`) and quote it: `"$TITLE"`.
#   reads:
#     - kind
#     - body
#   since: 0.1.0
package auditor.ci.untrusted_input

import data.auditor.lib.ci

findings contains {
	"message": sprintf("job %s runs what somebody wrote on the forge", [script.job]),
	"pointer": script.pointer,
	"details": {"job": script.job},
} if {
	some script in ci.scripts
	regex.match(`\$\{\{[^}]*(github\.head_ref|github\.event\.(issue\.(title|body)|pull_request\.(title|body|head\.(ref|label))|comment\.body|review\.body|discussion\.(title|body)|head_commit\.message|workflow_run\.head_branch))[^}]*\}\}`, script.text)
}
