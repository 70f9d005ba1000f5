"""Go's templates against what Go itself answers, and their bounds."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.manifests.gotemplate.errors import TemplateError, UnsupportedTemplateError
from auditor.manifests.gotemplate.executing import executed
from auditor.manifests.gotemplate.formatting import float_text
from auditor.manifests.gotemplate.values import as_go, filled, overridden

_FOLDER = Path(__file__).parent / "data"
_DATA = as_go(json.loads((_FOLDER / "go-templates-data.json").read_text()))
_ANSWERS = [json.loads(line) for line in (_FOLDER / "go-templates.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("answer", _ANSWERS, ids=[entry["template"][:60] for entry in _ANSWERS])
def test_as_go_answers(answer: dict[str, Any]) -> None:
    if "regex" in answer["template"] or "Regex" in answer["template"]:
        pytest.importorskip("re2")
    data = json.loads(json.dumps(_DATA))
    if "text" in answer:
        assert executed(answer["template"], as_go(data), options=answer["options"]) == answer["text"]
    else:
        with pytest.raises(TemplateError):
            executed(answer["template"], as_go(data), options=answer["options"])


def test_the_answers_are_many_of_both_sorts() -> None:
    assert sum("text" in answer for answer in _ANSWERS) > 100
    assert sum("error" in answer for answer in _ANSWERS) > 30


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (8080.0, "8080"),
        (1000000.0, "1e+06"),
        (123456789.0, "1.23456789e+08"),
        (1e20, "1e+20"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (1.5, "1.5"),
        (-100.0, "-100"),
        (0.0, "0"),
    ],
)
def test_floats_are_printed_as_go_does(number: float, text: str) -> None:
    assert float_text(number) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_printed_float_is_the_same_number(number: float) -> None:
    assert float(float_text(number)) == number


@given(st.text().filter(lambda text: "{{" not in text))
def test_what_is_no_template_stays(text: str) -> None:
    assert executed(text, {}) == text


@given(st.text(alphabet="{}.|$()\"'`- \nabcdefgirntwh:=,0123", max_size=60))
def test_nothing_but_a_template_error_is_raised(text: str) -> None:
    with contextlib.suppress(TemplateError):
        assert isinstance(executed("{{" + text + "}}", {"a": ["b"]}), str)


@pytest.mark.parametrize("name", ["now", "uuidv4", "randAlpha", "genCA", "kebabcase"])
def test_what_is_not_done_says_so(name: str) -> None:
    with pytest.raises(UnsupportedTemplateError, match=name):
        executed("{{ " + name + " }}", {})


@pytest.mark.parametrize("name", ["env", "expandenv", "getHostByName"])
def test_argo_cd_has_no_functions_that_look_outside(name: str) -> None:
    with pytest.raises(TemplateError, match="not defined"):
        executed("{{ " + name + ' "HOME" }}', {})


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ('{{ normalize "Team_A/Web App." }}', "team-a-web-app"),
        ('{{ slugify "feature/ABC_long-name" }}', "feature-abc-long-name"),
        ('{{ slugify 12 true "feature-abcdef-ghi" }}', "feature"),
        ('{{ slugify 12 false "feature-abcdef-ghi" }}', "feature-abcd"),
        ("{{ toYaml .m }}", 'a: "1"\nb:\n  c: deep'),
        ('{{ (fromYaml "a: {b: [1, 2]}").a.b }}', "[1 2]"),
        ('{{ index (fromYamlArray "[x, z]") 1 }}', "z"),
        ('{{ toYaml (list "y" "1e3" "plain" 5) }}', '- "y"\n- "1e3"\n- plain\n- 5'),
    ],
)
def test_argo_cds_own_functions(template: str, text: str) -> None:
    assert executed(template, _DATA) == text


def test_merging_fills_or_overrides_map_by_map() -> None:
    low = {"a": "1", "b": {"c": "1", "d": ""}, "l": ["x"]}
    high = {"a": "2", "b": {"d": "2", "e": "3"}, "l": ["y"], "n": ""}
    assert filled(low, high) == {"a": "1", "b": {"c": "1", "d": "2", "e": "3"}, "l": ["x"], "n": ""}
    assert overridden(low, high) == {"a": "2", "b": {"c": "1", "d": "2", "e": "3"}, "l": ["y"], "n": ""}
