# METADATA
# title: "An application is made by a plugin"
# description: >-
#   A config management plugin runs a program of its own on the repository's content, with the
#   repository server's rights; what comes out cannot be read off the repository, neither by people
#   nor by this audit.
# related_resources:
#   - ref: https://argo-cd.readthedocs.io/en/stable/operator-manual/config-management-plugins/
# custom:
#   id: AUD-ARGO-0013
#   severity: low
#   kinds:
#     - argoproj.io/Application
#     - argoproj.io/ApplicationSet
#   remediation: >-
#     Use Kustomize or Helm, or commit what the plugin renders.
#   reads:
#     - kind
#     - spec.source.plugin
#     - spec.sources[].plugin
#     - spec.template.spec.source.plugin
#     - spec.template.spec.sources[].plugin
#   since: 0.1.0
package auditor.argo_cd.plugin_source

import data.auditor.lib.argo
import data.auditor.lib.text

findings contains {
	"message": sprintf("the plugin %s makes the manifests", [text.plain(object.get(source.value.plugin, "name", "that is found"))]),
	"pointer": sprintf("%s.plugin", [source.pointer]),
	"details": {},
} if {
	some source in argo.sources
	is_object(source.value.plugin)
}
