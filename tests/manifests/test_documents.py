"""What `parse` makes of files: documents, problems, limits, and the two readers held against each other."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from auditor.manifests import rapid
from auditor.manifests.documents import digest_of, parse
from auditor.manifests.limits import DEFAULT_LIMITS, Limits
from auditor.manifests.reading import read_blob, read_exactly, split
from auditor.manifests.secrets import Redactor
from auditor.model import ParsedBlob

REDACTOR = Redactor(b"k" * 32)


def read(text: str | bytes, **options: Any) -> ParsedBlob:
    return parse(text.encode() if isinstance(text, str) else text, redactor=REDACTOR, **options)


def codes(parsed: ParsedBlob) -> list[str]:
    return [problem.code for problem in parsed.problems]


def test_a_plain_manifest() -> None:
    parsed = read(
        "# comment\n---\n\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: shop\n"
    )
    (document,) = parsed.documents
    assert (document.index, document.item, document.line) == (0, None, 4)
    assert str(document.id) == "apps/Deployment shop/web"
    assert document.digest == digest_of(document.manifest)
    assert parsed.problems == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: 1\n", []),
        ("", []),
        ("# only a comment\n", []),
        ("---\n", []),
        ("---\n---\n# x\n---\n", []),
        ("- apiVersion: v1\n  kind: Pod\n", []),
        ("apiVersion: 1\nkind: Pod\n", []),
        ("apiVersion: v1\nkind: yes\n", []),
        ("apiVersion: v1\nkind: ''\n", []),
        ("just text\n", []),
        (
            "kind: A\napiVersion: v1\n---\nkind: B\napiVersion: v1\n...\n---\nkind: C\napiVersion: v1",
            [(0, "A", 1), (1, "B", 4), (2, "C", 8)],
        ),
        ("\ufeffapiVersion: v1\nkind: A\n", [(0, "A", 1)]),
        ("apiVersion: v1\r\nkind: A\r\n---\r\napiVersion: v1\r\nkind: B\r\n", [(0, "A", 1), (1, "B", 4)]),
        ("%YAML 1.1\n---\napiVersion: v1\nkind: A\n", [(0, "A", 3)]),
        (
            "--- # first\napiVersion: v1\nkind: A\n--- \n\n# note\nkind: B\napiVersion: v1\n",
            [(0, "A", 2), (1, "B", 7)],
        ),
        ("--- {apiVersion: v1, kind: A}\n", [(0, "A", 1)]),
        ("# nothing\n---\napiVersion: v1\nkind: A\n", [(0, "A", 3)]),
        (
            '{"apiVersion": "v1", "kind": "A"}\n\n{"apiVersion": "v1", "kind": "B"}',
            [(0, "A", 1), (1, "B", 3)],
        ),
        ("{apiVersion: v1, kind: A}", [(0, "A", 1)]),
    ],
)
def test_which_documents_a_file_holds(text: str, found: list[tuple[int, str, int]]) -> None:
    parsed = read(text)
    assert [(document.index, document.kind, document.line) for document in parsed.documents] == found
    assert parsed.problems == ()


def test_lists_are_opened() -> None:
    parsed = read(
        """
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: a}
  - just text
  - apiVersion: v1
    kind: List
    items:
      - apiVersion: v1
        kind: Secret
        metadata: {name: b}
        stringData: {x: hunter2}
---
apiVersion: v1
kind: ConfigMapList
items:
  - metadata: {name: c}
