# METADATA
# title: "A pipeline prints a secret"
# description: >-
#   A step writes a secret, or all of them, to its log. Masks hide a value only as it is: encoded,
#   cut or quoted it stands there for everybody who may read logs. What goes on through a pipe or
#   into a file is left out.
# related_resources:
#   - ref: https://docs.github.com/actions/reference/security/secure-use#use-secrets-for-sensitive-information
# custom:
#   id: AUD-CI-0003
#   severity: high
#   kinds:
#     - ci/GitHubWorkflow
#     - ci/GitHubAction
#     - ci/GitLabPipeline
#   remediation: >-
#     Hand secrets over by environment or standard input, and print none; rotate what was printed.
#   reads:
#     - kind
#     - body
#   since: 0.1.0
package auditor.ci.secret_printed

import data.auditor.lib.ci

findings contains {
	"message": sprintf("job %s prints a secret", [line.job]),
	"pointer": line.pointer,
	"details": {"job": line.job},
} if {
	some line in ci.lines
	prints_secret(line.text)
}

prints_secret(line) if {
	regex.match(`^(echo|printf|cat <<<)[ ]`, line)
	names_secret(line)
	regex.match(`[|>]`, replaced(line)) == false
}

prints_secret(line) if regex.match(`^(printenv|env)$`, line)

prints_secret(line) if {
	contains(line, "toJSON(secrets)")
	regex.match(`^(echo|printf)[ ]`, line)
}

# Without GitHub's expressions, which may have a pipe in them.
replaced(line) := regex.replace(line, `\$\{\{[^}]*\}\}`, "x")

names_secret(line) if regex.match(`\$\{\{[^}]*secrets\.[A-Za-z_]+[^}]*\}\}`, line)

names_secret(line) if regex.match(`\$\{?[A-Z0-9_]*(PASSWORD|PASSWD|SECRET|TOKEN|API_KEY|PRIVATE_KEY|ACCESS_KEY)([^A-Z0-9_]|$)`, line)
