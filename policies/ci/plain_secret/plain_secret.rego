# METADATA
# title: "A pipeline holds a secret unencrypted"
# description: >-
#   A password, token or key stands in the pipeline's file as it is. Everybody who can read the
#   repository, or any copy of it, has it, and git keeps it after it is deleted.
# related_resources:
#   - ref: https://docs.github.com/actions/concepts/security/secrets
# custom:
#   id: AUD-CI-0006
#   severity: high
#   kinds:
#     - ci/GitHubWorkflow
#     - ci/GitHubAction
#     - ci/GitLabPipeline
#   remediation: >-
#     Rotate the secret and keep it among the secrets of the forge, or in a vault that gives tokens by
#     OIDC.
#   reads:
#     - '**'
#   since: 0.1.0
#   contains: "auditor-redacted:"
package auditor.ci.plain_secret

import data.auditor.lib.pointer

findings contains {
	"message": "a secret stands here unencrypted",
	"pointer": pointer.of(path),
	"details": {},
} if {
	[path, value] := walk(input.resource)
	is_string(value)
	contains(value, "auditor-redacted:")
}
