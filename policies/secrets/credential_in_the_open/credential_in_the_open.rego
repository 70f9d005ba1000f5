# METADATA
# title: "A credential lies in the open"
# description: >-
#   A value that looks like a password, token or private key stands in a ConfigMap, an environment
#   variable, Helm values or an annotation. Everyone who reads the repository or the object has
#   it.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
# custom:
#   id: AUD-SEC-0002
#   severity: high
#   kinds:
#     - "*"
#   remediation: >-
#     Change the credential, since it is known; put it into an encrypted Secret and refer to that.
#   reads:
#     - '**'
#   since: 0.1.0
#   contains: "auditor-redacted:credential:"
package auditor.secrets.credential_in_the_open

import data.auditor.lib.pointer

findings contains {
	"message": "a credential stands here unencrypted",
	"pointer": pointer.of(path),
	"details": {},
} if {
	[path, value] := walk(input.resource)
	is_string(value)
	contains(value, "auditor-redacted:credential:")
}
