# METADATA
# title: "A file is added from the internet unchecked"
# description: >-
#   "`ADD` with an address takes whatever the host gives at the time of the build."
# related_resources:
#   - ref: https://docs.docker.com/reference/dockerfile/#add---checksum
# custom:
#   id: AUD-DOCK-0004
#   severity: medium
#   kinds:
#     - docker/Dockerfile
#   remediation: >-
#     "Add `--checksum=sha256:…`, or fetch it in a RUN that checks it; for a git repository name a
#     commit."
#   reads:
#     - stages
#   since: 0.1.0
package auditor.dockerfile.adds_url

import data.auditor.lib.dockerfile
import data.auditor.lib.text

findings contains {
	"message": sprintf("%s is added without a checksum", [source]),
	"pointer": sprintf("%s.add[%d]", [stage.pointer, index]),
	"details": {"url": source},
} if {
	some stage in dockerfile.stages
	some index, added in stage.value.add
	object.get(added, "checksum", "") == ""
	some source in added.sources
	text.is_known(source)
	regex.match(`^(https?|ftp|git)://`, source)
	not is_commit(source)
}

is_commit(source) if regex.match(`#[0-9a-f]{40}(:|$)`, source)
