"""Rego of our own that foreign rules are called with, and values written as Rego.

Functions have names that nobody else has: rego-cpp corrupts its memory where two packages have functions of one name that
take different numbers of arguments.
"""

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

finding_of(one) := {"message": one.msg, "pointer": finding_pointer(one), "details": finding_details(one)} if {
	is_object(one)
	is_string(object.get(one, "msg", null))
}

finding_of(one) := {"message": one, "pointer": "", "details": {}} if is_string(one)

finding_of(one) := {"message": message, "pointer": "", "details": {}, "outcome": "error"} if {
	not is_string(one)
	not finding_said(one)
	message := "the rule found something and gave no message (msg)"
}

finding_said(one) if {
	is_object(one)
	is_string(object.get(one, "msg", null))
}

finding_pointer(one) := place if {
	found := object.get(one, "details", {})
	is_object(found)
	place := object.get(found, "pointer", "")
	is_string(place)
} else := ""

finding_details(one) := found if {
	found := object.get(one, "details", {})
	is_object(found)
} else := {"details": object.get(one, "details", null)}
"""
"""What a rule gives, as our findings: a text, or an object with `msg` and perhaps `details`."""

GATEKEEPER_MODULE = """\
package foreign.gatekeeper

gk_group(object) := split(object.apiVersion, "/")[0] if contains(object.apiVersion, "/")

gk_group(object) := "" if not contains(object.apiVersion, "/")

gk_version(object) := split(object.apiVersion, "/")[1] if contains(object.apiVersion, "/")

gk_version(object) := object.apiVersion if not contains(object.apiVersion, "/")

gk_text(value) := value if is_string(value)

gk_text(value) := "" if not is_string(value)

gk_meta(thing, field) := gk_text(object.get(thing, ["metadata", field], ""))

gk_labels(thing) := found if {
	found := object.get(thing, ["metadata", "labels"], {})
	is_object(found)
} else := {}

gk_is_namespace(object) if {
	object.kind == "Namespace"
	gk_group(object) == ""
}

gk_review(thing) := object.union_n([
	{
		"uid": "",
		"kind": {"group": gk_group(thing), "version": gk_version(thing), "kind": thing.kind},
		"resource": {"group": "", "version": "", "resource": ""},
		"operation": "",
		"userInfo": {},
		"object": thing,
		"oldObject": null,
		"options": null,
	},
	gk_given("name", gk_meta(thing, "name")),
	gk_given("namespace", gk_meta(thing, "namespace")),
])

gk_given(field, value) := {field: value} if value != ""

gk_given(_, "") := {}

gk_fits(wanted, thing) if {
	gk_kind_fits(wanted.kinds, thing)
	gk_scope_fits(wanted.scope, thing)
	gk_namespace_fits(wanted.namespaces, thing)
	not gk_excluded(wanted.excluded, thing)
	gk_meets_all(wanted.labels, gk_labels(thing))
	gk_name_fits(wanted.name, thing)
}

gk_kind_fits([], _) := true

gk_kind_fits(kinds, thing) if {
	some one in kinds
	gk_in_or_any(one.kinds, thing.kind)
	gk_in_or_any(one.groups, gk_group(thing))
}

gk_in_or_any([], _) := true

gk_in_or_any(names, _) if "*" in names

gk_in_or_any(names, name) if name in names

gk_scope_fits("", _) := true

gk_scope_fits("Cluster", thing) if gk_is_namespace(thing)

gk_scope_fits("Cluster", thing) if gk_meta(thing, "namespace") == ""

gk_scope_fits("Namespaced", thing) if {
	not gk_is_namespace(thing)
	gk_meta(thing, "namespace") != ""
}

gk_home(thing) := gk_meta(thing, "name") if gk_is_namespace(thing)

gk_home(thing) := gk_meta(thing, "namespace") if not gk_is_namespace(thing)

gk_namespace_fits([], _) := true

gk_namespace_fits(_, thing) if gk_home(thing) == ""

