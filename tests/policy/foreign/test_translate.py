"""Rego v0 made v1: what OPA itself reads from v0 has to be what our text says."""

from __future__ import annotations

import json
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy.foreign.foreign_support import tool

from auditor.errors import PolicyError
from auditor.policy.foreign.tokens import joined, statements, tokens_of
from auditor.policy.foreign.translate import COMPAT_MODULE, translate

V0 = """
package team.rules

import data.shared
import data.shared
import future.keywords.in

default allow = false

allow { input.x == "deny[x] { not a body }" }   # deny[y] { a comment }

deny[msg] { input.a > 1; msg := "a" }
deny[{"msg": msg}]
{
  any([input.a == 5, input.b == 1])
  msg := `raw [ {`
}
deny["bare"] { all([true, input.a == 1]) }

named(x) = y { y := x + 1 } else = 0 { x < 0 } else = 7 { x == 7 }

by_key[key] = value { some i; value := input.list[i]; key := sprintf("%v", [i]) }

words = {"a", "b"}
pairs := {k: v | v := input.list[k]}

contains(list, one) { list[_] == one }

deny["contains"] { contains(input.list, 2) }
two[x] { x := input.a } { x := input.b }
deny[msg] { re_match("^[0-9]+$", sprintf("%v", [input.a])); msg := sprintf("%v", [named(input.a)]) }
deny[msg] { two[x]; x == 3; msg := "three" }
"""


def test_heads_become_those_of_v1_and_bodies_stay() -> None:
    found = translate(V0, "x.rego", "foreign.f0")
    assert found.package == ("team", "rules")
    assert "package foreign.f0.team.rules" in found.text
    assert found.text.count("import data.foreign.f0.shared") == 1
    assert "future.keywords" not in found.text
    assert "deny contains msg  if { input.a > 1" in found.text
    assert '"deny[x] { not a body }"' in found.text
    assert "a comment" not in found.text
    assert {(head.name, head.form) for head in found.heads} >= {
        ("deny", "set"),
        ("named", "function"),
        ("by_key", "value"),
        ("words", "value"),
        ("allow", "value"),
    }


@pytest.mark.needs_opa
@pytest.mark.parametrize("given_input", [{"a": 5, "b": 3, "list": [1, 2]}, {"a": 1}, {"b": 1}, {}])
def test_opa_answers_the_same_to_the_translation_as_to_v0(tmp_path, given_input) -> None:
    opa = tool("opa")
    if not opa:
        pytest.skip("there is no opa")
    (tmp_path / "v0").mkdir()
    (tmp_path / "v1").mkdir()
    (tmp_path / "v0" / "a.rego").write_text(V0.replace("import data.shared\nimport data.shared\n", ""))
    (tmp_path / "v1" / "a.rego").write_text(translate(V0, "x.rego", "foreign.f0").text)
    (tmp_path / "v1" / "compat.rego").write_text(COMPAT_MODULE)
    (tmp_path / "input.json").write_text(json.dumps(given_input))

    def ask(folder: str, query: str, *options: str):
        command = [opa, "eval", *options, "-d", folder, "-i", "input.json", "--format", "json", query]
        done = subprocess.run(command, capture_output=True, cwd=tmp_path, check=True)
        return json.loads(done.stdout)["result"][0]["expressions"][0]["value"]

    assert ask("v1", "data.foreign.f0.team.rules") == ask("v0", "data.team.rules", "--v0-compatible")


def test_v1_stays_as_it_is() -> None:
    text = 'package a\n\ndeny contains msg if {\n\tinput.x\n\tmsg := "x"\n}\n\nf(x) := y if y := x\n'
    assert translate(text, "a.rego", "p").text == text.replace("package a", "package p.a").replace(
        "\n\n", "\n"
    )


def test_what_is_read_and_called_is_known() -> None:
    text = """
    package a
    deny[m] { m := data.lib.f(input.review.object); data["things"][x].y; http.send({}); parse_config("a", "b") }
    """
    found = translate(text, "a.rego", "p")
    assert found.reads == {("lib", "f"), ("things", "*", "y")}
    assert found.inputs == {("review", "object")}
    assert found.refused == ("http.send", "parse_config")


def test_a_local_name_is_not_taken_for_a_forbidden_one() -> None:
    found = translate("package a\nnet := 1\ndeny[m] { input.http.send; m := net }\n", "a.rego", "p")
    assert found.refused == ()


def test_a_map_that_looks_like_a_set_is_told() -> None:
    found = translate("package a\ndeny[m] if { m := 1 }\n", "a.rego", "p")
    assert found.heads[0].ambiguous


def test_without_a_package_there_is_a_clear_error() -> None:
    with pytest.raises(PolicyError, match=r"a\.rego: no package line"):
        translate("deny[m] { m := 1 }", "a.rego", "p")


@given(st.text(alphabet='ab{}[]()="`\n #:._,\\', max_size=60))
def test_tokens_lose_nothing_and_statements_hold_all_that_says_something(text: str) -> None:
    tokens = tokens_of(text)
    assert joined(tokens) == text
    kept = "".join(joined(statement) for statement in statements(tokens))
    assert text.startswith(kept)
    rest = tokens_of(text[len(kept) :])
    assert all(token.kind in ("space", "newline", "comment") for token in rest)
