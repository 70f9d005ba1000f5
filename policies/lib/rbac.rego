# Rules of roles, as the authorizer reads them: https://kubernetes.io/docs/reference/access-authn-authz/rbac/
# `*` in resources covers subresources too, "*/exec" that subresource of everything, "pods/*" nothing.
package auditor.lib.rbac

# The verbs out of `verbs` that a rule grants on a resource of a group, sorted. `resourceNames` is not looked at.
granted(entry, group, resource, verbs) := sort([verb | some verb in verbs; has(entry.verbs, verb)]) if {
	has(entry.apiGroups, group)
	names(entry.resources, resource)
}

# Every verb on every resource of every group: such a rule is one finding (AUD-RBAC-0001), not one a danger.
is_everything(entry) if {
	"*" in entry.verbs
	"*" in entry.resources
	"*" in entry.apiGroups
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