"""
    )
    assert [(d.index, d.item, d.line, d.kind, d.name) for d in parsed.documents] == [
        (0, 0, 5, "ConfigMap", "a"),
        (0, 1, 12, "Secret", "b"),
        (1, 0, 20, "ConfigMap", "c"),
    ]
    assert [(problem.code, problem.line) for problem in parsed.problems] == [("untyped", 2)]
    assert "hunter2" not in str(parsed)
    assert parsed.documents[2].api_version == "v1"


@pytest.mark.parametrize(
    ("text", "line", "missing"),
    [
        ("a: b\n---\napiVersion: v1\nkind: A\n", 1, "no apiVersion and no kind"),
        ("apiVersion: v1\nkind: A\n---\napiVersion: v1\nknd: Pod\n", 4, "no kind"),
        ("apiVersion: v1\nkind: A\n---\napiVersion: 1\nkind: Pod\n", 4, "no apiVersion"),
        ("apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    metadata: {}\n", 4, "no kind"),
    ],
)
def test_what_nothing_can_apply_is_a_problem(text: str, line: int, missing: str) -> None:
    problems = read(text).problems
    assert [(problem.code, problem.line) for problem in problems] == [("untyped", line)]
    assert f"has {missing}:" in problems[0].message


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        ("{name: 5}", "5"),
        ("{name: yes}", "true"),
        ("{generateName: x-}", ""),
        ("{}", ""),
        ("text", ""),
        ("{name: [a]}", ""),
    ],
)
def test_names_that_are_no_text(metadata: str, name: str) -> None:
    (document,) = read(f"apiVersion: v1\nkind: A\nmetadata: {metadata}\n").documents
    assert document.name == name


def test_a_broken_document_hides_none_of_the_others() -> None:
    parsed = read("apiVersion: v1\nkind: A\n---\napiVersion: v1\nkind: [\n---\napiVersion: v1\nkind: C\n")
    assert [document.kind for document in parsed.documents] == ["A", "C"]
    (problem,) = parsed.problems
    assert (problem.code, problem.document, problem.line) == ("syntax", 1, 6)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("apiVersion: v1\nkind: A\nx: {{ .Values.x }}\n", "template", 3),
        ("apiVersion: v1\n{{- if .x }}\nkind: A\n{{- end }}\n", "template", 2),
        ("apiVersion: v1\nx: <% y %>: z\n", "template", 2),
        ("apiVersion: v1\nx: 'a\n", "syntax", 2),
        ("apiVersion: v1\n\tkind: A\n", "syntax", 2),
        ("apiVersion: v1\nx: \x00\n", "syntax", 2),
        ("apiVersion: v1\nx: *nowhere\n", "syntax", 2),
        ("apiVersion: v1\nx: .inf\n", "unsupported-value", 2),
        ("apiVersion: v1\n[a]: b\n", "unsupported-value", 2),
        ("apiVersion: v1\nx:\n  ~: b\n", "null-key", 3),
        ("apiVersion: v1\nx: {? : b}\n", "null-key", 2),
    ],
)
def test_what_kubectl_would_not_read(text: str, code: str, line: int) -> None:
    parsed = read(text)
    assert parsed.documents == ()
    assert [(problem.code, problem.line) for problem in parsed.problems] == [(code, line)]


def test_only_utf8_is_read() -> None:
    assert codes(read("apiVersion: v1\nkind: A\n".encode("utf-16"))) == ["not-utf8"]
    assert codes(read(b"apiVersion: v1\nkind: A\nx: \xff\n")) == ["not-utf8"]


def test_files_that_are_no_manifests_are_left_alone() -> None:
    for text in (b'{"a": 1, // comment\n "b": 2}', b"a: 1\na: 2\n", b"\xff\xfe\x00", b"x: [\n"):
        assert read(text) == ParsedBlob(documents=(), problems=())


def test_duplicate_keys_are_told_and_the_last_wins() -> None:
    parsed = read("apiVersion: v1\nkind: A\nspec:\n  x: 1\n  z: 2\n  x: 3\n")
    assert [(p.code, p.line, p.column) for p in parsed.problems] == [("duplicate-key", 6, 3)]
    assert parsed.documents[0].manifest["spec"] == {"x": 3, "z": 2}
    json_file = read('{"apiVersion": "v1", "kind": "A", "x": 1, "x": 2}')
    assert codes(json_file) == ["duplicate-key"]
    assert json_file.documents[0].manifest["x"] == 2


def test_merge_keys_win_where_they_stand() -> None:
    """As kubectl: a merge after a key overrides it, a key after the merge overrides that."""
    parsed = read("apiVersion: v1\nkind: A\nx: &b {p: 1, q: 2}\nz:\n  p: 9\n  <<: *b\n  q: 8\n")
    assert parsed.documents[0].manifest["z"] == {"p": 1, "q": 8}
    several = read("apiVersion: v1\nkind: A\na: &a {p: 1}\nb: &b {p: 2, q: 2}\nz:\n  <<: [*a, *b]\n")
    assert several.documents[0].manifest["z"] == {"p": 1, "q": 2}


def test_sops_files_keep_their_ciphertext() -> None:
    parsed = read(
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  x: ENC[AES256_GCM,data:abc,type:str]\n"
        "sops:\n  age:\n    - enc: |\n        -----BEGIN AGE ENCRYPTED FILE-----\n"
    )
    manifest = parsed.documents[0].manifest
    assert manifest["stringData"]["x"] == "ENC[AES256_GCM,data:abc,type:str]"
    assert "AGE ENCRYPTED FILE" in manifest["sops"]["age"][0]["enc"]


def test_kustomizations_get_the_defaults_of_kustomize() -> None:
    text = "resources: [a.yaml]\npatches: [{path: p.yaml}]\n"
    assert read(text) == ParsedBlob(documents=(), problems=())
    parsed = read(text, is_kustomization_name=True)
    assert parsed.is_kustomization
    assert parsed.fragments == ("p.yaml",)
    document = parsed.documents[0]
    assert (document.api_version, document.kind) == ("kustomize.config.k8s.io/v1beta1", "Kustomization")
    component = read("kind: Component\n", is_kustomization_name=True).documents[0]
    assert component.api_version == "kustomize.config.k8s.io/v1alpha1"
    flux = read(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n", is_kustomization_name=True
    )
    assert not flux.is_kustomization


@pytest.mark.parametrize(
    ("text", "by_name"),
    [
        ("resources: [a.yaml]\n", True),
        ("kind: Component\n", True),
        ("apiVersion: kustomize.config.k8s.io/v1beta1\nresources: []\n", True),
        ("apiVersion: v1\nkind: A\n---\nresources: [a.yaml]\n", True),
        ('{"resources": [], "resources": []}', True),
        ("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n", False),
        ("apiVersion: 1\nresources: []\n", False),
        ("just words\n", False),
        ("a: [\n", False),
        ("", False),
    ],
)
def test_what_only_the_name_makes_a_kustomization_is_told(text: str, by_name: bool) -> None:
    named, plain = read(text, is_kustomization_name=True), read(text)
    assert (named.by_name, plain.by_name) == (by_name, False)
    assert (replace(named, by_name=False) != plain) is by_name


# --- limits ------------------------------------------------------------------------------------------


def laughs(levels: int, width: int, start: str) -> str:
    lines = ["apiVersion: v1", "kind: A", f"a0: &a0 {start}"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    "text",
    [
        laughs(30, 9, "x"),
        laughs(200, 2, "x"),
        "apiVersion: v1\nkind: A\na: &a " + "x" * 100_000 + "\nb: [" + "*a, " * 1000 + "]\n",
        "apiVersion: v1\nkind: A\nx: " + "[" * 5_000 + "]" * 5_000 + "\n",
        "apiVersion: v1\nkind: A\nx: " + "{a: " * 5_000 + "}" * 5_000 + "\n",
        "apiVersion: v1\nkind: A\nx:\n  " + "- " * 5_000 + "x\n",
        "apiVersion: v1\nkind: A\nx:\n" + "".join(" " * n + "a:\n" for n in range(1, 900)),
        '{"apiVersion": "v1", "kind": "A", "x": ' + "[" * 5_000 + "]" * 5_000 + "}",
        "apiVersion: v1\nkind: A\n" + "x" * (DEFAULT_LIMITS.blob_bytes + 1),
        "apiVersion: v1\nx: [" + "a," * 600_000 + "]\n",
        '{"apiVersion": "v1", "x": [' + "1," * 600_000 + "1]}",
        "apiVersion: v1\n---\n" * 20_000,
    ],
    ids=[
        "laughs",
        "doubling",
        "long scalar",
        "flow",
        "maps",
        "dashes",
        "indent",
        "json",
        "size",
        "wide",
        "wide json",
        "documents",
    ],
)
def test_bombs_are_stopped(text: str) -> None:
    start = time.process_time()
    parsed = read(text)
    assert time.process_time() - start < 20
    assert codes(parsed) == ["limit"]
    assert parsed.documents == () or "documents" in parsed.problems[0].message


def test_a_ten_megabyte_line_within_larger_limits() -> None:
    limits = Limits(blob_bytes=16 * 1024 * 1024)
    parsed = read("apiVersion: v1\nkind: A\nx: " + "y" * 10_000_000 + "\n", limits=limits)
    assert len(parsed.documents[0].manifest["x"]) == 10_000_000


def test_many_aliases_of_one_scalar_are_no_bomb() -> None:
    text = "apiVersion: v1\nkind: A\nmetadata: {name: &app web}\nx:\n" + "  - *app\n" * 100
    assert read(text).documents[0].manifest["x"] == ["web"] * 100


def test_numbers_over_64_bits_have_a_digest() -> None:
    parsed = read("apiVersion: v1\nkind: A\nx: 123456789012345678901234567890\nz: 18446744073709551616\n")
    other = read(
        '{"apiVersion": "v1", "kind": "A", "x": 123456789012345678901234567890, "z": 18446744073709551616}'
    )
    assert parsed.documents[0].digest == other.documents[0].digest


def test_half_a_surrogate_pair_becomes_what_go_writes() -> None:
    parsed = read('{"apiVersion": "v1", "kind": "A", "x": "\\ud800", "y": "\\ud83d\\ude00"}')
    assert parsed.documents[0].manifest["x"] == "\ufffd"
    assert parsed.documents[0].manifest["y"] == "\U0001f600"


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=400))
@example(b"apiVersion: v1\nkind: A\nx: \xed\xa0\x80")
def test_no_bytes_make_it_raise(content: bytes) -> None:
    parse(content, redactor=REDACTOR)
    parse(b"apiVersion: v1\nkind: Secret\ndata:\n" + content, redactor=REDACTOR)


PIECES = st.sampled_from(
    [
        *"a[]{},#\n\"'\\\t%@`|>\x85\u2028é",
        *[
            "apiVersion: v1\n",
            "kind: A\n",
            "b: ",
            "  ",
            "- ",
            ": ",
            " # c\n",
            "&x ",
            "*x",
            "---\n",
            "|\n",
            "...\n",
        ],
        *["!!int ", "! ", "<<: ", "? ", "yes", "010", "1_0", "~", "0x1f", "1.0", "{{"],
    ]
)


@settings(max_examples=1500, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_the_fast_reader_never_says_otherwise_than_the_exact_one(text: str) -> None:
    assert_same(text)


SCALARS = st.one_of(
    st.sampled_from(
        [
            "yes",
            "no",
            "on",
            "off",
            "y",
            "n",
            "true",
            "True",
            "~",
            "null",
            "Null",
            "010",
            "0o17",
            "0x1F",
            "08",
            "1_000",
            "1.0",
            "1.",
            ".5",
            "-.5",
            "5e3",
            "+12",
            "-0",
            ".inf",
            "nan",
            "inf",
            "12:30",
        ]
    ),
    st.sampled_from(
        [
            "0775",
            "00",
            "1e400",
            "9223372036854775808",
            "18446744073709551616",
            "2024-01-01",
            "1.50",
            "1e3",
            "In",
            "0.10",
            "=",
        ]
    ),
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=8),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.none(),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(min_size=1, max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=600, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["spec", "data", "x-y", "0", "on", "1.5"]), VALUES, max_size=4),
    st.sampled_from([None, True, False]),
)
def test_the_fast_reader_agrees_on_what_is_dumped(value: dict[str, Any], flow: bool | None) -> None:
    assert_same(yaml.safe_dump(value, default_flow_style=flow, allow_unicode=True))
    assert_same(
        yaml.safe_dump([value, value], default_flow_style=flow, allow_unicode=True, default_style='"')
    )
    assert_same(json.dumps({"v": value}))


@settings(max_examples=600, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b", "mode"]), SCALARS),
        min_size=1,
        max_size=4,
        unique_by=lambda pair: pair[0],
    ),
    st.sampled_from(["{}", "'{}'", "- {}", "[{}, x]", "{{k: {}}}", "&a {}", "{}: x", "|-\n    {}"]),
)
def test_the_fast_reader_agrees_on_plain_scalars(pairs: list[tuple[str, Any]], form: str) -> None:
    lines = [
        f"{key}: {form.format(value)}" if not form.startswith("- ") else f"{key}:\n  {form.format(value)}"
        for key, value in pairs
    ]
    assert_same("apiVersion: v1\n" + "\n".join(lines) + "\n")


def assert_same(text: str) -> None:
    try:
        content = text.encode()
    except UnicodeEncodeError:
        return
    bounds = split(text)
    quick = rapid.read(text, DEFAULT_LIMITS, bounds) if bounds else None
    if quick is None:
        return
    exact = read_exactly(content, DEFAULT_LIMITS)
    assert not exact.problems
    assert [repr(document.value) for document in exact.documents] == [repr(value) for value in quick.values]
    places = [
        document.line
        for document in read_blob(content, DEFAULT_LIMITS).documents
        if isinstance(document.value, dict)
    ]
    assert places == [document.line for document in exact.documents if isinstance(document.value, dict)]


SAMPLE = """---
# yaml-language-server: $schema=https://example.org/schema.json
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: &app web
  labels: {app.kubernetes.io/name: *app}
