# Versions: of charts and artifacts (exact, or a range that moves), and of the Kubernetes that is judged by.
package auditor.lib.version

import data.auditor.lib.text

# "6.x", ">=1.0", "*", "1.2": everything that is not one full version. Placeholders are not judged.
is_range(value) if {
	is_string(value)
	text.is_known(value)
	regex.match(`^[v=]?[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]+)?$`, value) == false
}

# The target is this minor version of Kubernetes or a later one. The rule declares the parameter.
kubernetes_from(minor) if {
	parts := split(input.parameters.kubernetes_version, ".")
	to_number(parts[1]) >= minor
}
