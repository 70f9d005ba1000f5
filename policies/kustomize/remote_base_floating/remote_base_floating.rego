# METADATA
# title: "A remote base is not pinned"
# description: >-
#   A remote resource without `?ref=`, or with a branch's name in it, is fetched anew at each
#   build: somebody else decides what is deployed. A URL with a version or commit in its path
#   counts as pinned.
# related_resources:
#   - ref: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/resource/
# custom:
#   id: AUD-KUST-0001
#   severity: medium
#   kinds:
#     - kustomize.config.k8s.io/Kustomization
#     - kustomize.config.k8s.io/Component
#   remediation: >-
#     Add `?ref=` with a tag or commit, or copy the base into the repository.
#   reads:
#     - bases
#     - components
#     - crds
#     - resources
#   since: 0.1.0
package auditor.kustomize.remote_base_floating

import data.auditor.lib.text

findings contains {
	"message": sprintf("%s is taken from wherever its branch stands", [entry]),
	"pointer": sprintf("%s[%d]", [field, index]),
	"details": {"url": entry},
} if {
	some field in ["resources", "bases", "components", "crds"]
	some index, entry in input.resource[field]
	is_remote(entry)
	not is_pinned(entry)
}

is_remote(entry) if {
	some start in ["http://", "https://", "git@", "git::", "ssh://", "github.com/"]
	startswith(entry, start)
}

is_pinned(entry) if text.is_placeholder(entry)

is_pinned(entry) if {
	regex.match(`[?&](ref|version)=`, entry)
	regex.match(`[?&](ref|version)=(main|master|HEAD|develop|latest)(&|$)`, entry) == false
}

# A file behind a URL with a version or a commit in it: …/v1.4.2/install.yaml, …/<40 hex digits>/….
is_pinned(entry) if regex.match(`/(v?[0-9]+\.[0-9]+(\.[0-9]+)?[^/]*|[0-9a-f]{40})/`, entry)
