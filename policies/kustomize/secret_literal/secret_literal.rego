# METADATA
# title: "A secretGenerator takes literal values"
# description: >-
#   The values stand in the kustomization in the open. Values that a variable fills in, and empty
#   ones, are left out.
# related_resources:
#   - ref: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/secretgenerator/
# custom:
#   id: AUD-KUST-0002
#   severity: high
#   kinds:
#     - kustomize.config.k8s.io/Kustomization
#     - kustomize.config.k8s.io/Component
#   remediation: >-
#     Generate from files that SOPS encrypts, or declare an ExternalSecret or SealedSecret.
#   reads:
#     - secretGenerator[].literals
#     - secretGenerator[].name
#   since: 0.1.0
package auditor.kustomize.secret_literal

import data.auditor.lib.text

findings contains {
	"message": sprintf("the Secret %s is generated from literal values", [text.plain(object.get(generator, "name", "without a name"))]),
	"pointer": sprintf("secretGenerator%s.literals", [text.entry_key(index, generator)]),
	"details": {},
} if {
	some index, generator in input.resource.secretGenerator
	is_object(generator)
	holds_a_value(generator)
}

holds_a_value(generator) if {
	some literal in generator.literals
	is_string(literal)
	text.is_known(literal)
	regex.match(`^[^=]+=.+`, literal)
}

holds_a_value(generator) if {
	some literal in generator.literals
	startswith(literal, "auditor-redacted:")
}
