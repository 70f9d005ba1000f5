# METADATA
# title: "The image exposes SSH"
# description: >-
#   Port 22 is exposed. A shell in a container comes from `docker exec` or `kubectl exec`, which is
#   logged and authorised; an SSH server has keys and users of its own.
# related_resources:
#   - ref: https://docs.docker.com/reference/dockerfile/#expose
# custom:
#   id: AUD-DOCK-0009
#   severity: low
#   kinds:
#     - docker/Dockerfile
#   remediation: >-
#     Remove the SSH server and the port.
#   reads:
#     - stages
#   since: 0.1.0
package auditor.dockerfile.exposes_ssh

import data.auditor.lib.dockerfile

findings contains {
	"message": "port 22 is exposed",
	"pointer": sprintf("%s.expose[%d]", [stage.pointer, index]),
	"details": {},
} if {
	some stage in dockerfile.stages
	some index, port in stage.value.expose
	port in {"22", "22/tcp"}
}
