# METADATA
# title: "A provider has no version"
# description: >-
#   Without a version constraint `terraform init` takes the newest provider, a new major version with
#   it, wherever no lock file is committed or it is upgraded.
# related_resources:
#   - ref: https://developer.hashicorp.com/terraform/language/providers/requirements#version-constraints
# custom:
#   id: AUD-TF-0001
#   severity: medium
#   kinds:
#     - terraform/terraform
#   remediation: >-
#     Write a version such as `~> 5.60`, and commit `.terraform.lock.hcl`.
#   reads:
#     - body.required_providers
#   since: 0.1.0
package auditor.terraform.provider_floating

import data.auditor.lib.terraform

findings contains {
	"message": sprintf("the provider %s has no version", [name]),
	"pointer": sprintf("%s.%s", [block.pointer, name]),
	"details": {"provider": name},
} if {
	some block in terraform.blocks.required_providers
	some name, wanted in block.value
	is_object(wanted)
	object.get(wanted, "version", "") in {"", "*"}
	not is_configured_for_tests(wanted)
}

# A built-in provider has no version.
is_configured_for_tests(wanted) if startswith(wanted.source, "terraform.io/builtin/")
