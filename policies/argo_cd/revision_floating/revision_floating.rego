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
#     - argoproj.io/ApplicationSet
#   remediation: >-
#     Name a tag or commit, or for a chart its version.
#   reads:
#     - kind
#     - spec.source.chart
#     - spec.source.repoURL
#     - spec.source.targetRevision
#     - spec.sources[].chart
#     - spec.sources[].repoURL
#     - spec.sources[].targetRevision
#     - spec.template.spec.source.chart
#     - spec.template.spec.source.repoURL
#     - spec.template.spec.source.targetRevision
#     - spec.template.spec.sources[].chart
#     - spec.template.spec.sources[].repoURL
#     - spec.template.spec.sources[].targetRevision
#   since: 0.1.0
package auditor.argo_cd.revision_floating

import data.auditor.lib.argo
import data.auditor.lib.text
import data.auditor.lib.version

findings contains {
	"message": sprintf("%s is followed at %s", [text.plain(object.get(source.value, "repoURL", "the source")), revision]),
	"pointer": sprintf("%s.targetRevision", [source.pointer]),
	"details": {"revision": revision},
} if {
	some source in argo.sources
	revision := text.plain(object.get(source.value, "targetRevision", "HEAD"))
	floating(source.value, revision)
}

floating(_, revision) if revision in {"HEAD", "", "*"}

floating(source, revision) if {
	is_string(source.chart)
	version.is_range(revision)
}
