# METADATA
# title: "A route is served without TLS"
# description: >-
#   The HTTPRoute attaches to a listener of protocol HTTP of a Gateway declared here, and does
#   something else there than redirect to https. Without `sectionName` or `port` a route attaches
#   to every listener that lets it in, the one for http included.
# related_resources:
#   - ref: https://gateway-api.sigs.k8s.io/guides/http-redirect-rewrite/
# custom:
#   id: AUD-NET-0008
#   severity: medium
#   scope: environment
#   about:
#     - gateway.networking.k8s.io/HTTPRoute
#   kinds:
#     - gateway.networking.k8s.io/Gateway
#     - gateway.networking.k8s.io/HTTPRoute
#   remediation: >-
#     Name the https listener in `parentRefs` (`sectionName`), and leave the http listener to one
#     route that redirects.
#   reads:
#     - spec.listeners
#     - spec.parentRefs
#     - spec.rules
#   since: 0.1.0
package auditor.network.route_without_tls

import data.auditor.lib.set
import data.auditor.lib.text

findings contains {
	"message": sprintf("the route is served without TLS by the listener %s of the gateway %s", [listener.name, set.name(gateway)]),
	"pointer": sprintf("spec.parentRefs[%d]", [number]),
	"details": {"gateway": set.name(gateway), "listener": listener.name},
	"resource": index,
} if {
	some index, route in input.set
	route.kind == "HTTPRoute"
	serves(route)
	some number, parent in route.spec.parentRefs
	some gateway in gateways
	set.name(gateway) == parent.name
	set.namespace(gateway) == text.plain(object.get(parent, "namespace", set.namespace(route)))
	some listener in gateway.spec.listeners
	listener.protocol == "HTTP"
	attaches(parent, listener)
	lets_in(gateway, listener, route)
}

gateways := [manifest | some manifest in input.set; manifest.kind == "Gateway"]

# Something else than a redirect to https.
serves(route) if {
	some entry in route.spec.rules
	not redirects(entry)
}

redirects(entry) if {
	some filter in entry.filters
	filter.type == "RequestRedirect"
	filter.requestRedirect.scheme == "https"
}

attaches(parent, listener) if {
	object.get(parent, "sectionName", listener.name) == listener.name
	object.get(parent, "port", listener.port) == listener.port
}

# From a selection of namespaces: not known here, so not judged.
lets_in(_, listener, _) if listener.allowedRoutes.namespaces.from == "All"

lets_in(gateway, listener, route) if {
	object.get(listener, ["allowedRoutes", "namespaces", "from"], "Same") == "Same"
	set.namespace(gateway) == set.namespace(route)
}
