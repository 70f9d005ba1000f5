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

key_value(name) := plain(json.marshal(name)) if needs_quotes(name)

needs_quotes(name) := regex.match(`[\[\],="\s]|^$`, name)

has_name(entry) if is_string(entry.name)

# ".app" for a plain key, `["example.org/app"]` for any other.
field_key(name) := sprintf(".%s", [name]) if regex.match(`^[A-Za-z_$][A-Za-z0-9_$-]*$`, name)

field_key(name) := sprintf("[%s]", [plain(json.marshal(name))]) if {
	regex.match(`^[A-Za-z_$][A-Za-z0-9_$-]*$`, name) == false
}

# The same text as the engines' own kind of text. rego-cpp prints a literal, a default of object.get and
# what some built-ins made with quotes around it inside a longer sprintf; this takes them off.
plain(value) := trim_prefix(value, "") if is_string(value)

plain(value) := trim_prefix("(no text)", "") if is_string(value) == false
