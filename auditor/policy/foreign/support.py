"""Rego of our own that foreign rules are called with, and values written as Rego."""

from __future__ import annotations

from typing import Any

import orjson

from auditor.errors import PolicyError


def rego_literal(value: Any) -> str:
    """A JSON value as a Rego term. PolicyError where it has no JSON form."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError as error:
        raise PolicyError(f"a policy's value has no JSON form: {error}") from error


FINDING_MODULE = """\
package foreign.finding

of(one) := {"message": one.msg, "pointer": pointer(one), "details": details(one)} if {
	is_object(one)
	is_string(object.get(one, "msg", null))
}

of(one) := {"message": one, "pointer": "", "details": {}} if is_string(one)

of(one) := {"message": message, "pointer": "", "details": {}, "outcome": "error"} if {
	not is_string(one)
	not said(one)
	message := "the rule found something and gave no message (msg)"
}

said(one) if {
	is_object(one)
	is_string(object.get(one, "msg", null))
}

pointer(one) := place if {
	found := object.get(one, "details", {})
	is_object(found)
	place := object.get(found, "pointer", "")
	is_string(place)
} else := ""

details(one) := found if {
	found := object.get(one, "details", {})
	is_object(found)
} else := {"details": object.get(one, "details", null)}
"""
"""What a rule gives, as our findings: a text, or an object with `msg` and perhaps `details`."""

GATEKEEPER_MODULE = """\
package foreign.gatekeeper

group(object) := split(object.apiVersion, "/")[0] if contains(object.apiVersion, "/")

group(object) := "" if not contains(object.apiVersion, "/")

version(object) := split(object.apiVersion, "/")[1] if contains(object.apiVersion, "/")

version(object) := object.apiVersion if not contains(object.apiVersion, "/")

text(value) := value if is_string(value)

text(value) := "" if not is_string(value)

meta(thing, field) := text(object.get(thing, ["metadata", field], ""))

labels(thing) := found if {
	found := object.get(thing, ["metadata", "labels"], {})
	is_object(found)
} else := {}

is_namespace(object) if {
	object.kind == "Namespace"
	group(object) == ""
}

review(thing) := object.union_n([
	{
		"uid": "",
		"kind": {"group": group(thing), "version": version(thing), "kind": thing.kind},
		"resource": {"group": "", "version": "", "resource": ""},
		"operation": "",
		"userInfo": {},
		"object": thing,
		"oldObject": null,
		"options": null,
	},
	given("name", meta(thing, "name")),
	given("namespace", meta(thing, "namespace")),
])

given(field, value) := {field: value} if value != ""

given(_, "") := {}

fits(wanted, thing) if {
	kind_fits(wanted.kinds, thing)
	scope_fits(wanted.scope, thing)
	namespace_fits(wanted.namespaces, thing)
	not excluded(wanted.excluded, thing)
	meets_all(wanted.labels, labels(thing))
	name_fits(wanted.name, thing)
}

kind_fits([], _) := true

kind_fits(kinds, thing) if {
	some one in kinds
	in_or_any(one.kinds, thing.kind)
	in_or_any(one.groups, group(thing))
}

in_or_any([], _) := true

in_or_any(names, _) if "*" in names

in_or_any(names, name) if name in names

scope_fits("", _) := true

scope_fits("Cluster", thing) if is_namespace(thing)

scope_fits("Cluster", thing) if meta(thing, "namespace") == ""

scope_fits("Namespaced", thing) if {
	not is_namespace(thing)
	meta(thing, "namespace") != ""
}

home(thing) := meta(thing, "name") if is_namespace(thing)

home(thing) := meta(thing, "namespace") if not is_namespace(thing)

namespace_fits([], _) := true

namespace_fits(_, thing) if home(thing) == ""

namespace_fits(globs, thing) if {
	some glob in globs
	glob_fits(glob, home(thing))
}

excluded(globs, thing) if {
	home(thing) != ""
	some glob in globs
	glob_fits(glob, home(thing))
}

name_fits([], _) := true

name_fits(globs, thing) if {
	some glob in globs
	glob_fits(glob, meta(thing, "name"))
}

name_fits(globs, thing) if {
	some glob in globs
	glob.how in {"prefix", "inside"}
	glob_fits(glob, meta(thing, "generateName"))
}

glob_fits(glob, name) if {
	glob.how == "exact"
	glob.text == name
}

glob_fits(glob, name) if {
	glob.how == "prefix"
	startswith(name, glob.text)
}

glob_fits(glob, name) if {
	glob.how == "suffix"
	endswith(name, glob.text)
}

glob_fits(glob, name) if {
	glob.how == "inside"
	contains(name, glob.text)
}

meets_all(requirements, found) if {
	met := [1 |
		some one in requirements
		meets(one, found)
	]
	count(met) == count(requirements)
}

meets(one, found) if {
	one.operator == "In"
	has(found, one.key)
	found[one.key] in one.values
}

meets(one, found) if {
	one.operator == "NotIn"
	not has(found, one.key)
}

meets(one, found) if {
	one.operator == "NotIn"
	has(found, one.key)
	not found[one.key] in one.values
}

meets(one, found) if {
	one.operator == "Exists"
	has(found, one.key)
}

meets(one, found) if {
	one.operator == "DoesNotExist"
	not has(found, one.key)
}

has(found, key) if {
	some name, _ in found
	name == key
}

inventory(set) := object.union_n([placed(thing) | some thing in set])

placed(thing) := {"cluster": {thing.apiVersion: {thing.kind: {meta(thing, "name"): thing}}}} if {
	meta(thing, "namespace") == ""
}

placed(thing) := {"namespace": {meta(thing, "namespace"): {thing.apiVersion: {thing.kind: {meta(thing, "name"): thing}}}}} if {
	meta(thing, "namespace") != ""
}

namespace_labels(set) := object.union_n([{meta(thing, "name"): labels(thing)} |
	some thing in set
	is_namespace(thing)
])

home_fits(null, _, _) := true

home_fits(wanted, thing, _) if {
	wanted != null
	is_namespace(thing)
	meets_all(wanted, labels(thing))
}

home_fits(wanted, thing, _) if {
	wanted != null
	not is_namespace(thing)
	meta(thing, "namespace") == ""
}

home_fits(wanted, thing, known) if {
	wanted != null
	not is_namespace(thing)
	has(known, meta(thing, "namespace"))
	meets_all(wanted, known[meta(thing, "namespace")])
}

home_fits(wanted, thing, known) if {
	wanted != null
	not is_namespace(thing)
	meta(thing, "namespace") == "default"
	not has(known, "default")
	meets_all(wanted, {})
}

home_unknown(wanted, thing, known) if {
	wanted != null
	not is_namespace(thing)
	not meta(thing, "namespace") in {"", "default"}
	not has(known, meta(thing, "namespace"))
}
"""
"""Gatekeeper's `match` and `input.review`, as pkg/mutation/match and pkg/target of Gatekeeper 3.23 have them.

`wanted` is what `match.normal_match` gives. An object without a namespace counts as cluster-scoped, as in
`gator verify`; a Namespace `default` that is not declared has no labels, as in `gator test`.
"""
