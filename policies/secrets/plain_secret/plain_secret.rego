# METADATA
# title: "A Secret lies unencrypted in git"
# description: >-
#   Base64 is no encryption: everyone who can read the repository, its forks and its backups has
#   the value, for ever, since history keeps it. Encrypted with SOPS, or made from a SealedSecret
#   or an ExternalSecret, it is fine; so is a value that a variable fills in.
# related_resources:
#   - ref: https://fluxcd.io/flux/guides/mozilla-sops/
# custom:
#   id: AUD-SEC-0001
#   severity: critical
#   kinds:
#     - Secret
#   remediation: >-
#     Change the credential first, since it is known; then encrypt with SOPS, or declare an
#     ExternalSecret or SealedSecret instead.
#   reads:
#     - data
#     - sops
#     - stringData
#   since: 0.1.0
#   contains: "auditor-redacted:"
package auditor.secrets.plain_secret

findings contains {
	"message": concat("", ["the Secret holds unencrypted values: ", concat(", ", sort(names))]),
	"pointer": field,
	"details": {"keys": sort(names)},
} if {
	not input.resource.sops
	some field in ["data", "stringData"]
	names := {name | some name in redacted[field]}
	count(names) > 0
}

redacted.data contains name if {
	some name, value in input.resource.data
	startswith(value, "auditor-redacted:")
}

redacted.stringData contains name if {
	some name, value in input.resource.stringData
	startswith(value, "auditor-redacted:")
}
