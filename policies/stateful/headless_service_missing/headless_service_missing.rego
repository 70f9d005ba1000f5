# METADATA
# title: "A StatefulSet's Service is missing or not headless"
# description: >-
#   The pods' stable names (`web-0.web`) come from the headless Service that `serviceName` names;
#   without it members of a cluster do not find each other. Judged only where the namespace's
#   Services are declared here: at least one is, and no chart or application from elsewhere puts
#   more into it.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id
# custom:
#   id: AUD-STATE-0008
#   severity: medium
#   scope: environment
#   about:
#     - apps/StatefulSet
#   kinds:
#     - apps/StatefulSet
#     - Service
#     - helm.fluxcd.io/HelmRelease
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - argoproj.io/Application
#   remediation: >-
#     Declare the Service with `clusterIP: None`.
#   reads:
#     - spec.clusterIP
#     - spec.destination.namespace
#     - spec.serviceName
#     - spec.targetNamespace
#   since: 0.1.0
package auditor.stateful.headless_service_missing

import data.auditor.lib.set
import data.auditor.lib.text

findings contains {
	"message": sprintf("the Service %s is %s", [wanted, problem]),
	"pointer": "spec.serviceName",
	"details": {"service": wanted},
	"resource": index,
} if {
	some index, manifest in input.set
	manifest.kind == "StatefulSet"
	wanted := manifest.spec.serviceName
	text.is_known(wanted)
	wanted != ""
	namespace := set.namespace(manifest)
	not namespace in set.filled_from_elsewhere
	here := services[namespace]
	problem := what_is_wrong(here, wanted)
}

what_is_wrong(declared, wanted) := text.plain("not declared") if {
	count({1 | some service in declared; service.name == wanted}) == 0
}

what_is_wrong(declared, wanted) := text.plain("not headless") if {
	some service in declared
	service.name == wanted
	service.address != "None"
}

services := {place: found |
	all := [{"place": set.namespace(manifest), "name": set.name(manifest), "address": object.get(manifest, ["spec", "clusterIP"], "")} |
		some manifest in input.set
		manifest.kind == "Service"
	]
	some place in {service.place | some service in all}
	found := [service | some service in all; service.place == place]
}
