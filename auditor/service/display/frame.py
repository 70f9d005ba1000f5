"""What every page has: the title, the error that explains itself, the empty state, the evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from auditor.errors import AuditorError
from auditor.service.display.text import count, limited, numbered, visible
from auditor.store.output.lists import several

OVERVIEW = "views/overview.py"
FINDINGS = "views/findings.py"
FINDING = "views/finding.py"
COMMITS = "views/commits.py"
COMMIT = "views/commit.py"
DRIFT = "views/drift.py"
DIFFERENCE = "views/difference.py"
COMPLIANCE = "views/compliance.py"
RUNS = "views/runs.py"
RESOURCE = "views/resource.py"
INTEGRITY = "views/integrity.py"
IMAGES = "views/images.py"


HALF = 500
"""Pixels: two of these fill a window of 1440; one fits a window of 800."""


def theme() -> str:
    """'light' or 'dark', as the reader's browser shows the page."""
    return "dark" if st.context.theme.type == "dark" else "light"


def repository() -> str:
    """The repository that the sidebar has chosen; '' for all."""
    return str(st.session_state.get("repo") or "")


def stop(problem: AuditorError) -> None:
    """Shows what is wrong and the way out, and ends the page."""
    with st.container(border=True):
        st.subheader("This page cannot be shown")
        st.text(problem.message)
        if problem.hint:
            st.text(f"What to do: {problem.hint}")
    st.stop()


def side_by_side() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Two halves beside each other, one under the other where the window is narrow."""
    row = st.container(horizontal=True, gap="medium")
    return row.container(width=HALF), row.container(width=HALF)


def nothing(what: str, way_out: str) -> None:
    """An empty state: what is not there, and what to do next. Both are our own words."""
    with st.container(border=True):
        st.markdown(f"**{what}**")
        st.markdown(way_out)


def commit_link(sha: str, repo: str, label: str = "") -> None:
    """A link to a commit's page; nothing where there is no commit."""
    if sha:
        st.page_link(
            COMMIT,
            label=label or f"Commit {sha[:10]}",
            icon=":material/commit:",
            query_params={"sha": sha, "repository": repo},
        )


def resource_address(row: Mapping[str, Any], pointer: str = "") -> dict[str, str]:
    """The address of the page of the resource that a row tells, at one of its fields."""
    address = {
        "kind": row["kind"],
        "namespace": row["namespace"],
        "name": row["name"],
        "environment": row["environment"],
        "repository": row["repo"],
        "pointer": pointer,
    }
    return {name: value for name, value in address.items() if value}


def resource_link(row: Mapping[str, Any], label: str, pointer: str = "") -> None:
    """A link to a resource's page, at one of its fields where one is given. The label is our own words."""
    st.page_link(
        RESOURCE,
        label=label,
        icon=":material/timeline:",
        query_params=resource_address(row, pointer),
    )


def manifest(read: Callable[[], str], *, line: int | None, meaning: str) -> None:
    """The manifest around `line`, or from its first line where that is not known.

    `meaning` is the sentence that tells what the marked line is, in our own words. Says why where the text cannot be
    shown.
    """
    text = _read(read, "manifest")
    if text is None:
        return
    known = line is not None and 1 <= line <= len(text.splitlines())
    shown, note = limited(numbered(text, line if known and line else 1, mark=known))
    if known and meaning:
        st.caption(meaning)
    st.code(shown, language=None)
    st.caption(f"Secret values are redacted. {note}")


def said(message: str) -> None:
    """What a finding says: as one text, or as a list where several problems of one file are told together."""
    problems = several(message)
    if len(problems) > 1:
        st.caption(count(len(problems), "problem"))
    for problem in problems:
        st.code(visible(problem), language=None, wrap_lines=True)


def diff(read: Callable[[], str]) -> None:
    """A unified diff, or why it cannot be shown."""
    text = _read(read, "diff")
    if text is None:
        return
    if not text.strip():
        st.caption("The commit did not change this file's text.")
        return
    shown, note = limited(text)
    st.code(shown, language="diff")
    if note:
        st.caption(note)


def _read(read: Callable[[], str], what: str) -> str | None:
    try:
        return read()
    except AuditorError as problem:
        with st.container(border=True):
            st.caption(f"The {what} is not available")
            st.text(problem.message)
        return None
