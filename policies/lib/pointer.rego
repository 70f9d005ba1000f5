# The pointer by list key of a path that walk() gave: `spec.containers[name=web].image`.
package auditor.lib.pointer

import data.auditor.lib.text

of(path) := trim_prefix(concat("", [step(path, index) | some index in numbers.range(0, count(path) - 1)]), ".")

step(path, index) := text.field_key(path[index]) if is_string(path[index])

step(path, index) := text.entry_key(path[index], entry(path, index)) if is_number(path[index])

entry(path, index) := object.get(input.resource, array.slice(path, 0, index + 1), null)
