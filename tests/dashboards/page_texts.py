"""What a page shows, told apart by whether the place reads markup."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest


def plain_texts(app: AppTest) -> list[str]:
    """What st.text and st.code show: places that read no markup."""
    return [element.value for element in app.text] + [element.value for element in app.code]


def marked_up(app: AppTest) -> str:
    """Everything shown in places that read Markdown."""
    found = [*app.markdown, *app.caption, *app.title, *app.header, *app.subheader, *app.error]
    return "\n".join(element.value for element in found)


def rows(app: AppTest, at: int = 0) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = app.dataframe[at].value.to_dict("records")
    return found
