"""The page of questions, `docs/questions.md`: runs its commands on the sample, and holds what they say.

As a program it writes the answers into the page: `python tests/store/question_page.py`, where answers may change.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "questions.md"
_BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)

Answer = Callable[[str], str]


def build_sample(folder: Path) -> Path:
    """The sample, audited on November 1, 2026 with the embedded engine; gives its folder."""
    from auditor.demo import build_demo

    build_demo(folder, now=lambda: datetime(2026, 11, 1, tzinfo=UTC), engine="embedded")
    return folder


def commands(page: str) -> Iterator[tuple[str, str]]:
    """Every command of the page with what the page says that it prints."""
    for block in _BLOCK.findall(page):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = part.partition("\n")
            yield command, printed


def answered(page: str, answer: Answer) -> str:
    """The page with every command's answer in its place."""

    def block(match: re.Match[str]) -> str:
        return "```console\n" + "".join(f"$ {one}\n{answer(one)}" for one, _ in commands(match[0])) + "```"

    return _BLOCK.sub(block, page)


def answer_in(folder: Path) -> Answer:
    """What a command prints in the sample's folder. The page is ours, so a shell may run what is piped."""

    def answer(command: str) -> str:
        first, *rest = command.split(" | ")
        words = shlex.split(first)
        if words[:2] == ["auditor", "query"]:
            printed = _query(words[2:], folder / "audit.duckdb")
        else:
            program = [sys.executable, "-m", *words] if words[0] == "auditor" else words
            printed = subprocess.run(program, cwd=folder, check=False, capture_output=True).stdout
        if rest:
            printed = subprocess.run(
                ["sh", "-c", " | ".join(rest)], input=printed, check=True, capture_output=True
            ).stdout
        return printed.decode()

    return answer


def _query(words: list[str], database: Path) -> bytes:
    """`auditor query`, by the functions that the command calls: a process each would take a minute."""
    from auditor.store.adhoc import run_query
    from auditor.store.output.formats import render
    from auditor.store.saved import parse_parameters, run_saved

    sql, saved, parameters, form = "", "", [], "table"
    rest = iter(words)
    for word in rest:
        if word == "--saved":
            saved = next(rest)
        elif word == "--param":
            parameters.append(next(rest))
        elif word == "--format":
            form = next(rest)
        else:
            sql = word
    values = parse_parameters(parameters)
    result = run_saved(database, saved, parameters=values) if saved else run_query(database, sql)
    return render(result, form, None)


def main() -> None:
    """Writes the page anew."""
    with tempfile.TemporaryDirectory() as folder:
        answer = answer_in(build_sample(Path(folder) / "demo"))
        PAGE.write_text(answered(PAGE.read_text(encoding="utf-8"), answer), encoding="utf-8")


if __name__ == "__main__":
    main()
