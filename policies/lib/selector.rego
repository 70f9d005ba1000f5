# Label selectors, as the API server applies them:
# https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
package auditor.lib.selector

# A LabelSelector (matchLabels and matchExpressions) over labels; the empty one matches everything.
matches(selector, labels) if {
	is_object(selector)
	is_object(labels)
	not lacks_label(selector, labels)
	not fails_expression(selector, labels)
}

# A plain map of labels, such as a Service's; the empty one selects nothing.
picks(map, labels) if {
	is_object(labels)
	count(map) > 0
	not differs(map, labels)
}

is_empty(selector) if {
	count(object.get(selector, "matchLabels", {})) == 0
	count(object.get(selector, "matchExpressions", [])) == 0
}

lacks_label(selector, labels) if differs(selector.matchLabels, labels)

differs(map, labels) if {
	some key, value in map
	object.get(labels, key, null) != value
}

fails_expression(selector, labels) if {
	some requirement in selector.matchExpressions
	not meets(requirement, labels)
}

meets(requirement, labels) if {
	requirement.operator == "In"
	value := labels[requirement.key]
	value in requirement.values
}

meets(requirement, labels) if {
	requirement.operator == "NotIn"
	value := object.get(labels, requirement.key, null)
	count([1 | some one in requirement.values; one == value]) == 0
}

meets(requirement, labels) if {
	requirement.operator == "Exists"
	object.get(labels, requirement.key, null) != null
}

meets(requirement, labels) if {
	requirement.operator == "DoesNotExist"
	object.get(labels, requirement.key, null) == null
}
