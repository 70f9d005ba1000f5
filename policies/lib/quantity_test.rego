package auditor.lib.quantity_test

import data.auditor.lib.quantity

test_by_value if {
	quantity.of("1.5Gi") == quantity.of("1536Mi")
	quantity.of(".5") == quantity.of("500m")
	quantity.of("1e3") == quantity.of("1k")
	quantity.of("-.5") == quantity.of("-500m")
	quantity.of(2) == quantity.of("2.")
}
