# METADATA
# title: "A secret is passed as a build argument"
# description: >-
#   An ARG, or an ENV that is filled from one, is named as a secret. What the build is given stays in
#   the image's history and its provenance, for everyone who pulls it.
# related_resources:
#   - ref: https://docs.docker.com/build/building/secrets/
#   - ref: https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/
# custom:
#   id: AUD-DOCK-0006
#   severity: medium
#   kinds:
#     - docker/Dockerfile
#   remediation: >-
#     Use `RUN --mount=type=secret`.
#   reads:
#     - args
#     - stages
#   since: 0.1.0
package auditor.dockerfile.secret_as_argument

import data.auditor.lib.dockerfile

findings contains {
	"message": sprintf("%s is given to the build in the open", [name]),
	"pointer": sprintf("%s.%s", [scope.pointer, name]),
	"details": {"name": name},
} if {
	some scope in dockerfile.variables
	some name, value in scope.value
	is_given(value)
	regex.match(`(^|_)(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|PRIVATE_KEY|SECRET_KEY|ACCESS_KEY|CREDENTIALS)$`, upper(name))
}

is_given(null)

is_given(value) if {
	is_string(value)
	contains(value, "${")
}
