"""What looks like a credential: by the shape of a value, or by the name it is given.

Shapes are the issuers' own prefixes and lengths (AWS, GitHub, GitLab, Slack, Google, Stripe, OpenAI, npm,
SendGrid, DigitalOcean, HashiCorp Vault, Tailscale), PEM and age private keys, JSON web tokens, and
passwords within URLs. Names are judged by their last words, because `passwordKey`, `tokenPath` and
`secretName` say where a secret is and not what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache


def _shape(mark: str, rest: str, *, before: str = "A-Za-z0-9_") -> tuple[str, re.Pattern[str]]:
    """A shape that starts with the literal `mark`, not within a longer word; the literal makes it fast to find."""
    edge = f"(?<![{before}]{re.escape(mark)})" if before else ""
    return mark, re.compile(re.escape(mark) + edge + rest)


_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    _shape(
        "-----BEGIN ",
        r"(?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?"
        r"(?:-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|\Z)",
        before="",
    ),
    _shape("AGE-SECRET-KEY-1", r"[0-9A-Z]{20,}"),
    *(_shape(mark, r"(?![A-Z0-9]*EXAMPLE)[A-Z0-9]{16}(?![A-Za-z0-9])") for mark in ("AKIA", "ASIA")),
    *(_shape(mark, r"[A-Za-z0-9]{36,}") for mark in ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "npm_")),
    _shape("github_pat_", r"[A-Za-z0-9_]{22,}"),
    _shape("glpat-", r"[A-Za-z0-9_.-]{20,}"),
    _shape("xox", r"[abeoprs]-[A-Za-z0-9-]{10,}"),
    _shape("AIza", r"[0-9A-Za-z_-]{35}"),
    *(_shape(mark, r"[0-9A-Za-z]{16,}") for mark in ("sk_live_", "rk_live_")),
    _shape("sk-", r"(?=[A-Za-z0-9_-]*[0-9])(?=[A-Za-z0-9_-]*[A-Z])[A-Za-z0-9_-]{20,}", before="A-Za-z0-9_-"),
    _shape("dop_v1_", r"[a-f0-9]{64}"),
    _shape("SG.", r"[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}"),
    *(_shape(mark, r"[A-Za-z0-9_-]{24,}") for mark in ("hvs.", "hvb.")),
    _shape("tskey-", r"[a-z]+-[A-Za-z0-9-]{16,}"),
    _shape("eyJ", r"[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),
    _shape("$apr1$", r"[^$\s]{1,16}\$[A-Za-z0-9./]{22}", before=""),
    *(_shape(f"$2{kind}$", r"[0-9]{2}\$[A-Za-z0-9./]{53}", before="") for kind in "abxy"),
    *(
        _shape(mark, r"(?:rounds=[0-9]+\$)?[^$\s]{1,16}\$[A-Za-z0-9./]{43,86}", before="")
        for mark in ("$5$", "$6$")
    ),
)
_SHAPES_WITHOUT_HASHES = tuple(shape for shape in _SHAPES if not shape[0].startswith("$"))
_SHAPES_WITHIN: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "hooks.slack.com/services/",
        re.compile(r"hooks\.slack\.com/services/(T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{16,})"),
    ),
    ("/api/webhooks/", re.compile(r"/api/webhooks/([0-9]{15,}/[A-Za-z0-9_-]{50,})")),
    *(
        (mark, re.compile(mark + r"((?=[A-Za-z0-9._~+/-]*[0-9])[A-Za-z0-9._~+/-]{20,}=*)"))
        for mark in ("Bearer ", "bearer ", "BEARER ")
    ),
    ("://", re.compile(r"://[^\s:/@\"'<>?#]{0,200}:([^\s/@\"'<>]{1,500})@")),
)
"""Shapes of which only the group is secret, by a literal that each of them holds."""

SECRET_IN_TEXT = re.compile(r"[\"']?kind[\"']?\s*:\s*[\"']?Secret\b[\"']?")
"""A Secret within a text: YAML or JSON."""

_PLACEHOLDER = re.compile(
    r"(?:\$\{[A-Za-z_][A-Za-z0-9_.-]*\}|\$\([A-Za-z_][A-Za-z0-9_.-]*\)|\{\{[^{}\"'`]*\}\}"
    r"|<path:[^<>]*>|<[A-Za-z][^<>\n]{0,80}>|ENC\[[^\]]*\]|(?:ref\+)?op://[^\s@:]+|ref\+[a-z0-9]+://\S+"
    r"|vault:[A-Za-z0-9_./-]+#\S+|\s)*\Z"
)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SECRET_WORDS = frozenset(
    {"password", "passwd", "passphrase", "passcode", "pwd", "pass", "apikey", "token", "secret"}
)
_PASSWORD_WORDS = frozenset({"password", "passwd", "passphrase", "passcode", "pwd", "pass"})
_SECRET_PAIRS = frozenset(
    {
        ("api", "key"),
        ("secret", "key"),
        ("private", "key"),
        ("access", "key"),
        ("encryption", "key"),
        ("signing", "key"),
        ("auth", "key"),
        ("master", "key"),
        ("account", "key"),
    }
)
_REFERENCE = re.compile(
    r"(?:[a-zA-Z][a-zA-Z0-9+.-]*://|\.{0,2}/|~/|[A-Za-z]:\\|arn:|vault:|op://|ref\+|secret[:/]|file:|env:|\$|%)"
)
_ADDRESS_OR_PATH = re.compile(
    r"[a-zA-Z][a-zA-Z0-9+.-]*://|(?:\.{1,2}|~)/|arn:|vault:|op://|ref\+|file:"
    r"|/(?:app|certs|config|dev|etc|home|keys|mnt|opt|proc|root|run|secrets|srv|tmp|usr|var|vault|workspace)/"
)
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*\Z")
_HOLDS_PLACEHOLDER = re.compile(r"\$\{|\$\(|\{\{|\{%|<%|<path:|ENC\[|^<.*>$|^%.*%$|^\[.*\]$|^\{.*\}$")
_MASKED = re.compile(r"(?:[*x.#•-]+|redacted|changed?-?me-?please)\Z", re.IGNORECASE)
_NO_SECRET = frozenset(
    {"true", "false", "yes", "no", "on", "off", "none", "null", "nil", "enabled", "disabled", "optional"}
    | {"required", "always", "never", "auto", "default", "random", "basic", "bearer", "jwt", "file", "env"}
)
_PLAIN_WORD = re.compile(r"[A-Za-z]+\Z")
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z]*(?:[-_./][A-Za-z]+[0-9]{0,2})+\Z|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\Z")
_ENV_NAME = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\Z")
_OBJECT_NAME = re.compile(r"[a-z0-9]+(?:[-./][a-z0-9]+)+\Z")
_HEX = re.compile(r"[0-9a-f]+\Z")
_REFERENCE_WORDS = ("pass", "pwd", "secret", "token", "key", "cred", "auth", "existing")
_REFERENCE_NEIGHBOUR = re.compile(
    r"existingsecret|secretname|secretref|secretkeyref|keyref\Z|fromsecret|usesecret", re.IGNORECASE
)
_QUANTITY = re.compile(r"[0-9.]+(?:ns|us|ms|[smhdw]|[kKMGT]i?[bB]?|%)?\Z")
_CAMEL = re.compile(r"[a-z]+(?:[A-Z][a-z]+)+\Z")


def has_shapes(text: str) -> bool:
    """True where `shapes_in` finds something."""
    return next(_found(text), None) is not None


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What the name of a mapping's key says.

    `sort` is as `secret_name` gives it; `refers` that the mapping speaks of a Secret by name;
    `holds_names` that a mapping under this key holds names of keys and not values.
    """

    sort: str
    refers: bool
    holds_names: bool


