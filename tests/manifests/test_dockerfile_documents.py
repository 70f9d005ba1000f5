"""Dockerfiles as documents, by what the Dockerfile reference says of each instruction."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.manifests.dockerlines import instructions_of
from auditor.manifests.formats import locate_in, parse_file
from auditor.manifests.secrets import Redactor

REDACTOR = Redactor(b"k" * 32)


def manifest_of(text: str) -> Any:
    parsed = parse_file(text.encode(), "web/Dockerfile", redactor=REDACTOR)
    assert parsed.problems == ()
    (document,) = parsed.documents
    assert str(document.id) == "docker/Dockerfile web/Dockerfile"
    return document.manifest


def stage_of(text: str) -> Any:
    return manifest_of(f"FROM debian:12\n{text}\n")["stages"][0]


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("ENV A=1 B='two words' C=\"$A\"", "env", {"A": "1", "B": "two words", "C": "${A}"}),
        ("ENV A=1\nENV B=${A}/x C=${NONE:-d} D=$NONE", "env", {"A": "1", "B": "1/x", "C": "d", "D": "${NONE}"}),
        ("ENV OLD some value", "env", {"OLD": "some value"}),
        ("ARG VERSION\nARG TAG=1", "args", {"VERSION": None, "TAG": "1"}),
        ("USER root\nUSER 1000:1000", "user", "1000:1000"),
        ("EXPOSE 80 443/tcp\nEXPOSE 22", "expose", ["80", "443/tcp", "22"]),
        ("RUN a && \\\n  # no comment of the shell\n\n  b", "run", ["a && b"]),
        ("run [\"a\", \"b\"]", "run", ['["a", "b"]']),
        ("RUN <<EOF\nFROM evil\nEOF\nRUN c", "run", ["<<EOF\nFROM evil", "c"]),
        ("RUN cat <<-'ONE' <<TWO\n\tx\n\tONE\ny\nTWO", "run", ["cat <<-'ONE' <<TWO\nx\ny"]),
        ("RUN read x <<< word", "run", ["read x <<< word"]),
        ("ADD --checksum=sha256:a https://e.org/x /x", "add",
         [{"sources": ["https://e.org/x"], "destination": "/x", "checksum": "sha256:a"}]),
        ('COPY ["a b", "c", "/d/"]', "copy", [{"sources": ["a b", "c"], "destination": "/d/"}]),
        ("COPY --from=0 --chown=1:1 a b", "copy", [{"sources": ["a"], "destination": "b", "from": "0", "chown": "1:1"}]),
        ("LABEL a.b=c", "labels", {"a.b": "c"}),
        ("CMD x y", "cmd", ["x y"]),
        ("WORKDIR /a\nWORKDIR b", "workdir", ["/a", "b"]),
    ],
)  # fmt: skip
def test_instructions(text: str, key: str, value: object) -> None:
    assert stage_of(text)[key] == value


@pytest.mark.parametrize(
    ("text", "images"),
    [
        ("FROM a:1", ["a:1"]),
        ("ARG V=1.2\nFROM a:${V}-x", ["a:1.2-x"]),
        ("ARG V\nFROM a:${V}", ["a:${V}"]),
        ("ARG V\nFROM a:${V:-9}", ["a:9"]),
        ("ARG V=1\nARG W=$V.2\nFROM a:$W", ["a:1.2"]),
        ("from --platform=linux/amd64 a:1 as B\nFROM b", ["a:1", "b"]),
    ],
)
def test_what_a_stage_starts_from(text: str, images: list[str]) -> None:
    assert [stage["image"] for stage in manifest_of(text)["stages"]] == images


@pytest.mark.parametrize(
    ("text", "final"),
    [
        ("FROM a:1", {"image": "a:1"}),
        ("FROM a:1\nUSER app", {"image": "a:1", "user": "app"}),
        ("FROM a:1 AS base\nUSER app\nFROM base\nRUN x", {"image": "a:1", "user": "app"}),
        ("FROM a:1 AS base\nUSER app\nFROM BASE\nUSER 0", {"image": "a:1", "user": "0"}),
        ("FROM a:1 AS one\nUSER app\nFROM scratch", {"image": "scratch"}),
        ("FROM a:1 AS one\nENV U=app\nFROM one AS two\nFROM two\nUSER $U", {"image": "a:1", "user": "app"}),
        ("FROM a:1 AS one\nARG U=app\nFROM one\nUSER $U", {"image": "a:1", "user": "${U}"}),
        # A name that comes later is an image from a registry.
        ("FROM later\nFROM a:1 AS later", {"image": "a:1"}),
    ],
)
def test_what_the_image_runs_as(text: str, final: dict[str, str]) -> None:
    assert manifest_of(text)["final"] == final


def test_the_escape_directive_changes_how_lines_go_on() -> None:
    assert stage_of_whole("# escape=`\nFROM a\nRUN one `\n  two\nCOPY x C:\\\nRUN three") == [
        "one two",
        "three",
    ]
    # After anything else it is a comment.
    assert stage_of_whole("# comment\n# escape=`\nFROM a\nRUN one \\\n two") == ["one two"]


def stage_of_whole(text: str) -> Any:
    return manifest_of(text.replace("COPY x C:\\", "COPY x C:\\"))["stages"][0]["run"]


@pytest.mark.parametrize(
    ("text", "leak"),
    [
        ("ENV DB_PASSWORD=hunter2x9", "hunter2x9"),
        ("ARG API_TOKEN=a1b2c3d4e5f6g7h8", "a1b2c3d4e5f6g7h8"),
        ("ARG DB_PASSWORD=hunter2x9\nENV URL=$DB_PASSWORD\nUSER $DB_PASSWORD", "hunter2x9"),
        ("RUN DB_PASSWORD=hunter2x9 make", "hunter2x9"),
        ("RUN curl -H 'Authorization: Bearer abcdefghij0123456789x'", "abcdefghij0123456789x"),
        ("LABEL token=a1b2c3d4e5f6g7h8", "a1b2c3d4e5f6g7h8"),
    ],
)
def test_secrets_stop_at_the_door(text: str, leak: str) -> None:
    shown = json.dumps(stage_of(text))
    assert leak not in shown
    assert "auditor-redacted:credential:" in shown


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("RUN x\nFROM a", "syntax", 1),
        ("ARG A=1", "syntax", 1),
        ("FROM a\n\nFETCH b", "syntax", 3),
        ("FROM a b", "syntax", 1),
        ("FROM a\nRUN <<EOF\nnever", "syntax", 2),
        ("FROM a\n{{ if .x }}\nRUN b", "template", 2),
        ("FROM a\nCOPY x", "syntax", 2),
    ],
)
def test_what_a_build_would_refuse(text: str, code: str, line: int) -> None:
    parsed = parse_file(text.encode(), "Dockerfile", redactor=REDACTOR)
    assert parsed.documents == ()
    assert [(problem.code, problem.line) for problem in parsed.problems] == [(code, line)]


def test_an_empty_file_says_nothing() -> None:
    assert parse_file(b"\n# only this\n", "Dockerfile", redactor=REDACTOR).documents == ()


def test_fields_are_found_where_they_stand() -> None:
    text = "ARG V=1\n\nFROM a:$V AS build\nENV A=1 \\\n    B=2\nRUN one\nRUN two\nFROM b\nUSER root\n"
    (document,) = parse_file(text.encode(), "Dockerfile", redactor=REDACTOR).documents
    for pointer, line in (
        ("args.V", 1),
        ("stages[name=build].image", 3),
        ("stages[name=build].env.B", 4),
        ("stages[name=build].run[1]", 7),
        ("stages[1].image", 8),
        ("final.user", 9),
        ("final", 8),
    ):
        assert locate_in(text.encode(), "Dockerfile", document, pointer) == (line, 1)


def test_variables_do_not_grow_without_end() -> None:
    text = "ARG A=xxxxxxxxxx\n" + "ARG A=$A$A\n" * 60 + "FROM a:$A\n"
    assert len(json.dumps(manifest_of(text))) < 20_000


words = st.lists(st.from_regex(r"[a-z]{1,6}", fullmatch=True), min_size=1, max_size=6)


@given(words, st.data())
def test_where_lines_are_broken_says_nothing(run: list[str], data: st.DataObject) -> None:
    breaks = [data.draw(st.sampled_from([" ", " \\\n", " \\  \n\n", " \\\n# c\n  "])) for _ in run[1:]]
    text = "RUN " + run[0] + "".join(gap + word for gap, word in zip(breaks, run[1:], strict=True))
    (instruction,) = instructions_of(text)
    assert instruction.value == " ".join(run)


@given(st.text(alphabet="FROM RUNADE<\\\n#=`$ax{}\"'", max_size=100))
def test_no_text_raises(text: str) -> None:
    parse_file(("FROM a\n" + text).encode(), "Dockerfile", redactor=REDACTOR)
