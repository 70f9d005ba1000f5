"""Rules in CEL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class ExpressionRule:
    """Later."""

    @classmethod
    def of_template(cls, *args: Any, **kw: Any) -> "ExpressionRule":
        return cls()
