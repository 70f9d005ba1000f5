"""As whom a cluster is asked: a context of the operator's kubeconfig, or the account of the pod that this runs in.

A kubeconfig can name a program to run and files to read, so only the operator's own counts: one that lies inside the
audited repository is refused. What signs in by running a program is bounded in time and can be turned off.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import yaml
from kubernetes.client import Configuration
from kubernetes.config import ConfigException
from kubernetes.config.incluster_config import (
    SERVICE_CERT_FILENAME,
    SERVICE_TOKEN_FILENAME,
    InClusterConfigLoader,
)
from kubernetes.config.kube_config import ENV_KUBECONFIG_PATH_SEPARATOR, KubeConfigLoader, KubeConfigMerger

from auditor.cluster.live.plugins import PLUGIN_TIME_S, sign_in
from auditor.errors import ClusterError, UsageError

# The library has no types for these.
_LOADER: Any = KubeConfigLoader
_MERGER: Any = KubeConfigMerger
_IN_CLUSTER: Any = InClusterConfigLoader


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """What a connection needs: the client library's configuration (address, certificates, credentials), and headers.

    Credentials never appear in its text. `remarks` are what a reader of the evidence should know.
    """

    server: str
    configuration: Any = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    remarks: tuple[str, ...] = ()


class Account(Protocol):
    """Somebody as whom one cluster is asked."""

    @property
    def name(self) -> str:
        """What the cluster is called where nobody says otherwise."""
        ...

    def access(self) -> Access:
        """Fresh credentials: asked for at the start, and once more where they have expired.

        Raises UsageError for a wrong kubeconfig, ClusterError where signing in fails.
        """
        ...


class KubeconfigContext:
    """A context of one kubeconfig, or of several that are merged as kubectl does."""

    def __init__(
        self,
        context: str,
        files: Sequence[Path],
        *,
        run_plugins: bool = True,
        audited: Path | None = None,
        plugin_time_s: float = PLUGIN_TIME_S,
    ) -> None:
        """`context` '' is the current one. `audited` is the folder of the audited repository, where it is local.

        Raises UsageError where there is no such file or context, or where it belongs to the audited repository.
        """
        self._files = tuple(path for path in files if path.is_file())
        if not self._files:
            raise UsageError(
                f"there is no kubeconfig: {', '.join(map(str, files)) or 'no file is named'}",
                hint="name one with --kubeconfig or KUBECONFIG, or a recording with --snapshot",
            )
        self._audited = audited.resolve() if audited is not None else None
        for path in self._files:
            self._refuse_audited(path, "the kubeconfig")
        self._run_plugins, self._plugin_time_s = run_plugins, plugin_time_s
        self._context = self._checked_context(context)

    @property
    def name(self) -> str:
        """The context's name."""
        return self._context

    def access(self) -> Access:
        """As the protocol says; runs the context's credential plugin, where it has one."""
        merged = self._merged()
        try:
            context = merged["contexts"].get_with_name(self._context)["context"]
            user = self._user(merged, context)
            headers = self._impersonation(user)
            loader = _LOADER(config_dict=merged, active_context=self._context, config_base_path=None)
            configuration = Configuration()
            loader.load_and_set(configuration)
        except (ConfigException, KeyError, TypeError, AttributeError, ValueError, OSError) as error:
            raise UsageError(
                f"the context {self._context!r} of {self._shown()} cannot be used: {error}",
                hint="`kubectl --context … version` tells whether it works there",
            ) from error
        remarks = _checked_server(configuration, self._context)
        return Access(
            server=configuration.host, configuration=configuration, headers=headers, remarks=remarks
        )

    def _shown(self) -> str:
        return ", ".join(map(str, self._files))

    def _merged(self) -> Any:
        try:
            merger = _MERGER(ENV_KUBECONFIG_PATH_SEPARATOR.join(map(str, self._files)))
        except (ConfigException, yaml.YAMLError, OSError, ValueError, AttributeError, TypeError) as error:
            raise UsageError(f"the kubeconfig {self._shown()} cannot be read: {_line(error)}") from error
        return merger.config

    def _checked_context(self, context: str) -> str:
        merged = self._merged()
        entries = merged.value.get("contexts") or ()
        known = sorted({str(entry["name"]) for entry in entries if "name" in entry})
        name = context or str(merged.value.get("current-context") or "")
        if name not in known:
            what = (
                f"the kubeconfig {self._shown()} has no context {name!r}" if name else "no context is named"
            )
            raise UsageError(what, hint=f"it has {', '.join(known) or 'none'}")
        return name

    def _user(self, merged: Any, context: Any) -> Any:
        """The user's entry, its plugin's or provider's words put in place of what would be run."""
        name = context.safe_get("user")
        node = merged["users"].get_with_name(name, safe=True) if name and "users" in merged else None
        if node is None:
            return {}
        user = dict(node.value.get("user") or {})
        folder = Path(node.path).resolve().parent if node.path else Path.cwd()
        if "auth-provider" in user:
            user = self._provider(user)
        elif "exec" in user:
            user = self._plugin(user, folder, merged, context)
        elif "tokenFile" in user and "token" not in user:
            # The library would send the line's end with it.
            user["token"] = (folder / str(user.pop("tokenFile"))).read_text(encoding="utf-8").strip()
        node.value["user"] = user
        return user

    def _provider(self, user: dict[str, Any]) -> dict[str, Any]:
        provider = user.pop("auth-provider") or {}
        token = (provider.get("config") or {}).get("id-token") if provider.get("name") == "oidc" else None
        if not token:
            raise UsageError(
                f"the context {self._context!r} signs in by an auth-provider, which kubectl has given up, too",
                hint="have it sign in by `exec` (a credential plugin), a token or a certificate",
            )
        return {**user, "token": token}

    def _plugin(self, user: dict[str, Any], folder: Path, merged: Any, context: Any) -> dict[str, Any]:
        specification = user.pop("exec")
        if not self._run_plugins:
            raise UsageError(
                f"the context {self._context!r} signs in by running {_command(specification)!r}, and --no-exec forbids it",
                hint="leave out --no-exec, or use a context with a token or a certificate",
            )
        cluster = merged["clusters"].get_with_name(context["cluster"])["cluster"].value
        status = sign_in(
            specification,
            folder=folder,
            cluster=cluster,
            time_s=self._plugin_time_s,
            allow=lambda program: self._refuse_audited(program, "the credential plugin"),
        )
        if status.token:
            user["token"] = status.token
        if status.certificate:
            user["client-certificate-data"] = base64.b64encode(status.certificate.encode()).decode()
            user["client-key-data"] = base64.b64encode(status.key.encode()).decode()
        return user

    def _impersonation(self, user: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
        """`as` and its relatives: without them more would be read than the operator meant."""
        if user.get("as-user-extra") or user.get("as-uid"):
            raise UsageError(
                f"the context {self._context!r} impersonates with as-uid or as-user-extra, which are not passed on",
                hint="impersonate by `as` and `as-groups`",
            )
        names = [("Impersonate-User", str(user["as"]))] if user.get("as") else []
        return (*names, *(("Impersonate-Group", str(group)) for group in user.get("as-groups") or ()))

    def _refuse_audited(self, path: Path, what: str) -> None:
        if self._audited is not None and path.resolve().is_relative_to(self._audited):
            raise UsageError(
                f"{what} {path} lies inside the audited repository, which must not say how it is audited",
                hint="keep it elsewhere, or record a snapshot first and give that with --snapshot",
            )


class InCluster:
    """The service account of the pod that this runs in."""

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        token: Path = Path(SERVICE_TOKEN_FILENAME),
        authority: Path = Path(SERVICE_CERT_FILENAME),
    ) -> None:
        """`environment` names the API server's address, as Kubernetes sets it in every pod."""
        self._environment, self._token, self._authority = environment, token, authority

    @property
    def name(self) -> str:
        """Nothing in a pod says what its cluster is called."""
        return "in-cluster"

    def access(self) -> Access:
        """As the protocol says; the token is read again each time, since the kubelet renews it."""
        configuration = Configuration()
        try:
            _IN_CLUSTER(
                token_filename=str(self._token),
                cert_filename=str(self._authority),
                try_refresh_token=False,
                environ=self._environment,
            ).load_and_set(configuration)
        except (ConfigException, OSError) as error:
            raise UsageError(
                f"this is no pod with a service account: {error}",
                hint="name a kubeconfig context with --context",
            ) from error
        return Access(server=configuration.host, configuration=configuration)


def kubeconfig_files(named: Path | None, environment: Mapping[str, str]) -> tuple[Path, ...]:
    """The files that kubectl would take: the one named, else those of KUBECONFIG, else ~/.kube/config."""
    if named is not None:
        return (named,)
    listed = [part for part in environment.get("KUBECONFIG", "").split(os.pathsep) if part]
    return tuple(Path(part).expanduser() for part in listed) or (Path.home() / ".kube" / "config",)


def _checked_server(configuration: Any, context: str) -> tuple[str, ...]:
    parts = urlsplit(str(configuration.host))
    if parts.scheme == "http" and _is_loopback(parts.hostname or ""):
        return ()
    if parts.scheme != "https" or not parts.hostname:
        raise ClusterError(
            f"the server of the context {context!r} is {configuration.host!r}: only https:// is asked (http:// on this "
            "machine alone)",
            hint="credentials sent over http could be read by anybody on the way",
        )
    if not configuration.verify_ssl:
        return (
            f"the context {context!r} does not check the server's certificate: nothing proves which cluster answered",
        )
    return ()


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _command(specification: Any) -> str:
    return str(specification.get("command", "")) if isinstance(specification, Mapping) else ""


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
