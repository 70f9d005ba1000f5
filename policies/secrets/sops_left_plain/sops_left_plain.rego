# METADATA
# title: "A SOPS-encrypted Secret has unencrypted values"
# description: >-
#   The file carries SOPS metadata and passes for encrypted, but some values are not:
#   `encrypted_regex` missed them, or they were added by hand.
# related_resources:
#   - ref: https://fluxcd.io/flux/guides/mozilla-sops/
# custom:
#   id: AUD-SEC-0004
#   severity: critical
#   kinds:
#     - Secret
#   remediation: >-
#     Change the credential, encrypt the file again (`sops --encrypt --in-place`) and correct
#     `encrypted_regex` to `^(data|stringData)$`.
#   reads:
#     - data
#     - sops
#     - stringData
#   since: 0.1.0
#   contains: "auditor-redacted:"
package auditor.secrets.sops_left_plain

import data.auditor.lib.text

findings contains {
	"message": sprintf("the value of %s is not encrypted although the file carries SOPS metadata", [name]),
	"pointer": sprintf("%s%s", [field, text.field_key(name)]),
	"details": {"key": name},
} if {
	is_object(input.resource.sops)
	some field in ["data", "stringData"]
	some name, value in input.resource[field]
	startswith(value, "auditor-redacted:")
}
