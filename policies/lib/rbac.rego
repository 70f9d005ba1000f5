# Rules of roles, as the authorizer reads them: https://kubernetes.io/docs/reference/access-authn-authz/rbac/
# `*` in resources covers subresources too, "*/exec" that subresource of everything, "pods/*" nothing.
package auditor.lib.rbac

import data.auditor.lib.text

# What a rule grants out of `wanted` (resource → verbs) of an API group: texts such as "get, list on secrets",
# sorted. Empty for rules that are limited by `resourceNames`, and for those that allow every verb on everything,
# which are one finding (AUD-RBAC-0001) and not one a danger.
grants(entry, group, wanted) := sort([grant |
	some resource in object.keys(wanted)
	not is_everything(entry)
	not is_limited(entry)
	has(entry.apiGroups, group)
	names(entry.resources, resource)
	verbs := [verb | some verb in wanted[resource]; has(entry.verbs, verb)]
	count(verbs) > 0
	grant := sprintf("%s on %s", [text.plain(concat(", ", verbs)), text.plain(resource)])
])

# Every verb on every resource of some group.
is_everything(entry) if {
	"*" in entry.verbs
	"*" in entry.resources
}

# The rule is limited to objects that it names.
is_limited(entry) if count(entry.resourceNames) > 0

has(list, wanted) if {
	some one in list
	one in {wanted, "*"}
}

names(list, resource) if has(list, resource)

names(list, resource) if {
	some one in list
	startswith(one, "*/")
	endswith(resource, trim_prefix(one, "*"))
}

# The rule speaks of API groups that extensions bring (custom resources) and of nothing else.
is_of_extensions(entry) if {
	count(entry.apiGroups) > 0
	count([group | some group in entry.apiGroups; group in far_reaching]) == 0
}

# Every group, Kubernetes' own (https://kubernetes.io/docs/reference/generated/kubernetes-api/), and those whose
# objects Flux and Argo CD apply with their controllers' rights.
far_reaching := {
	"*", "", "admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "apps",
	"authentication.k8s.io", "authorization.k8s.io", "autoscaling", "batch", "certificates.k8s.io",
	"coordination.k8s.io", "discovery.k8s.io", "events.k8s.io", "extensions", "flowcontrol.apiserver.k8s.io",
	"internal.apiserver.k8s.io", "networking.k8s.io", "node.k8s.io", "policy", "rbac.authorization.k8s.io",
	"resource.k8s.io", "scheduling.k8s.io", "storage.k8s.io", "storagemigration.k8s.io",
	"argoproj.io", "helm.toolkit.fluxcd.io", "kustomize.toolkit.fluxcd.io",
}

# Who has this rule, without limits on names, has everything, or can give it to himself.
is_powerful(entry) if {
	is_everything(entry)
	"*" in entry.apiGroups
}

is_powerful(entry) if {
	count(grants(entry, "rbac.authorization.k8s.io", {"clusterroles": ["escalate", "bind"], "roles": ["escalate", "bind"]})) > 0
}

is_powerful(entry) if {
	count(grants(entry, "", {"users": ["impersonate"], "groups": ["impersonate"]})) > 0
}
