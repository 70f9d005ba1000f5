"""Values set at paths as `helm --set` sets them: a table made with the real program, and held against it again."""

from __future__ import annotations

import copy
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from manifests.helm_trees import helm_program

from auditor.errors import RenderError
from auditor.manifests.rendering.chart_values import merged, set_at, set_literal, values_in

HELM = helm_program()
BASE: dict[str, Any] = {"a": {"b": 1, "l": [1, {"x": 1}, [5]]}, "n": 5, "s": "t"}
LINES = [
    "a.b=2", "a.l[0]=7", "a.l[1].y=3", "a.l[2][1]=q", "a.l[5]=z", "new.x.y=true", "k={a,b,3}", "k={a}", "k={}",
    "x=1,y=2", "x=01", "x=0", "x=-5", "x=+5", "x=1.5", "x=null", "x=TRUE", r"x=a\,b", r"a\.b=3", "x=", "n.z=1",
    "a.l[-1]=3", "a.l[x]=3", "s[0]=1", "x={a,b", "a.l[0]x=3", "x=9223372036854775808", "=3", "a.=3", ".a=3",
    "x={a},y=3", "x=0x10", "x={a}b", "a.b=", "a.q=,z=1", "x=-", "x=-0", "x=00", "l[0].a=1,l[0].b=2,l[1].a=3",
    "l[70000]=1", ".".join("a" * 40) + "=1",
]  # fmt: skip


def ours(line: str, *, as_text: bool) -> Any:
    values = copy.deepcopy(BASE)
    path, _, text = line.partition("=")
    try:
        set_at(values, path, text, as_text=as_text)
    except RenderError:
        return "refused"
    return values


@pytest.mark.needs_helm
@pytest.mark.skipif(HELM is None, reason="helm is not there")
@pytest.mark.parametrize("option", ["--set", "--set-string"])
def test_every_line_sets_what_helm_sets(tmp_path: Path, option: str) -> None:
    (tmp_path / "c" / "templates").mkdir(parents=True)
    (tmp_path / "c" / "Chart.yaml").write_text("apiVersion: v2\nname: c\nversion: 1.0.0\n")
    (tmp_path / "c" / "templates" / "o.yaml").write_text("v: {{ .Values | toJson | quote }}\n")
    (tmp_path / "values.json").write_text(json.dumps(BASE))
    for line in LINES:
        command = [
            str(HELM),
            "template",
            "r",
            str(tmp_path / "c"),
            "-f",
            str(tmp_path / "values.json"),
            option,
            line,
        ]
        completed = subprocess.run(command, capture_output=True, text=True, check=False)
        theirs = "refused"
        if completed.returncode == 0:
            theirs = json.loads(yaml.safe_load(completed.stdout)["v"])
        assert ours(line, as_text=option == "--set-string") == theirs, line


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("x=5", "x", 5),
        ("x=05", "x", "05"),
        ("x=true", "x", True),
        ("x=null", "x", None),
        ("x={a,2}", "x", ["a", 2]),
        (r"x=a\,b", "x", "a,b"),
        (r"a\.b=1", "a.b", 1),
    ],
)
def test_single_values(line: str, key: str, value: Any) -> None:
    assert ours(line, as_text=False)[key] == value


def test_a_literal_is_taken_as_it_is() -> None:
    values: dict[str, Any] = {}
    set_literal(values, "a.b", r"{x,y}=1\,z")
    assert values == {"a": {"b": r"{x,y}=1\,z"}}


def test_maps_are_merged_and_everything_else_is_replaced() -> None:
    below = {"a": {"b": 1, "c": [1, 2]}, "d": {"e": 1}, "f": 1}
    assert merged(below, {"a": {"c": [3], "g": 2}, "d": 5, "f": None}) == {
        "a": {"b": 1, "c": [3], "g": 2},
        "d": 5,
        "f": None,
    }


@pytest.mark.parametrize("content", [b"", b"  \n", b"# nothing\n", b"---\n", b"{}", b"---\n# x\n...\n"])
def test_an_empty_file_holds_no_values(content: bytes) -> None:
    assert values_in(content, "x") == {}


@pytest.mark.parametrize("content", [b"- a\n", b"text", b"5", b"a: [", b"\xff\xfe", b"a: 1\n  b: 2\n"])
def test_what_holds_no_mapping_is_refused(content: bytes) -> None:
    with pytest.raises(RenderError, match=r"values\.yaml"):
        values_in(content, "values.yaml")