gk_namespace_fits(globs, thing) if {
	some glob in globs
	gk_glob_fits(glob, gk_home(thing))
}

gk_excluded(globs, thing) if {
	gk_home(thing) != ""
	some glob in globs
	gk_glob_fits(glob, gk_home(thing))
}

gk_name_fits([], _) := true

gk_name_fits(globs, thing) if {
	some glob in globs
	gk_glob_fits(glob, gk_meta(thing, "name"))
}

gk_name_fits(globs, thing) if {
	some glob in globs
	glob.how in {"prefix", "inside"}
	gk_glob_fits(glob, gk_meta(thing, "generateName"))
}

gk_glob_fits(glob, name) if {
	glob.how == "exact"
	glob.text == name
}

gk_glob_fits(glob, name) if {
	glob.how == "prefix"
	startswith(name, glob.text)
}

gk_glob_fits(glob, name) if {
	glob.how == "suffix"
	endswith(name, glob.text)
}

gk_glob_fits(glob, name) if {
	glob.how == "inside"
	contains(name, glob.text)
}

gk_meets_all(requirements, found) if {
	met := [1 |
		some one in requirements
		gk_meets(one, found)
	]
	count(met) == count(requirements)
}

gk_meets(one, found) if {
	one.operator == "In"
	gk_has(found, one.key)
	found[one.key] in one.values
}

gk_meets(one, found) if {
	one.operator == "NotIn"
	not gk_has(found, one.key)
}

gk_meets(one, found) if {
	one.operator == "NotIn"
	gk_has(found, one.key)
	not found[one.key] in one.values
}

gk_meets(one, found) if {
	one.operator == "Exists"
	gk_has(found, one.key)
}

gk_meets(one, found) if {
	one.operator == "DoesNotExist"
	not gk_has(found, one.key)
}

gk_has(found, key) if {
	some name, _ in found
	name == key
}

gk_inventory(set) := object.union_n([gk_placed(thing) | some thing in set])

gk_placed(thing) := {"cluster": {thing.apiVersion: {thing.kind: {gk_meta(thing, "name"): thing}}}} if {
	gk_meta(thing, "namespace") == ""
}

gk_placed(thing) := {"namespace": {gk_meta(thing, "namespace"): {thing.apiVersion: {thing.kind: {gk_meta(thing, "name"): thing}}}}} if {
	gk_meta(thing, "namespace") != ""
}

gk_namespace_labels(set) := object.union_n([{gk_meta(thing, "name"): gk_labels(thing)} |
	some thing in set
	gk_is_namespace(thing)
])

gk_home_fits(null, _, _) := true

gk_home_fits(wanted, thing, _) if {
	wanted != null
	gk_is_namespace(thing)
	gk_meets_all(wanted, gk_labels(thing))
}

gk_home_fits(wanted, thing, _) if {
	wanted != null
	not gk_is_namespace(thing)
	gk_meta(thing, "namespace") == ""
}

gk_home_fits(wanted, thing, known) if {
	wanted != null
	not gk_is_namespace(thing)
	gk_has(known, gk_meta(thing, "namespace"))
	gk_meets_all(wanted, known[gk_meta(thing, "namespace")])
}

gk_home_fits(wanted, thing, known) if {
	wanted != null
	not gk_is_namespace(thing)
	gk_meta(thing, "namespace") == "default"
	not gk_has(known, "default")
	gk_meets_all(wanted, {})
}

gk_home_unknown(wanted, thing, known) if {
	wanted != null
	not gk_is_namespace(thing)
	not gk_meta(thing, "namespace") in {"", "default"}
	not gk_has(known, gk_meta(thing, "namespace"))
}
"""
"""Gatekeeper's `match` and `input.review`, as pkg/mutation/match and pkg/target of Gatekeeper 3.23 have them.

`wanted` is what `match.normal_match` gives. An object without a namespace counts as cluster-scoped, as in
`gator verify`; a Namespace `default` that is not declared has no labels, as in `gator test`.
"""
