"""sprig's functions on texts (Masterminds/sprig 3.3), and Argo CD's own."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import posixpath
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from auditor.manifests.gotemplate.errors import TemplateError, UnsupportedTemplateError
from auditor.manifests.gotemplate.formatting import MAX_TEXT, as_text, weighed
from auditor.manifests.gotemplate.lexing import quoted
from auditor.manifests.gotemplate.values import a_text, as_go, as_json, string, strings, whole
from auditor.manifests.limits import Limits
from auditor.manifests.reading import read_blob
from auditor.manifests.scalars import ScalarError, value_of

_NAME = re.compile(r"[^-a-z0-9.]")
_LONGEST_NAME = 253


def sanitized_name(name: str) -> str:
    """Argo CD's `normalize`: lower case, `-` for what no DNS name holds, at most 253, no `-` or `.` at the ends."""
    return _NAME.sub("-", a_text(name).lower())[:_LONGEST_NAME].strip("-.")


def _slugified(*arguments: Any) -> str:
    *options, name = arguments or ("",)
    longest = options[0] if options else 50
    smart = options[1] if len(options) > 1 else True
    if isinstance(longest, bool) or not isinstance(longest, int) or not isinstance(smart, bool):
        raise TemplateError("slugify takes a length, whether to cut at words, and a name")
    slug = sanitized_name(name)
    if not smart and len(slug) >= longest:
        slug = slug[:longest]
    slug = re.sub(r"-+", "-", re.sub(r"[^a-zA-Z0-9_-]", "-", slug)).strip("-_")
    if longest <= 0 or not smart or len(slug) <= longest:
        return slug
    at = slug.rfind("-", 0, longest + 1)
    return slug[: at if at >= 0 else longest]


def _indent(width: int, text: str) -> str:
    if not 0 <= width <= 1000 or len(text) + width * (text.count("\n") + 1) > MAX_TEXT:
        raise TemplateError("too wide an indentation")
    return " " * width + a_text(text).replace("\n", "\n" + " " * width)


def _repeat(count: int, text: str) -> str:
    if count < 0 or count * len(a_text(text)) > MAX_TEXT:
        raise TemplateError("too many repetitions")
    return text * count


def _replace(old: str, new: str, text: str) -> str:
    if len(a_text(text)) * max(1, len(new)) > 64 * MAX_TEXT:
        raise TemplateError("too long a replacement")
    return text.replace(a_text(old), a_text(new))


def _trunc(length: int, text: str) -> str:
    if length < 0:
        return text[length:] if len(text) + length > 0 else text
    return text[:length]


def _substr(start: int, end: int, text: str) -> str:
    if start < 0:
        return text[:end]
    return text[start:] if end < 0 or end > len(text) else text[start:end]


def _title(text: str) -> str:
    return re.sub(r"(?<![\w])\w", lambda match: match[0].upper(), a_text(text))


def _untitle(text: str) -> str:
    return re.sub(r"(?<!\S)\S", lambda match: match[0].lower(), a_text(text))


def _abbrev(width: int, text: str) -> str:
    if width < 4 or len(text) <= width:
        return text
    return text[: width - 3] + "..."


def _cat(*values: Any) -> str:
    weighed(list(values))
    return " ".join(as_text(value) for value in values if value is not None)


def _quote(*values: Any) -> str:
    return " ".join(quoted(string(value)) for value in values if value is not None)


def _squote(*values: Any) -> str:
    return " ".join(f"'{string(value)}'" for value in values if value is not None)


def _split(separator: str, text: str, count: int = -1) -> dict[str, str]:
    parts = a_text(text).split(separator, count - 1 if count > 0 else -1) if separator else list(text)
    return {f"_{number}": part for number, part in enumerate(parts)}


def _split_list(separator: str, text: str) -> list[str]:
    return a_text(text).split(separator) if separator else list(text)


def _decoded(decode: Callable[[str], bytes], text: str) -> str:
    try:
        return decode(a_text(text)).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return "illegal base64 data at input byte 0"


