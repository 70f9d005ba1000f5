package auditor.lib.selector_test

import data.auditor.lib.selector

test_operators if {
	labels := {"app": "web"}
	selector.matches({"matchExpressions": [{"key": "app", "operator": "In", "values": ["web"]}]}, labels)
	selector.matches({"matchExpressions": [{"key": "zone", "operator": "NotIn", "values": ["a"]}]}, labels)
	selector.matches({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, labels)
	selector.matches({"matchExpressions": [{"key": "zone", "operator": "DoesNotExist"}]}, labels)
	not selector.matches({"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}, labels)
}