@lru_cache(maxsize=65_536)
def key_facts(key: str) -> KeyFacts:
    """The facts of one key, remembered: a repository uses few different ones."""
    sort = secret_name(key)
    return KeyFacts(
        sort=sort,
        refers=_REFERENCE_NEIGHBOUR.search(key) is not None,
        holds_names=sort != "" or "secretkey" in key.lower() or key.endswith("Ref"),
    )


def shapes_in(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every part of `text` that has the shape of a credential, in order, not overlapping."""
    end = 0
    for start, stop in sorted(_found(text)):
        if start >= end:
            yield start, stop
            end = stop


def _found(text: str) -> Iterator[tuple[int, int]]:
    for mark, shape in _SHAPES if "$" in text else _SHAPES_WITHOUT_HASHES:
        if mark in text:
            yield from (match.span() for match in shape.finditer(text))
    for mark, shape in _SHAPES_WITHIN:
        if mark in text:
            for match in shape.finditer(text):
                if mark != "://" or not (_HOLDS_PLACEHOLDER.search(match[1]) or _is_example(match[1])):
                    yield match.span(1)


def is_placeholder(value: str) -> bool:
    """True for what stands for a value to come, whole: `${VAR}`, `$(VAR)`, `{{ .x }}`, `<path:…>`, `ENC[…]`,
    and the references that 1Password's, vals' and Vault's injectors fill in (`op://…`, `ref+…`, `vault:…#…`).

    A variable with a default (`${VAR:=hunter2}`) or a template with a quoted text holds a value itself.
    """
    return _PLACEHOLDER.match(value) is not None


@lru_cache(maxsize=16_384)
def secret_name(name: str) -> str:
    """'password', 'token' or '' by what the last words of a key or variable name say about its value."""
    words = [word.lower() for word in _WORDS.findall(name)]
    while words and words[-1].isdigit():
        words.pop()
    if not words:
        return ""
    last = words[-1]
    if last in _PASSWORD_WORDS:
        return "" if last == "pass" and len(words) == 1 else "password"
    if last in _SECRET_WORDS or (len(words) > 1 and (words[-2], last) in _SECRET_PAIRS):
        return "token"
    return ""


def is_given_as_value(name: str) -> bool:
    """True for what a container's variable is called: what is given to it is its value, not an object's name.

    `TLS_SECRET=web-tls` may name a Secret all the same.
    """
    sort = secret_name(name)
    if _REFERENCE_NEIGHBOUR.search(name):
        return False
    return sort == "password" or (
        sort != "" and _VARIABLE.match(name) is not None and not name.endswith("SECRET")
    )


def is_literal_secret(sort: str, value: object, *, in_reference: bool, strict: bool = False) -> bool:
    """True where `value` is plausibly the secret itself and not its name, path, template or switch.

    `sort` comes from `secret_name`; `in_reference` says that the neighbourhood speaks about a Secret
    by name (`existingSecret: x`, `secretKeys: …`), where words are keys in it. `strict` says that words name nothing
    here: Terraform and Dockerfiles refer by expressions, and a variable's value is what it is.
    """
    if strict and isinstance(value, str):
        return _is_written_out(value.strip(), sort)
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, int | float):
        return sort == "password" and not in_reference and abs(value) >= 1000
    if not isinstance(value, str):
        return False
    text = value.strip()
    if len(text) < 4 or len(text) > 16_384 or _HOLDS_PLACEHOLDER.search(text) or _REFERENCE.match(text):
        return False
    if text.lower() in _NO_SECRET or _MASKED.match(text) or (_QUANTITY.match(text) and sort != "password"):
        return False
    if any(space in text for space in " \n\t"):
        return False
    if sort == "password" and not in_reference and not any(mark in text.lower() for mark in _REFERENCE_WORDS):
        return not _ENV_NAME.match(text)
    if _IDENTIFIER.match(text) or _CAMEL.match(text) or _names_something(text):
        return False
    if _PLAIN_WORD.match(text):
        return sort == "password" and not in_reference and secret_name(text) == "" and len(text) >= 5
    if sort == "password":
        return not (in_reference and re.fullmatch(r"[a-z0-9][a-z0-9._-]*", text))
    return len(text) >= 12 and any(c.isdigit() for c in text) and any(c.isalpha() for c in text)


def _is_written_out(text: str, sort: str) -> bool:
    """False for an address, a path, a placeholder, a switch, a quantity and what masks a secret already."""
    if len(text) < 4 or len(text) > 16_384 or is_placeholder(text) or _ADDRESS_OR_PATH.match(text):
        return False
    if "${" in text:
        return False
    if text.lower() in _NO_SECRET or _MASKED.match(text):
        return False
    return sort == "password" or _QUANTITY.match(text) is None


def _names_something(text: str) -> bool:
    """True for what Kubernetes calls objects: `oauth2-proxy-config`; not for `722c9e7d-0103-42a8-…`."""
    if not _OBJECT_NAME.match(text):
        return False
    return any(len(part) >= 3 and part.isalpha() and not _HEX.match(part) for part in re.split("[-./]", text))


def _is_example(password: str) -> bool:
    """Words that documentation writes where a password goes."""
    return password.lower().strip("[]()") in {
        "password",
        "pass",
        "pwd",
        "passwd",
        "secret",
        "token",
        "xxx",
        "***",
        "port",
    }