def _to_json(value: Any, *, pretty: bool = False, raw: bool = False) -> str:
    shaped: dict[str, Any] = {"indent": 2} if pretty else {"separators": (",", ":")}
    text = json.dumps(as_json(weighed(value)), sort_keys=True, ensure_ascii=False, **shaped)
    if not raw:
        for character in "<>&":
            text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _from_json(text: str) -> Any:
    try:
        return json.loads(a_text(text), parse_int=float)
    except (ValueError, RecursionError):
        return None


def _must_from_json(text: str) -> Any:
    try:
        return json.loads(a_text(text), parse_int=float)
    except (ValueError, RecursionError) as error:
        raise TemplateError("invalid JSON") from error


class _Dumper(yaml.SafeDumper):
    """Puts in quotes whatever go-yaml would not read back as the text that it is."""

    def ignore_aliases(self, data: Any) -> bool:
        """What is shared is written out each time."""
        return True


def _written(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    try:
        is_plain = value_of(text) == text
    except ScalarError:
        is_plain = False
    style = "|" if "\n" in text else None if is_plain else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _written)


def _to_yaml(value: Any) -> str:
    text = yaml.dump(as_json(weighed(value)), Dumper=_Dumper, allow_unicode=True, width=10**9, sort_keys=True)
    return text.removesuffix("...\n").removesuffix("\n")


def _from_yaml(text: str, kind: type) -> Any:
    read = read_blob(a_text(text).encode("utf-8", "replace"), Limits())
    value = read.documents[0].value if read.documents else None
    if read.problems or not isinstance(value, kind | None):
        raise TemplateError("invalid YAML, or of another form")
    return as_go(value) if value is not None else kind()


def _regex(pattern: str) -> Any:
    try:
        import re2
    except ImportError as error:
        raise UnsupportedTemplateError("regular expressions need `pip install google-re2`") from error
    try:
        options = re2.Options()
        options.log_errors = False
        return re2.compile(a_text(pattern), options)
    except re2.error as error:
        raise TemplateError(f"error parsing regexp: {pattern!r}") from error


def _find(pattern: str, text: str) -> str:
    match = _regex(pattern).search(a_text(text))
    return str(match[0]) if match else ""


def _find_all(pattern: str, text: str, count: int) -> list[str]:
    found = [str(match[0]) for match in _regex(pattern).finditer(a_text(text))]
    return found if count < 0 else found[:count]


def _expanded(template: str, match: Any) -> str:
    def group(reference: re.Match[str]) -> str:
        name = reference[1] or reference[2]
        if name is None:
            return "$"
        try:
            return str(match[int(name) if name.isdigit() else name] or "")
        except (IndexError, KeyError):
            return ""

    return re.sub(r"\$(?:\{(\w+)\}|(\w+)|\$)", group, template)


def _replace_all(pattern: str, text: str, replacement: str, *, literal: bool = False) -> str:
    def new(match: Any) -> str:
        return replacement if literal else _expanded(replacement, match)

    return "".join(_replaced(_regex(pattern), a_text(text), new))


def _replaced(regex: Any, text: str, new: Callable[[Any], str]) -> list[str]:
    parts, at, size = [], 0, 0
    for match in regex.finditer(text):
        parts += [text[at : match.start()], new(match)]
        size += len(parts[-1])
        if size > MAX_TEXT:
            raise TemplateError("too long a replacement")
        at = match.end()
    return [*parts, text[at:]]


def _regex_split(pattern: str, text: str, count: int) -> list[str]:
    if count == 0:
        return []
    parts: list[str] = []
    at = 0
    for match in _regex(pattern).finditer(a_text(text)):
        if count > 0 and len(parts) == count - 1:
            break
        if match.end() == 0 and match.start() == 0:
            continue
        parts.append(text[at : match.start()])
        at = match.end()
    return [*parts, text[at:]]


def _hashed(name: str) -> Callable[[str], str]:
    return lambda text: hashlib.new(name, a_text(text).encode()).hexdigest()


def _extension(path: str) -> str:
    base = path.rpartition("/")[2]
    return base[base.rfind(".") :] if "." in base else ""


