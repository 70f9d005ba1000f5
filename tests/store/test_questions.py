"""The page of questions says what the commands say."""

from __future__ import annotations

import re

import pytest
from store.question_page import PAGE, Answer, answer_in, build_sample, commands

from auditor.store.saved import saved_queries

QUESTIONS = list(commands(PAGE.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    return answer_in(build_sample(tmp_path_factory.mktemp("questions") / "demo"))


@pytest.mark.parametrize(("command", "printed"), QUESTIONS, ids=[command for command, _ in QUESTIONS])
def test_the_page_tells_what_is_printed(command: str, printed: str, answer: Answer) -> None:
    assert printed == answer(command), "`python tests/store/question_page.py` writes the page anew"


def test_there_are_thirty_questions_and_each_says_what_it_proves() -> None:
    sections = re.split(r"^### ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert [section.partition(".")[0] for section in sections] == [str(number) for number in range(1, 31)]
    for section in sections:
        assert "```console\n$ " in section
        assert "\nProves" in section
        assert "Does not prove" in section or "proves that the records agree" in section


def test_the_page_names_only_queries_that_there_are() -> None:
    named = {name for command, _ in QUESTIONS for name in re.findall(r"--saved (\S+)", command)}
    assert len(named) > 20
    assert named <= set(saved_queries())
