# Addresses with a host: whether one leaves the cluster without TLS.
package auditor.lib.host

import data.auditor.lib.text

# "http://…" to a host that is not the cluster's own. What a variable fills in is not known.
is_plain_and_outside(address) if {
	text.is_known(address)
	startswith(address, "http://")
	host := named_in(address)
	contains(host, ".")
	not is_inside(host)
}

# The host without user and port. What a call gives is named before it is indexed: rego-cpp dies of the other.
named_in(address) := host if {
	segments := split(trim_prefix(address, "http://"), "/")
	parts := split(segments[0], "@")
	pieces := split(parts[count(parts) - 1], ":")
	host := pieces[0]
}

is_inside(host) if endswith(host, ".svc")

is_inside(host) if endswith(host, ".cluster.local")

is_inside(host) if startswith(host, "127.")
