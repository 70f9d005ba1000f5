# METADATA
# title: "An application follows HEAD or every chart version"
# description: >-
#   Without a revision, or with HEAD, `*` or a version range, what is deployed changes without a
#   change in this repository. A named branch is left out: for a fleet's own repository that is
#   GitOps.
# related_resources:
#   - ref: https://argo-cd.readthedocs.io/en/stable/user-guide/tracking_strategies/
# custom:
#   id: AUD-ARGO-0002
#   severity: low
#   kinds:
#     - argoproj.io/Application
#   remediation: >-
#     Name a tag or commit, or for a chart its version.
#   reads:
#     - spec.source.chart
#     - spec.source.repoURL
#     - spec.source.targetRevision
#     - spec.sources[].chart
#     - spec.sources[].repoURL
#     - spec.sources[].targetRevision
#   since: 0.1.0
package auditor.argo_cd.revision_floating

import data.auditor.lib.text
import data.auditor.lib.version

findings contains {
	"message": sprintf("%s is followed at %s", [text.plain(object.get(source.value, "repoURL", "the source")), revision]),
	"pointer": sprintf("%s.targetRevision", [source.pointer]),
	"details": {"revision": revision},
} if {
	some source in sources
	revision := text.plain(object.get(source.value, "targetRevision", "HEAD"))
	floating(source.value, revision)
}

floating(_, revision) if revision in {"HEAD", "", "*"}

floating(source, revision) if {
	is_string(source.chart)
	version.is_range(revision)
}

sources contains {"value": input.resource.spec.source, "pointer": "spec.source"} if is_object(input.resource.spec.source)

sources contains {"value": source, "pointer": sprintf("spec.sources[%d]", [index])} if {
	some index, source in input.resource.spec.sources
	is_object(source)
}
