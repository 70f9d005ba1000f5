"""Credential plugins of a kubeconfig (`exec`): the operator's own programs, run within a time limit.

What goes in and comes out is client.authentication.k8s.io/v1 (or v1beta1), `ExecCredential`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from auditor.errors import ClusterError, UsageError

PLUGIN_TIME_S = 30.0
"""How long a plugin may take; a browser sign-in belongs before the audit."""

_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
_OUTPUT_BYTES = 2**20


@dataclass(frozen=True, kw_only=True, slots=True)
class Credential:
    """What a plugin gave: a token, or a client certificate and its key (PEM); '' for what it did not give."""

    token: str = field(default="", repr=False)
    certificate: str = field(default="", repr=False)
    key: str = field(default="", repr=False)


def sign_in(
    specification: Any,
    *,
    folder: Path,
    cluster: Mapping[str, Any],
    time_s: float,
    allow: Callable[[Path], None],
) -> Credential:
    """Runs the plugin without a terminal and without input; it and what it started are ended after `time_s` seconds.

    `folder` is the kubeconfig's, from which a relative path counts; `allow` raises where the program may not be run.
    Raises UsageError for a wrong entry, ClusterError where the plugin fails.
    """
    if not isinstance(specification, Mapping) or not specification.get("command"):
        raise UsageError("the kubeconfig's `exec` names no command")
    version = str(specification.get("apiVersion") or "")
    if version not in _VERSIONS:
        raise UsageError(
            f"the kubeconfig's `exec` is written for {version!r}", hint=f"known are {', '.join(_VERSIONS)}"
        )
    program = _program(str(specification["command"]), folder, str(specification.get("installHint") or ""))
    allow(program)
    command = [str(program), *map(str, specification.get("args") or ())]
    environment = {
        **os.environ,
        **{str(entry["name"]): str(entry["value"]) for entry in specification.get("env") or ()},
        "KUBERNETES_EXEC_INFO": json.dumps(_information(version, specification, cluster)),
    }
    return _credential(_output(command, folder, environment, time_s), version, program)


def _program(command: str, folder: Path, hint: str) -> Path:
    """As kubectl finds it: from PATH, or relative to the kubeconfig where it is a path."""
    if os.sep in command:
        return folder / command
    found = shutil.which(command)
    if found is None or not Path(found).is_absolute():
        raise UsageError(f"the credential plugin {command!r} is not on PATH", hint=hint[:300])
    return Path(found)


def _information(
    version: str, specification: Mapping[str, Any], cluster: Mapping[str, Any]
) -> dict[str, Any]:
    asked: dict[str, Any] = {"interactive": False}
    if specification.get("provideClusterInfo"):
        asked["cluster"] = {
            theirs: cluster[ours]
            for ours, theirs in (
                ("server", "server"),
                ("tls-server-name", "tls-server-name"),
                ("insecure-skip-tls-verify", "insecure-skip-tls-verify"),
                ("certificate-authority-data", "certificate-authority-data"),
                ("proxy-url", "proxy-url"),
            )
            if ours in cluster
        }
        for extension in cluster.get("extensions") or ():
            if extension.get("name") == "client.authentication.k8s.io/exec":
                asked["cluster"]["config"] = extension.get("extension")
    return {"apiVersion": version, "kind": "ExecCredential", "spec": asked}


def _output(command: list[str], folder: Path, environment: Mapping[str, str], time_s: float) -> bytes:
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
    except OSError as error:
        raise ClusterError(f"the credential plugin {command[0]} cannot be run: {error.strerror}") from error
    try:
        said, complaint = process.communicate(timeout=time_s)
    except subprocess.TimeoutExpired as error:
        raise ClusterError(
            f"the credential plugin {command[0]} gave no answer within {time_s:.0f} s and was ended",
            hint="sign in first (it runs without a terminal here), then repeat this",
        ) from error
    finally:
        _end(process)
    if process.returncode != 0:
        words = "".join(letter for letter in complaint.decode(errors="replace") if letter.isprintable())[:300]
        raise ClusterError(f"the credential plugin {command[0]} failed with {process.returncode}: {words}")
    if len(said) > _OUTPUT_BYTES:
        raise ClusterError(f"the credential plugin {command[0]} gave more than {_OUTPUT_BYTES >> 20} MiB")
    return said


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the plugin and what it left behind: the session is its own, so nothing else is in its group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()


def _credential(output: bytes, version: str, program: Path) -> Credential:
    try:
        said = json.loads(output)
        status = said["status"]
        given = said["apiVersion"], said["kind"]
        token, certificate, key = (
            str(status.get(name) or "") for name in ("token", "clientCertificateData", "clientKeyData")
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ClusterError(f"the credential plugin {program} gave no ExecCredential") from error
    if given != (version, "ExecCredential"):
        raise ClusterError(f"the credential plugin {program} answered {given[0]!r}, asked was {version!r}")
    if not token and not (certificate and key):
        raise ClusterError(f"the credential plugin {program} gave neither token nor certificate")
    return Credential(token=token.strip(), certificate=certificate, key=key)