spec:
  interval: 30m
  values:
    replicas: 2
    enabled: true
    ratio: 0.5
    empty:
    command: ["sh", "-c", "echo 'hi' && true"]
    script: |
      #!/bin/sh
      if [ "$x" != yes ]; then
        exit 1
      fi
    folded: >-
      one
      two

      three
    multi line key: plain text
      going on
    port: &port 8080
    probes:
      - httpGet: {path: /healthz, port: *port}
    quoted: "tab\\there \\"x\\""
    mode: 0755
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: second
data:
  a.yaml: |
    x: yes
"""


def test_the_fast_reader_reads_an_ordinary_file() -> None:
    assert rapid.read(SAMPLE, DEFAULT_LIMITS, split(SAMPLE)) is not None
    assert_same(SAMPLE)
    assert read(SAMPLE).documents[0].manifest["spec"]["values"]["mode"] == 0o755


@pytest.mark.parametrize(
    "text",
    [
        SAMPLE,
        "resources: [a.yaml]\n",
        "kind: Component\nresources: [a.yaml]\n",
        "apiVersion: v1\nkind: Secret\nstringData: {password: hunter2hunter2}\n",
        '{"apiVersion": "v1", "kind": "A", "x": 1.0}',
        "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: A}]\n",
    ],
)
def test_a_digest_is_that_of_the_manifest(text: str) -> None:
    parsed = parse(text.encode(), redactor=REDACTOR, is_kustomization_name=True)
    assert parsed.documents
    assert [document.digest for document in parsed.documents] == [
        digest_of(document.manifest) for document in parsed.documents
    ]


IN_PLAIN_STYLE = [
    "x: |\n  {{- if a }}:{{ b }}\n  echo <<EOF\n  !tag *alias &anchor ? x\n  a \\\n  \ty\n",
    "# pods=[*] <<: *x !y ? z\nx: 1\n",
    "x: pods=[*]\ny:\n  - a*b[*]\n  - 'it''s: [*]'\n  - \"{{ a }}:{{ b }}\"\n",
    'x: a *plain text\n  that [goes] on "so"\ny: 2\n',
    "args: [\n  a, 'b',\n  # comment\n  c\n]\nx: 1\n",
    "deep:\n  args: [\n    a,\n    b\n  ]\n  x: 1\n",
    "x: 'on'\ny: turned on\nz: |\n  on\n  x: on\n",
    "on:\n  push: {}\nx: turn it on\n",
    "mode: 0755\nother: text # 0755\n",
    'status: "True"\ntext: one of True, False,\n  True, Unknown\n',
]


@pytest.mark.parametrize("text", IN_PLAIN_STYLE)
def test_what_is_content_is_no_hazard(text: str) -> None:
    text = "apiVersion: v1\n" + text
    assert rapid.read(text, DEFAULT_LIMITS, split(text)) is not None
    assert_same(text)


LINES = st.sampled_from(
    [line + "\n" for text in (*IN_PLAIN_STYLE, SAMPLE) for line in text.splitlines()]
    + [
        "  x: |\n",
        "- >-\n",
        "    y\n",
        "  - [a,\n",
        "  b]\n",
        "x: 'a\n",
        "  b'\n",
        'y: "a\n',
        '  "\n',
        "\n",
        "---\n",
    ]
    + ["on: on\n", "a: [on, 'on']\n", "- on\n", "x: &on on\n", "y: *on\n", "True: True\n", "a: 1\n", "a: 1\n"]
)


@settings(max_examples=1500, deadline=None)
@given(st.lists(LINES, max_size=12).map("".join))
def test_lines_in_any_order_are_read_alike(text: str) -> None:
    assert_same("apiVersion: v1\n" + text)


def test_the_fast_reader_keeps_quiet(capfd: pytest.CaptureFixture[str]) -> None:
    read("apiVersion: v1\nkind: {{ secret }}\n")
    read("apiVersion: v1\nkind: A\nx: 'y' z\n")
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")
