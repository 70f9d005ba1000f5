# METADATA
# title: "Two routes take the same host and path"
# description: >-
#   Which of them wins is the controller's choice, usually the older one: traffic of one program
#   goes to another, or a team takes another's. Ingresses conflict where class, host, path and
#   path type are the same, HTTPRoutes where gateway, host and the whole match are. Canaries of
#   ingress-nginx, and what only differs in methods or headers, are left out.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/ingress/
# custom:
#   id: AUD-NET-0011
#   severity: medium
#   scope: environment
#   kinds:
#     - networking.k8s.io/Ingress
#     - gateway.networking.k8s.io/HTTPRoute
#   remediation: >-
#     Give one of them another host or path, or join them in one object.
#   reads:
#     - 'metadata.annotations["kubernetes.io/ingress.class"]'
#     - 'metadata.annotations["nginx.ingress.kubernetes.io/canary"]'
#     - spec.hostnames
#     - spec.ingressClassName
#     - spec.parentRefs
#     - spec.rules
#   since: 0.1.0
package auditor.network.route_conflict

import data.auditor.lib.set
import data.auditor.lib.text

findings contains {
	"message": sprintf("%s is also taken by %s", [place.shown, text.plain(concat(", ", sort(others)))]),
	"pointer": place.pointer,
	"details": {"others": sort(others)},
	"resource": place.index,
} if {
	some key in taken_twice
	same := [place | some place in places; place.key == key]
	count({place.index | some place in same}) > 1
	some place in same
	others := {other.owner | some other in same; other.index != place.index}
}

# Equal keys stand beside each other.
taken_twice := {key |
	keys := sort([place.key | some place in places])
	some number in numbers.range(1, count(keys) - 1)
	key := keys[number]
	key == keys[number - 1]
}

places contains {
	"index": index,
	"owner": owner(manifest),
	"shown": sprintf("%s%s", [host, path]),
	"key": concat(" ", ["ingress", class(manifest), lower(host), type, path]),
	"pointer": sprintf("spec.rules[%d].http.paths[%d]", [number, position]),
} if {
	some index, manifest in input.set
	manifest.kind == "Ingress"
	not is_canary(manifest)
	some number, entry in manifest.spec.rules
	host := text.plain(object.get(entry, "host", "*"))
	some position, taken in entry.http.paths
	path := text.plain(object.get(taken, "path", "/"))
	type := text.plain(object.get(taken, "pathType", "ImplementationSpecific"))
}

places contains {
	"index": index,
	"owner": owner(manifest),
	"shown": host,
	"key": concat(" ", ["route", gateway_of(parent, manifest), lower(host), text.quoted(match)]),
	"pointer": sprintf("spec.rules[%d]", [number]),
} if {
	some index, manifest in input.set
	manifest.kind == "HTTPRoute"
	some parent in manifest.spec.parentRefs
	some host in object.get(manifest.spec, "hostnames", ["*"])
	some number, entry in manifest.spec.rules
	some match in object.get(entry, "matches", [{"path": {"type": "PathPrefix", "value": "/"}}])
}

owner(manifest) := sprintf("%s %s/%s", [manifest.kind, set.namespace(manifest), set.name(manifest)])

class(manifest) := text.plain(manifest.spec.ingressClassName) if is_string(manifest.spec.ingressClassName)

class(manifest) := text.plain(object.get(manifest, ["metadata", "annotations", "kubernetes.io/ingress.class"], "")) if {
	not is_string(object.get(manifest, ["spec", "ingressClassName"], null))
}

is_canary(manifest) if manifest.metadata.annotations["nginx.ingress.kubernetes.io/canary"] == "true"

gateway_of(parent, manifest) := concat("/", [
	text.plain(object.get(parent, "namespace", set.namespace(manifest))),
	parent.name,
	text.plain(object.get(parent, "sectionName", "")),
])
