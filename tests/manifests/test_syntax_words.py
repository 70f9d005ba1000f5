"""What a broken YAML file is said to suffer from: the reader's words, at the line to mend."""

from __future__ import annotations

import pytest

from auditor.manifests.limits import Limits
from auditor.manifests.loading import Budget, load_documents
from auditor.manifests.syntax_words import _WORDS

BROKEN = {
    "a tab that indents": ("a:\n\tb: 1\n", 2, "a tab stands where only spaces may"),
    "a tab after a value": ("a: x\n\tb: 1\n", 2, "a tab indents this line"),
    "an at sign": ("a: @x\n", 1, "a value cannot begin with '@': put it in quotes"),
    "a star": ("a: *.example.org\n", 1, "cannot begin with '*' or '&'"),
    "two colons": ("a: b: c\n", 1, "its value must be quoted"),
    "indented too far": ("a: 1\n b: 2\n", 2, "the line is indented too far"),
    "indented too little": ("a:\n  b: 1\n c: 2\n", 3, "not indented like the keys around it"),
    "a line that is nothing": ("a: 1\nb\nc: 1\n", 2, "neither 'key: value' nor the rest of a text"),
    "an open quote": ('a: 1\nb: "x\nc: 2\n', 2, "the quoted text that begins here is never closed"),
    "a quote in quotes": ("a: 'it's'\n", 1, "something stands after the end of a value"),
    "a wrong escape": ('a: "C:\\qrogram"\n', 1, "a backslash in double quotes"),
    "an open bracket": ("a: [1, 2\nb: 3\n", 2, "a list that '[' opens is not closed"),
    "an open brace": ("a: {b: 1\nc: 2\n", 2, "a mapping that '{' opens is not closed"),
    "a list on its key's line": ("a: - b\n", 1, "a list begins on a line of its own"),
    "a key among entries": ("- a\nb: 1\n", 2, "stands among list entries but does not begin with '- '"),
    "text after the end": ("a: 1\n...\nb: 1\n", 3, "which has ended"),
    "a control character": ("a: 1\nb: x\x00\n", 2, "a control character"),
    "a conflict": (
        "a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> topic\n",
        2,
        "a merge conflict was left",
    ),
    "half a conflict": (
        "a: 1\nb: 2\n>>>>>>> topic\n",
        3,
        "a merge conflict was left in the file: >>>>>>> marks",
    ),
    "braces of a template": ("a: {{ x }}\n", 1, "a key is itself a list or a mapping"),
    "a null key": ("a: 1\n~: 2\n", 2, "a key is null"),
    "an infinite number": ("a: .inf\n", 1, "put it in quotes"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_is_said_at_the_line_to_mend(name: str) -> None:
    text, line, words = BROKEN[name]
    _, error = load_documents(text, Limits(), Budget.of(Limits()))
    assert error is not None
    assert words in error.message
    assert error.line == line


def test_the_parsers_own_words_stay_to_be_looked_up() -> None:
    _, error = load_documents("a: b: c\n", Limits(), Budget.of(Limits()))
    assert error is not None
    assert error.message.endswith("(mapping values are not allowed in this context)")


def test_a_line_of_equals_signs_is_no_conflict() -> None:
    _, error = load_documents("a: |\n  Title\n  =======\nb\nc: 1\n", Limits(), Budget.of(Limits()))
    assert error is not None
    assert "conflict" not in error.message


def test_nothing_of_the_file_but_one_character_is_repeated() -> None:
    for text in (
        "password: @hunter2\n",
        'password: "hunter2\n',
        "password: a: hunter2\n",
        "a: 1\nhunter2\nb: 1\n",
    ):
        _, error = load_documents(text, Limits(), Budget.of(Limits()))
        assert error is not None
        assert "hunter" not in error.message


def test_words_are_sentences_without_an_end() -> None:
    for words in _WORDS.values():
        assert words[0].islower()
        assert not words.endswith(".")
