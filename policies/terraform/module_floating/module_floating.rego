# METADATA
# title: "A module is not pinned"
# description: >-
#   A registry's module without a version, or one from git without `ref` or with a branch in it, is
#   whatever its author published last when the next `terraform init` runs.
# related_resources:
#   - ref: https://developer.hashicorp.com/terraform/language/modules/configuration#version
#   - ref: https://developer.hashicorp.com/terraform/language/modules/configuration#selecting-a-revision
# custom:
#   id: AUD-TF-0003
#   severity: medium
#   kinds:
#     - terraform/module
#   remediation: >-
#     Name an exact version, for git `?ref=` with a tag or better a commit.
#   reads:
#     - body.source
#     - body.version
#   since: 0.1.0
package auditor.terraform.module_floating

import data.auditor.lib.terraform

findings contains {
	"message": sprintf("the registry's module %s has no version that would keep it", [source]),
	"pointer": "body.version",
	"details": {"source": source},
} if {
	source := input.resource.body.source
	terraform.is_literal(source)
	regex.match(`^([a-z0-9.-]+\.[a-z]+/)?[0-9A-Za-z_-]+/[0-9A-Za-z_-]+/[0-9a-z]+(//.*)?$`, source)
	is_open(object.get(input.resource.body, "version", ""))
}

findings contains {
	"message": sprintf("the module is taken from wherever its branch stands: %s", [source]),
	"pointer": "body.source",
	"details": {"source": source},
} if {
	source := input.resource.body.source
	terraform.is_literal(source)
	is_git(source)
	not is_pinned(source)
}

is_open("")

is_open(version) if regex.match(`^\s*(\*|>=?\s*[0-9][0-9A-Za-z.+-]*)\s*$`, version)

is_git(source) if {
	some start in ["git::", "git@", "github.com/", "bitbucket.org/"]
	startswith(source, start)
}

is_pinned(source) if {
	regex.match(`[?&]ref=[^&]`, source)
	regex.match(`[?&]ref=(main|master|HEAD|develop|trunk|latest)(&|$)`, source) == false
}
