# Quantities of resources, compared by value:
# https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
package auditor.lib.quantity

import data.auditor.lib.text

# The value in billionths, the smallest unit there is: "1", 1 and "1000m" are the same. Undefined for what is no quantity.
of(value) := rounded(value * 1e9) if is_number(value)

of(value) := rounded(mantissa(value) * factors[unit]) if {
	is_string(value)
	regex.match(pattern, value)
	not regex.match(exponential, value)
	unit := suffix(value)
}

# to_number reads the exponent itself.
of(value) := rounded(to_number(normal(value)) * 1e9) if {
	is_string(value)
	regex.match(pattern, value)
	regex.match(exponential, value)
}

# A text without variables that the API server refuses as a quantity: "512MB", "1 Gi", "100 m".
is_broken(value) if {
	text.is_known(value)
	not regex.match(pattern, value)
}

# A quantity in thousandths or less: right for CPU, a slip of the finger for bytes.
is_fraction(value) if {
	is_string(value)
	regex.match(`^[+]?[0-9.]+[mun]$`, value)
}

pattern := `^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$`

exponential := `^[+-]?[0-9.]+[eE][+-]?[0-9]+$`

# Written with an exponent, so that both engines count in floating point: rego-cpp's integers end at 64 bits.
factors := {
	"n": 1,
	"u": 1e3,
	"m": 1e6,
	"": 1e9,
	"k": 1e12,
	"M": 1e15,
	"G": 1e18,
	"T": 1e21,
	"P": 1e24,
	"E": 1e27,
	"Ki": 1024e9,
	"Mi": 1048576e9,
	"Gi": 1073741824e9,
	"Ti": 1099511627776e9,
	"Pi": 1125899906842624e9,
	"Ei": 1152921504606846976e9,
}

suffix(value) := trim_left(value, "+-.0123456789")

mantissa(value) := to_number(normal(trim_right(value, "numkKMGTPEi")))

# As JSON writes numbers: "+5." is 5, ".5" is 0.5, "1.e3" is 1e3.
normal(value) := trim_suffix(replace(replace(led(trim_prefix(value, "+")), ".e", "e"), ".E", "e"), ".")

led(value) := sprintf("0%s", [value]) if startswith(value, ".")

led(value) := replace(value, "-.", "-0.") if not startswith(value, ".")

# What a floating point product leaves behind the point is no part of the value. rego-cpp rounds within 64 bits
# only, and above 2^53 there is nothing behind the point.
rounded(product) := round(product) if product < 9e15

rounded(product) := product if product >= 9e15
