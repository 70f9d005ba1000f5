# METADATA
# title: "A build does not verify what it downloads"
# description: >-
#   The check of certificates or signatures is switched off, so whoever sits on the way decides what
#   is in the image.
# related_resources:
#   - ref: https://docs.docker.com/build/building/best-practices/
# custom:
#   id: AUD-DOCK-0010
#   severity: medium
#   kinds:
#     - docker/Dockerfile
#   remediation: >-
#     Install the missing certificate authority or key instead.
#   reads:
#     - stages
#   since: 0.1.0
package auditor.dockerfile.verification_off

import data.auditor.lib.dockerfile

findings contains {
	"message": sprintf("%s is switched off", [what]),
	"pointer": command.pointer,
	"details": {},
} if {
	some command in dockerfile.commands
	some what, pattern in patterns
	regex.match(pattern, command.value)
}

findings contains {
	"message": "Node.js does not verify certificates",
	"pointer": sprintf("%s.env.NODE_TLS_REJECT_UNAUTHORIZED", [stage.pointer]),
	"details": {},
} if {
	some stage in dockerfile.stages
	stage.value.env.NODE_TLS_REJECT_UNAUTHORIZED == "0"
}

patterns := {
	"curl's check of certificates": `(^|[\s;&|(])curl\s[^;&|]*(-[a-zA-Z]*k[a-zA-Z]*|--insecure)(\s|$)`,
	"wget's check of certificates": `wget\s[^;&|]*--no-check-certificate`,
	"git's check of certificates": `http\.sslVerify[ =]+"?(false|0)`,
	"apt's check of signatures": `apt(-get)?\s[^;&|]*--(allow-unauthenticated|force-yes)`,
	"the check of packages' signatures": `(yum|dnf)\s[^;&|]*--nogpgcheck|apk\s[^;&|]*--allow-untrusted`,
	"npm's check of certificates": `npm\s[^;&|]*strict-ssl[ =]+"?false`,
	"pip's check of certificates": `pip3?\s[^;&|]*--trusted-host`,
}
