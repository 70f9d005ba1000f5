# METADATA
# title: "An ApplicationSet takes its applications' objects with it"
# description: >-
#   When a generator stops giving an entry, or the set is removed, the application is deleted and with
#   it all that it deployed. A wrong label or a forge that does not answer is enough.
# related_resources:
#   - ref: https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Controlling-Resource-Modification/
# custom:
#   id: AUD-ARGO-0009
#   severity: low
#   kinds:
#     - argoproj.io/ApplicationSet
#   remediation: >-
#     Set `syncPolicy.preserveResourcesOnDeletion: true` or `syncPolicy.applicationsSync: create-
#     update`. Previews of pull requests are meant to go and are left out.
#   reads:
#     - spec.generators
#     - spec.syncPolicy
#   since: 0.1.0
package auditor.argo_cd.set_deletes_applications

findings contains {
	"message": "an entry that the generator no longer gives deletes all that its application deployed",
	"pointer": "spec.syncPolicy.preserveResourcesOnDeletion",
	"details": {},
} if {
	is_object(input.resource.spec)
	object.get(input.resource.spec, ["syncPolicy", "preserveResourcesOnDeletion"], false) == false
	object.get(input.resource.spec, ["syncPolicy", "applicationsSync"], "sync") in {"sync", "create-delete"}
	not for_previews
	some generator in input.resource.spec.generators
	not is_list(generator)
}

# What a list in the manifest itself gives changes only by a change of the manifest.
is_list(generator) if is_object(generator.list)

for_previews if {
	walk(input.resource.spec.generators, [path, _])
	count(path) > 0
	last := count(path) - 1
	path[last] == "pullRequest"
}
