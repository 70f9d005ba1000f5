# Versions of charts and artifacts: exact, or a range that moves.
package auditor.lib.version

import data.auditor.lib.text

# "6.x", ">=1.0", "*", "1.2": everything that is not one full version. Placeholders are not judged.
is_range(value) if {
	is_string(value)
	text.is_known(value)
	regex.match(`^[v=]?[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]+)?$`, value) == false
}
