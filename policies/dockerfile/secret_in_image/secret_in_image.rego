# METADATA
# title: "A secret is built into the image"
# description: >-
#   A password, token or key stands in ENV, ARG, LABEL or a command. Everyone who reads the repository
#   or pulls the image has it; a later instruction does not take it out of its layer.
# related_resources:
#   - ref: https://docs.docker.com/build/building/secrets/
# custom:
#   id: AUD-DOCK-0005
#   severity: high
#   kinds:
#     - docker/Dockerfile
#   remediation: >-
#     Change the secret, since it is known; give it to the build by `RUN --mount=type=secret` and to
#     the container when it runs.
#   reads:
#     - '**'
#   since: 0.1.0
#   contains: "auditor-redacted:"
package auditor.dockerfile.secret_in_image

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
