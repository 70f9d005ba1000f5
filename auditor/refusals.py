"""What a server says beside a refusal: how long to wait, and why. For every stage that asks one over HTTP."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime

import orjson

_LONGEST_REASON = 300


def seconds_to_wait(retry_after: str, now: datetime) -> float | None:
    """A Retry-After value: seconds, or a date (RFC 9110 section 10.2.3). None for anything else."""
    text = retry_after.strip()
    if text.isdigit():
        return float(text[:9])
    try:
        when = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return max(0.0, (when - now).total_seconds()) if when.tzinfo else None


def reason_in(body: bytes) -> str:
    """The `message` or `error` of a JSON answer, one short printable line in brackets after a space; '' for none."""
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    message = data.get("message") or data.get("error") if isinstance(data, dict) else None
    text = (
        "".join(letter for letter in str(message) if letter.isprintable())[:_LONGEST_REASON]
        if message
        else ""
    )
    return f" ({text})" if text else ""