_REGEXES: dict[str, Callable[..., Any]] = {
    "Match": lambda pattern, text: _regex(pattern).search(a_text(text)) is not None,
    "Find": _find,
    "FindAll": _find_all,
    "ReplaceAll": _replace_all,
    "ReplaceAllLiteral": lambda pattern, text, new: _replace_all(pattern, text, new, literal=True),
    "Split": _regex_split,
}

TEXTS: Mapping[str, Callable[..., Any]] = {
    "normalize": sanitized_name,
    "slugify": _slugified,
    "toYaml": _to_yaml,
    "fromYaml": lambda text: _from_yaml(text, dict),
    "fromYamlArray": lambda text: _from_yaml(text, list),
    "hello": lambda: "Hello!",
    "abbrev": _abbrev,
    "trunc": _trunc,
    "trim": lambda text: a_text(text).strip(),
    "upper": lambda text: a_text(text).upper(),
    "lower": lambda text: a_text(text).lower(),
    "title": _title,
    "untitle": _untitle,
    "substr": _substr,
    "repeat": _repeat,
    "trimall": lambda cut, text: a_text(text).strip(a_text(cut)) if cut else text,
    "trimAll": lambda cut, text: a_text(text).strip(a_text(cut)) if cut else text,
    "trimSuffix": lambda cut, text: a_text(text).removesuffix(a_text(cut)),
    "trimPrefix": lambda cut, text: a_text(text).removeprefix(a_text(cut)),
    "nospace": lambda text: "".join(a_text(text).split()),
    "initials": lambda text: "".join(word[0] for word in a_text(text).split()),
    "swapcase": lambda text: a_text(text).swapcase(),
    "contains": lambda part, text: a_text(part) in a_text(text),
    "hasPrefix": lambda part, text: a_text(text).startswith(a_text(part)),
    "hasSuffix": lambda part, text: a_text(text).endswith(a_text(part)),
    "quote": _quote,
    "squote": _squote,
    "cat": _cat,
    "indent": _indent,
    "nindent": lambda width, text: "\n" + _indent(width, text),
    "replace": _replace,
    "plural": lambda one, many, count: one if count == 1 else many,
    "sha1sum": _hashed("sha1"),
    "sha256sum": _hashed("sha256"),
    "sha512sum": _hashed("sha512"),
    "adler32sum": lambda text: str(zlib.adler32(a_text(text).encode())),
    "toString": string,
    "toStrings": strings,
    "split": _split,
    "splitList": _split_list,
    "splitn": lambda separator, count, text: _split(separator, text, whole(count)),
    "join": lambda separator, values: a_text(separator).join(strings(values)),
    "sortAlpha": lambda values: sorted(strings(values)),
    "b64enc": lambda text: base64.b64encode(a_text(text).encode()).decode(),
    "b64dec": lambda text: _decoded(lambda encoded: base64.b64decode(encoded, validate=True), text),
    "b32enc": lambda text: base64.b32encode(a_text(text).encode()).decode(),
    "b32dec": lambda text: _decoded(base64.b32decode, text),
    "base": lambda path: posixpath.basename(a_text(path).rstrip("/")) or ("/" if path else "."),
    "dir": lambda path: posixpath.normpath(posixpath.dirname(a_text(path)) or "."),
    "clean": lambda path: posixpath.normpath(a_text(path) or "."),
    "ext": lambda path: _extension(a_text(path)),
    "isAbs": lambda path: a_text(path).startswith("/"),
    "toJson": _to_json,
    "mustToJson": _to_json,
    "toRawJson": lambda value: _to_json(value, raw=True),
    "mustToRawJson": lambda value: _to_json(value, raw=True),
    "toPrettyJson": lambda value: _to_json(value, pretty=True),
    "mustToPrettyJson": lambda value: _to_json(value, pretty=True),
    "fromJson": _from_json,
    "mustFromJson": _must_from_json,
    "regexQuoteMeta": lambda text: re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", a_text(text)),
    **{f"regex{name}": function for name, function in _REGEXES.items()},
    **{f"mustRegex{name}": function for name, function in _REGEXES.items()},
}
"""By name; `must…` differ from the others only in how they fail on a bad pattern, which fails here."""
