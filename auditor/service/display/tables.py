"""Tables and fact lists of the pages. Cells are plain text; long lists are paged in SQL."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from auditor.service.display.text import one_line, visible

PAGE_ROWS = 25

UTC_MINUTE = "YYYY-MM-DD HH:mm"


def time_column(label: str, help_text: str | None = None) -> Any:
    """A column of times, shown in UTC to the minute; its label says so."""
    return st.column_config.DatetimeColumn(
        f"{label} (UTC)", format=UTC_MINUTE, timezone="UTC", help=help_text, width=135
    )


def page_offset(total: int, *, key: str = "page") -> int:
    """Draws the page control where the list has more than one page; gives the first row's offset."""
    pages = max(1, -(-total // PAGE_ROWS))
    if pages == 1:
        return 0
    return (st.pagination(pages, key=key, bind="query-params") - 1) * PAGE_ROWS


def first_page() -> None:
    """Callback of filters: a narrower list starts at its beginning."""
    if "page" in st.session_state:
        st.session_state["page"] = 1


def selectable(
    rows: Sequence[Mapping[str, Any]],
    columns: Mapping[str, Any],
    *,
    key: str,
    name: str,
) -> int | None:
    """A table of plain cells; gives the index of the row that was clicked, None before.

    `columns` maps the rows' fields, in order, to column configurations; `name` is read aloud. What was clicked is
    forgotten when other rows are shown: a place in the list before is none in this one.
    """
    cells = {field: [_cell(row[field]) for row in rows] for field in columns}
    shown = hashlib.sha256(repr(cells).encode("utf-8", "replace")).hexdigest()[:16]
    event = st.dataframe(
        cells,
        column_config=dict(columns),
        hide_index=True,
        on_select="rerun",
        selection_mode=["single-row", "single-cell"],
        key=f"{key}-{shown}",
        height="content",
        alt=name,
        placeholder="–",
    )
    if event.selection.rows:
        return int(event.selection.rows[0])
    if event.selection.cells:
        return int(event.selection.cells[0][0])
    return None


def plain(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, Any], *, name: str) -> None:
    """A table of plain cells without selection."""
    cells = {field: [_cell(row[field]) for row in rows] for field in columns}
    height: Literal["content", "auto"] = "content" if len(rows) <= PAGE_ROWS else "auto"
    st.dataframe(
        cells, column_config=dict(columns), hide_index=True, height=height, alt=name, placeholder="–"
    )


def facts(pairs: Sequence[tuple[str, str]]) -> None:
    """Labels over their values, side by side; values are plain text, '' becomes '–'."""
    with st.container(horizontal=True, gap="medium"):
        for label, value in pairs:
            with st.container(width="content", gap=None):
                st.caption(label)
                st.text(visible(value) or "–")


FILTER_WIDTH = 236
"""Pixels: four filters fill a window of 1440, two fit one of 800."""


def filters() -> DeltaGenerator:
    """The frame in which a page's filters stand beside each other as far as the window allows."""
    return st.container(border=True, horizontal=True, vertical_alignment="bottom")


def choice(label: str, options: Sequence[str], *, key: str) -> tuple[str, ...]:
    """A filter over several values, bound to the address; empty means all.

    The address holds what the widget shows, so options are shown as they are, but on one line.
    """
    shown = {one_line(option): option for option in options}
    picked = st.multiselect(
        label,
        list(shown),
        key=key,
        bind="query-params",
        placeholder="All",
        on_change=first_page,
        width=FILTER_WIDTH,
    )
    return tuple(shown[option] for option in picked)


def one_choice(label: str, options: Mapping[str, str], *, key: str) -> str:
    """A choice of one of `options` (word to its meaning), the first unless told, bound to the address."""
    picked = st.selectbox(
        label,
        list(options),
        help="; ".join(f"{word}: {meaning}" for word, meaning in options.items()),
        key=key,
        bind="query-params",
        on_change=first_page,
        width=FILTER_WIDTH,
    )
    return str(picked or next(iter(options)))


def words(label: str, *, key: str, placeholder: str) -> str:
    """A filter for a text, bound to the address; '' means any."""
    return (
        st.text_input(
            label,
            key=key,
            bind="query-params",
            max_chars=200,
            placeholder=placeholder,
            on_change=first_page,
            width=2 * FILTER_WIDTH + 16,
        )
        or ""
    )


def day(label: str, *, key: str) -> date | None:
    """A filter for a day in UTC, bound to the address; None means any."""
    picked: date | None = st.date_input(
        f"{label} (UTC)",
        value=None,
        key=key,
        bind="query-params",
        format="YYYY-MM-DD",
        on_change=first_page,
        width=FILTER_WIDTH,
    )
    return picked


def _cell(value: Any) -> Any:
    return one_line(value) if isinstance(value, str) else value
