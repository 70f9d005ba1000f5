"""Which Kubernetes versions there are schemas for, and what each of them serves."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from auditor.errors import ConfigurationError, MissingPartError

_FOLDER = re.compile(r"^v(\d+)\.(\d+)\.\d+-local-strict$")
_VERSION = re.compile(r"^v?(\d+)\.(\d+)(?:\.\d+)?(?:[-+].*)?$")


def schema_folders() -> tuple[Path, ...]:
    """The folder of each installed Kubernetes version, by name."""
    return tuple(sorted(path for path in _root().iterdir() if _FOLDER.match(path.name)))


def schema_folder(version: str, *, strict: bool) -> Path:
    """The folder of one version ("1.37"); the strict schemas refuse unknown fields."""
    return _root() / f"v{version}.0-local{'-strict' if strict else ''}"


def known_versions() -> tuple[str, ...]:
    """The Kubernetes versions whose schemas are installed, e.g. ("1.25", …, "1.37"), oldest first."""
    found = [match for match in (_FOLDER.match(path.name) for path in _root().iterdir()) if match]
    return tuple(f"{a}.{b}" for a, b in sorted((int(m[1]), int(m[2])) for m in found))


def target_version(asked: str) -> str:
    """The version to judge by: the newest for '', else the one asked for ("1.31", "v1.31.4").

    Raises ConfigurationError where it is not a version or its schemas are not installed.
    """
    known = known_versions()
    if not asked:
        return known[-1]
    match = _VERSION.match(asked)
    version = f"{int(match[1])}.{int(match[2])}" if match else asked
    if version not in known:
        raise ConfigurationError(
            f"there are no schemas for Kubernetes {asked!r}", hint=f"choose one of {known[0]} to {known[-1]}"
        )
    return version


def _root() -> Path:
    # The package itself takes 0.1 s to import and only its data is needed.
    spec = importlib.util.find_spec("kubernetes_validate")
    if spec is None or spec.origin is None:
        raise MissingPartError(
            "the Kubernetes schemas are not installed", hint="pip install kubernetes-validate"
        )
    return Path(spec.origin).parent / "kubernetes-json-schema"
