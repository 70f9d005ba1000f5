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
	last := count(parts) - 1
	pieces := split(parts[last], ":")
	host := pieces[0]
}

is_inside(host) if endswith(host, ".svc")

is_inside(host) if endswith(host, ".cluster.local")

is_inside(host) if startswith(host, "127.")

# "<service>.<namespace>": two names, of which the last is no domain that the internet has. Those of
# countries have two letters; of the others, the usual ones.
is_inside(host) if {
	names := split(host, ".")
	count(names) == 2
	last := names[1]
	count(last) > 2
	not last in usual_domains
}

usual_domains := {
	"app", "art", "biz", "blog", "cloud", "club", "com", "company", "dev", "digital", "edu", "email", "gov",
	"group", "info", "int", "life", "live", "mil", "mobi", "name", "net", "network", "news", "one", "online",
	"org", "page", "pro", "run", "services", "shop", "site", "software", "solutions", "space", "store",
	"studio", "systems", "team", "tech", "technology", "today", "tools", "top", "website", "wiki", "work",
	"works", "world", "xyz", "zone",
}
