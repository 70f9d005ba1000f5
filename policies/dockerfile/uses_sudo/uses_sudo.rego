# METADATA
# title: "A build uses sudo"
# description: >-
#   sudo in an image lets the process become root again; a build has the rights it needs by `USER`.
# related_resources:
#   - ref: https://docs.docker.com/build/building/best-practices/#user
# custom:
#   id: AUD-DOCK-0008
#   severity: low
#   kinds:
#     - docker/Dockerfile
#   remediation: >-
#     Switch with `USER root` for the commands that need it, and back.
#   reads:
#     - stages
#   since: 0.1.0
package auditor.dockerfile.uses_sudo

import data.auditor.lib.dockerfile

findings contains {
	"message": "sudo is used",
	"pointer": command.pointer,
	"details": {},
} if {
	some command in dockerfile.commands
	regex.match(`(^|[;&|]\s*)sudo\s`, command.value)
}
