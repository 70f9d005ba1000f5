"""Secret values: the product keeps digests in their place, which fit anything but must agree with each other."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from independent.fields import json_text

DIGEST = re.compile(r"auditor-redacted:(secret|credential):[0-9a-f]{16}")
LONGEST = 8_192
"""Characters of JSON text; of a longer value only its digest is kept."""


def plain_secrets(value: Any) -> Any:
    """A manifest with the `data` of every Secret decoded: how base64 is wrapped makes no difference."""
    if isinstance(value, list):
        return [plain_secrets(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    plain = {key: plain_secrets(entry) for key, entry in value.items()}
    if value.get("kind") == "Secret" and isinstance(value.get("data"), dict):
        plain["data"] = {
            key: decoded(entry) if isinstance(entry, str) else entry for key, entry in value["data"].items()
        }
    return plain


def decoded(text: str) -> str:
    """The text behind base64; what is none stands for itself."""
    compact = re.sub(r"\s+", "", text)
    try:
        return base64.b64decode(compact, validate=True).decode("utf-8")
    except ValueError:
        return compact


def shortened(text: str | None) -> str | None:
    """A value's JSON text as it is kept."""
    if text is None or len(text) <= LONGEST:
        return text
    return json_text({"sha256": hashlib.sha256(text.encode()).hexdigest(), "characters": len(text)})


def canonical(text: str | None) -> str | None:
    """JSON text without what two writers of JSON may spell differently (1e21, 1E+21)."""
    if text is None:
        return None
    return json_text(json.loads(text, parse_float=_number))


def _number(text: str) -> Any:
    number = Decimal(repr(float(text)))
    return int(number) if number == number.to_integral_value() else float(text)


@dataclass
class Digests:
    """What every digest was found to stand for."""

    plaintexts: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    digests: defaultdict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    met: int = 0

    def fits(self, product: str | None, raw: str | None, *, encoded: bool) -> bool:
        """True where the product's text is the raw text, or could be it once digests are taken for it.

        `encoded`: the value stands in `data` of a Secret.
        """
        if canonical(product) == canonical(shortened(raw)):
            return True
        if product is None or raw is None or not DIGEST.search(product):
            return False
        parts = [re.escape(part) for part in DIGEST.split(product)[::2]]
        match = re.fullmatch("(.*)".join(parts), raw, re.DOTALL)
        if match is None:
            # A number is taken as text under a name that says password.
            return bool(DIGEST.fullmatch(product.strip('"')))
        self.met += 1
        if len(parts) == 2 and product.startswith('"'):
            digest = DIGEST.search(product)
            assert digest is not None
            text = json.loads(f'"{match[1]}"', strict=False)
            plain = decoded(text) if encoded else text
            self.plaintexts[digest[0]].add(plain)
            self.digests[(digest[1], plain)].add(digest[0])
        return True

    def disagreements(self) -> list[str]:
        """Digests that stand for two values, and values with two digests (no value is named)."""
        several = [
            f"{digest} stands for {len(texts)} values"
            for digest, texts in self.plaintexts.items()
            if len(texts) > 1
        ]
        return several + [
            f"one {sort} has the digests {', '.join(sorted(found))}"
            for (sort, _), found in self.digests.items()
            if len(found) > 1
        ]
