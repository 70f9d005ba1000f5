"""Which readers there are, and what of a folder they are shown. A folder is read by what its files are."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from auditor.errors import PolicyError
from auditor.policy.foreign.admission import read_admission
from auditor.policy.foreign.conftest import read_conftest
from auditor.policy.foreign.crdrules import read_crds
from auditor.policy.foreign.forms import check_form
from auditor.policy.foreign.gatekeeper import read_gatekeeper
from auditor.policy.foreign.interface import ForeignReader, ForeignRules, SourceFile
from auditor.policy.foreign.support import FINDING_MODULE, GATEKEEPER_MODULE
from auditor.policy.foreign.translate import COMPAT_MODULE

READERS: Mapping[str, ForeignReader] = {
    "conftest": read_conftest,
    "gatekeeper": read_gatekeeper,
    "admission": read_admission,
    "crd": read_crds,
}
"""Every reader by the category of its rules."""

SUPPORT_MODULES = {
    "foreign/compat.rego": COMPAT_MODULE,
    "foreign/finding.rego": FINDING_MODULE,
    "foreign/gatekeeper.rego": GATEKEEPER_MODULE,
}
"""What foreign rules are called with, whichever there are."""

MOST_FILES = 20_000
MOST_BYTES = 4 * 1024 * 1024
"""What a policy folder may hold, and a file in it."""

_OWN_PACKAGE = re.compile(r"^package\s+auditor\.", re.MULTILINE)
_SUFFIXES = (".rego", ".yaml", ".yml", ".json")


def read_foreign(folder: Path, number: int, *, own: Sequence[Path] = ()) -> ForeignRules:
    """Every foreign rule of the folder, the `number`-th that is read; `own` are folders of rules in our layout.

    Raises PolicyError for what cannot be read, and for an id that is used twice.
    """
    files = tuple(_files(folder, frozenset(own)))
    for file in files:
        for document in file.documents:
            check_form(document, file.path)
    found = [reader(files, f"foreign.f{number}") for reader in READERS.values()]
    rules = tuple(rule for one in found for rule in one.rules)
    # What no rule needs may as well not compile.
    needed = {name for rule in rules for name in rule.modules}
    modules = {name: text for one in found for name, text in one.modules.items() if name in needed}
    if rules:
        modules |= SUPPORT_MODULES | {rule.module: rule.source for rule in rules}
    return ForeignRules(
        rules=rules,
        expressions=tuple(rule for one in found for rule in one.expressions),
        modules=modules,
        remarks=tuple(remark for one in found for remark in one.remarks),
    )


def _files(folder: Path, own: frozenset[Path]) -> Iterator[SourceFile]:
    count = 0
    for root, folders, names in os.walk(folder, followlinks=False):
        here = Path(root)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and here / name not in own)
        for name in sorted(names):
            path = here / name
            if path.suffix not in _SUFFIXES or path.is_symlink():
                continue
            count += 1
            if count > MOST_FILES:
                raise PolicyError(
                    f"{folder}: more than {MOST_FILES} files", hint="name the folder that has the policies"
                )
            file = _read(path)
            if file is not None:
                yield file


def _read(path: Path) -> SourceFile | None:
    """The file; None for Rego of our own and for YAML that is no list of mappings."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise PolicyError(f"{path}: larger than {MOST_BYTES} bytes")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path}: cannot be read: {error}") from error
    if path.suffix == ".rego":
        return None if _OWN_PACKAGE.search(text) else SourceFile(path=path, text=text)
    documents = _documents(text)
    return SourceFile(path=path, text=text, documents=documents) if documents else None


def read_documents(path: Path) -> tuple[Mapping[str, Any], ...]:
    """The mappings in a YAML or JSON file, () where it cannot be read as such. PolicyError where it cannot be opened."""
    file = _read(path)
    return file.documents if file else ()


def _documents(text: str) -> tuple[Mapping[str, Any], ...]:
    """The mappings of a YAML or JSON text. What cannot be read is no policy: examples and charts lie beside them."""
    try:
        found = [one for one in yaml.load_all(text, Loader=_Loader) if isinstance(one, Mapping)]
    except (yaml.YAMLError, ValueError, RecursionError):
        return ()
    lists = [one.get("items") if one.get("kind") == "List" else [one] for one in found]
    return tuple(
        one for items in lists if isinstance(items, list) for one in items if isinstance(one, Mapping)
    )


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The safe loader without time stamps: in a manifest a date is text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}
