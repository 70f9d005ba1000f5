"""Where a field stands, in every way in which YAML and JSON can write it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.manifests.marks import marked_documents
from auditor.manifests.nodes import Node, mark_json
from auditor.manifests.places import Comment, Places

MULTI = b"""\
# a comment first

---
a: 1
---
# only a comment
---
b:
    c: 2
...
---
d: [1, {e: 3}]
"""
LIST = b"""\
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: A
  spec: {x: {yy: 1}}
- {apiVersion: v1, kind: B, spec: {z: 1}}
- apiVersion: v1
  kind: List
  items:
  - {apiVersion: v1, kind: C,
     spec: 5}
"""
ANCHORS = b"""\
base: &base
  image: nginx
  env: &env
    - name: A
      value: 1
one:
  <<: *base
  extra: 1
two:
  <<: [{own: 1}, *base]
  env: *env
"""
JSON = b'{\n\t"a": {"b": [1, {"name": "x", "v": true}]},\n\t"c": "\\ud83d\\ude00\\/"\n}\n{"d": 1}'
BLOCKS = b"""\
text: |
  key: value
  other: x
folded: >-
  a
  b

after: 1
"quoted key": 2
? complex
: value
multi: "a
  b"
last:
  - - 1
    - name: nn
"""


@pytest.mark.parametrize(
    ("content", "index", "item", "pointer", "place"),
    [
        (MULTI, 0, None, "a", (4, 1)),
        (MULTI, 2, None, "b.c", (9, 5)),
        (MULTI, 3, None, "d[1].e", (12, 9)),
        (MULTI, 3, None, "d[1].gone.deeper", (12, 8)),
        (LIST, 0, 0, "", (4, 3)),
        (LIST, 0, 0, "spec.x.yy", (6, 14)),
        (LIST, 0, 1, "spec.z", (7, 36)),
        (LIST, 0, 2, "spec", (12, 6)),
        (LIST, 0, 2, "nothing", (11, 5)),
        (ANCHORS, 0, None, "one.image", (2, 3)),
        (ANCHORS, 0, None, "one.extra", (8, 3)),
        (ANCHORS, 0, None, "one.gone", (6, 1)),
        (ANCHORS, 0, None, "two.own", (10, 9)),
        (ANCHORS, 0, None, "two.env", (11, 3)),
        (ANCHORS, 0, None, "two.env[name=A].value", (5, 7)),
        (JSON, 0, None, "a.b[name=x].v", (2, 31)),
        (JSON, 0, None, "c", (3, 2)),
        (JSON, 0, None, "gone", (1, 1)),
        (JSON, 1, None, "d", (5, 2)),
        (BLOCKS, 0, None, "after", (8, 1)),
        (BLOCKS, 0, None, '["quoted key"]', (9, 1)),
        (BLOCKS, 0, None, "complex", (10, 3)),
        (BLOCKS, 0, None, "last[0][1].name", (16, 7)),
        (BLOCKS, 0, None, "last[0][name=nn]", (16, 7)),
        (b"\xef\xbb\xbfa:\r\n  b: 1\r\n", 0, None, "a.b", (2, 3)),
        ("é: {ü: 1, ß: 2}\n".encode(), 0, None, '["é"]["ß"]', (1, 11)),
        (b"a: 1\n", 0, None, "no [pointer", (1, 1)),
        (b"a: [\n", 0, None, "a", (1, 1)),
        (b"", 0, None, "a", (1, 1)),
    ],
)
def test_a_field_or_its_nearest_parent(
    content: bytes, index: int, item: int | None, pointer: str, place: tuple[int, int]
) -> None:
    assert Places(content, "a.yaml").locate(index, item, pointer) == place


def test_the_way_to_a_field_has_every_step_that_there_is() -> None:
    assert Places(LIST, "a.yaml").way(0, 0, "spec.x.gone") == [(4, 3), (6, 3), (6, 10)]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), JSON_VALUES, max_size=4), st.sampled_from([None, 2, "\t"]), st.booleans())
def test_json_is_marked_as_it_is_read(value: Any, indent: int | str | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    roots = mark_json(f"{text}\n{text}", 500)
    assert roots is not None
    assert [_plain(root) for root in roots] == [value, value]
    assert text[roots[0].start : roots[0].end] == text


@given(st.text(alphabet='{}[]",:a1 \n\\', max_size=30))
def test_what_is_no_json_is_none(text: str) -> None:
    decoder = json.JSONDecoder(strict=False)  # line breaks within texts are let through
    expected: list[Any] | None = []
    position = 0
    try:
        while text[position:].strip(" \n"):
            position += len(text[position:]) - len(text[position:].lstrip(" \n"))
            value, position = decoder.raw_decode(text, position)
            assert expected is not None
            expected.append(value)
    except ValueError:
        expected = None
    roots = mark_json(text, 500)
    assert (roots and [_plain(root) for root in roots]) == expected


def _plain(node: Node) -> Any:
    if node.sort == "mapping":
        return {key: _plain(value) for key, _, value in node.entries}
    return [_plain(item) for item in node.items] if node.sort == "sequence" else node.value


COMMENTS = b"""\
# auditor:ignore R0 reason: head
---
# auditor:ignore R1 reason: document
a: 1  # auditor:ignore R2 reason: beside
b: "# auditor:ignore no: quoted"
c: |
  # auditor:ignore no: block
# auditor:ignore R3 reason: above

# another
d:
  - x  # auditor:ignore R4 reason: entry
  -
    # auditor:ignore R5 reason: inner
    name: y#auditor:ignore no
# auditor:ignore R6 reason: last
---  # auditor:ignore R7 reason: at the mark
e: 1
"""


def test_comments_are_about_their_line_or_the_next_and_values_are_no_comments() -> None:
    found = list(Places(COMMENTS, "a.yaml").comments("auditor:ignore"))
    assert [(one.line, one.about, one.text.split()[1]) for one in found] == [
        (1, 4, "R0"),
        (3, 4, "R1"),
        (4, 4, "R2"),
        (8, 11, "R3"),
        (12, 12, "R4"),
        (14, 15, "R5"),
        (16, 0, "R6"),
        (17, 18, "R7"),
    ]
    assert found[1] == Comment(3, 4, "auditor:ignore R1 reason: document")


_BEGINNINGS = st.sampled_from(
    [
        "a: 1\n",
        "  a: 1\n",
        "a:\n  b: 2\n",
        "\n# c\n\na: 1\n",
        "--- {a: 1}\n",
        "--- # c\na: 1\n",
        "- a\n",
        "text\n",
        "&x\na: 1\n",
        "!!map\na: 1\n",
        "a b: 1\n",
        "'a': 1\n",
        "a: |\n  b: 1\n",
        "? a\n: 1\n",
        "a: 1\n...\n",
        "# c\n",
        "\ta: 1\n",
        "a:1\n",
        "a: [1,\n 2]\n",
        "%YAML 1.1\n---\na: 1\n",
        "a: 1\n...\nb: 2\n",
        "a: 1\r\nb: 2\r\n",
        "",
    ]
)


@given(st.lists(_BEGINNINGS, max_size=4), st.sampled_from(["---\n", ""]))
def test_where_documents_start_is_told_without_reading_them_as_with(parts: list[str], headed: str) -> None:
    content = (headed + "---\n".join(parts)).encode()
    places = Places(content, "a.yaml")
    marked = marked_documents(content)
    assert marked or not any(part == "a: 1\n" for part in parts[:1])
    for index, root in marked.items():
        assert places.way(index, None, "") == [(root.line, root.column)]
