# Terraform's blocks (`input.resource.body`): nested blocks, ports and networks, policy documents. Text with
# "${" in it is an expression: its value is not known, and nothing here is true of it.
package auditor.lib.terraform

import data.auditor.lib.text

# Nested blocks by name, those of `dynamic` too: {"value", "pointer"}. Terraform's JSON syntax may write a
# single block without a list.
blocks[name] contains {"value": block, "pointer": sprintf("body.%s[%d]", [name, index])} if {
	some name, list in input.resource.body
	is_array(list)
	some index, block in list
	is_object(block)
}

blocks[name] contains {"value": block, "pointer": sprintf("body.%s", [name])} if {
	some name, block in input.resource.body
	is_object(block)
}

blocks[name] contains {"value": block, "pointer": sprintf("body.dynamic.%s[%d].content[0]", [name, index])} if {
	some name, list in input.resource.body.dynamic
	some index, entry in list
	block := entry.content[0]
}

# Text that is not an expression.
is_literal(value) if {
	is_string(value)
	text.is_known(value)
}

# All addresses of IPv4 or IPv6, and what Azure calls them.
is_everywhere(network) if network in {"0.0.0.0/0", "::/0", "0000::/0", "*", "Internet", "internet", "any"}

# A list as it is, one value as a list of it, and nothing for what is not there.
as_list(value) := value if is_array(value)

as_list(value) := [value] if {
	value != null
	is_array(value) == false
}

as_list(value) := [] if value == null
