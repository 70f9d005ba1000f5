# Small answers about texts, written so that a missing value is undefined in every engine: a rule
# compares the answer with true or false and never negates a built-in.
package auditor.lib.text

# A variable that somebody fills in later (Flux `${VAR}`, Helm `{{ … }}`): what it holds is not known.
is_placeholder(value) if {
	is_string(value)
	contains(value, "${")
}

is_placeholder(value) if {
	is_string(value)
	contains(value, "{{")
}

# A name that whoever applies the manifest fills in (`$NAME`, `${NAME}`, `{{ .name }}`): no object is called so.
is_open_name(name) if {
	is_string(name)
	contains(name, "$")
}

is_open_name(name) if {
	is_string(name)
	contains(name, "{{")
}

# A text that can be judged: no placeholder. What should be text and is none is for the schema to say.
is_known(value) if {
	is_string(value)
	not is_placeholder(value)
}

# "[name=web]" for an entry of a list that has a name, "[3]" for one that has none.
entry_key(_, entry) := sprintf("[name=%s]", [key_value(entry.name)]) if is_string(entry.name)

entry_key(index, entry) := sprintf("[%d]", [index]) if {
	is_number(index)
	not has_name(entry)
}

# A value that would end the brackets stands in quotes.
key_value(name) := name if needs_quotes(name) == false

key_value(name) := quoted(name) if needs_quotes(name)

# Not a pattern: rego-cpp matches one against the text as JSON writes it, where a line break is two characters.
needs_quotes(name) := (count([mark | some mark in ending_marks; contains(name, mark)]) + empty(name)) > 0

ending_marks := ["[", "]", ",", "=", "\"", " ", "\t", "\n", "\r"]

empty(name) := 1 if name == ""

empty(name) := 0 if name != ""

has_name(entry) if is_string(entry.name)

# ".app" for a plain key, `["example.org/app"]` for any other.
field_key(name) := sprintf(".%s", [name]) if regex.match(`^[A-Za-z_$][A-Za-z0-9_$-]*$`, name)

field_key(name) := sprintf("[%s]", [quoted(name)]) if {
	regex.match(`^[A-Za-z_$][A-Za-z0-9_$-]*$`, name) == false
}

# The same text as the engines' own kind of text. rego-cpp prints a literal, a default of object.get and
# what some built-ins made with quotes around it inside a longer sprintf; this takes them off.
plain(value) := trim_prefix(value, "") if is_string(value)

plain(value) := trim_prefix("(no text)", "") if is_string(value) == false

# The text as a JSON string. OPA's json.marshal writes what HTML minds by number, rego-cpp's as it is.
quoted(value) := plain(strings.replace_n(by_number, json.marshal(value)))

by_number := {`\u003c`: "<", `\u003e`: ">", `\u0026`: "&"}
