# METADATA
# title: "A build runs what it downloads"
# description: >-
#   What curl or wget gets is run at once by a shell. Nobody has looked at it, and a broken download
#   runs half.
# related_resources:
#   - ref: https://docs.docker.com/build/building/best-practices/#using-pipes
# custom:
#   id: AUD-DOCK-0007
#   severity: low
#   kinds:
#     - docker/Dockerfile
#   remediation: >-
#     Download a version, check its checksum, then run it.
#   reads:
#     - stages
#   since: 0.1.0
package auditor.dockerfile.pipes_to_shell

import data.auditor.lib.dockerfile

findings contains {
	"message": "what is downloaded is run by a shell",
	"pointer": command.pointer,
	"details": {},
} if {
	some command in dockerfile.commands
	regex.match(`(curl|wget)[^|;&]*\|\s*(sudo\s+)?(/bin/|/usr/bin/)?(env\s+)?(ba|da|z|k)?sh(\s|;|$|")`, command.value)
}
