"""Whether two addresses name the same git repository, however they are written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

_SCP = re.compile(r"(?:[\w.-]+@)?([\w.-]+):(?!//)/?(.+)\Z")
_PORTS = frozenset({22, 80, 443})


def same_address(url: str) -> str:
    """`host/owner/name` in lower case, for `https://`, `ssh://`, `git@host:` and with or without `.git`.

    What is no address of a host (a path, an empty text) is given back as it is, without a slash at its end.
    """
    text = url.strip()
    if "://" in text:
        try:
            parts = urlsplit(text)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return text
        if not host:
            return text.rstrip("/")
        place = host if port is None or port in _PORTS else f"{host}:{port}"
        path = parts.path
    else:
        match = _SCP.match(text)
        if match is None:
            return text.rstrip("/")
        place, path = match[1], match[2]
    return f"{place}/{path.strip('/').removesuffix('.git')}".lower()


def is_one_of(url: str, known: Iterable[str]) -> bool:
    """True where the address names one of the repositories."""
    return same_address(url) in {same_address(address) for address in known}


def without_credentials(url: str) -> str:
    """The address without user and password, for people."""
    return re.sub(r"(?<=://)[^/@\s]*@", "", url)
