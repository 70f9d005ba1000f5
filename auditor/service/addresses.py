"""Which addresses there are: any other is answered as not found, and not by the first page."""

from __future__ import annotations

from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

PAGES = (
    "findings",
    "commits",
    "images",
    "drift",
    "compliance",
    "runs",
    "integrity",
    "finding",
    "commit",
    "resource",
    "difference",
)
"""The last part of each page's address; the overview has none."""

_NOT_FOUND = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Not found · auditor</title>
<style>body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 15vh auto; padding: 0 1rem; }</style>
</head>
<body>
<h1>There is no such page</h1>
<p>Nothing stands at this address. The <a href="/">overview</a> leads to every page.</p>
</body>
</html>
"""


class UnknownAddress:
    """Answers 404 where a browser asks for a page that there is not.

    Streamlit answers every address that it does not know with its first page, which then reads as if it were what was
    asked for. What its own program asks for (files with an ending, names that begin with `_`) is left to it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or answers 404."""
        if scope["type"] == "http" and _is_page(scope) and not is_known(scope["path"]):
            await HTMLResponse(_NOT_FOUND, status_code=404)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def is_known(path: str) -> bool:
    """True for the overview and every page's address, with or without a slash at the end."""
    return path.strip("/") in ("", *PAGES)


def _is_page(scope: Scope) -> bool:
    """True where the request is for a page: a browser that is led somewhere, not a program that fetches a file."""
    parts = scope["path"].strip("/").split("/")
    if parts[0] == "api" or any(part.startswith("_") for part in parts) or "." in parts[-1]:
        return False
    accepted = dict(scope["headers"]).get(b"accept", b"")
    return scope["method"] in {"GET", "HEAD"} and b"text/html" in accepted
