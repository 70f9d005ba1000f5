"""Live clusters, wired: whose kubeconfig, which key, what is not worth reading."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.cluster.interface import ClusterSource
from auditor.crosscheck.noise import EXCLUDED_KINDS
from auditor.errors import AuditorError, MissingPartError, UsageError
from auditor.manifests.secrets import Redactor
from auditor.model import Snapshot
from auditor.pipeline.progress import Progress, Silent
from auditor.pipeline.state import redaction_key, state_folder

if TYPE_CHECKING:
    from auditor.cluster.live.accounts import Account
    from auditor.cluster.live.discovery import ServedKind
    from auditor.cluster.live.rights import Rights

NOT_READ = EXCLUDED_KINDS - {("", "Node")}
"""Kinds that the cross-check makes nothing of. Nodes own static pods, so whether one is there matters."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveRequest:
    """Which cluster, as whom. `context` '' is the kubeconfig's current one.

    `left_out` are kinds that are not to be read, as `Secret` or `group/Kind`. `cluster` names the cluster where the
    context's name is not its own.
    """

    context: str = ""
    kubeconfig: Path | None = None
    in_cluster: bool = False
    run_plugins: bool = True
    left_out: frozenset[str] = frozenset()
    cluster: str = ""

    @property
    def shown(self) -> str:
        """What messages call it."""
        return self.cluster or self.context or ("in-cluster" if self.in_cluster else "the current context")


@dataclass(frozen=True, kw_only=True, slots=True)
class Recording:
    """What became of recording one cluster: the snapshot without its objects, or why there is none."""

    request: LiveRequest
    path: Path
    snapshot: Snapshot | None
    failure: AuditorError | None = None


def live_source(
    request: LiveRequest,
    redactor: Redactor,
    *,
    location: str = "",
    now: Callable[[], datetime],
    progress: Progress | None = None,
) -> ClusterSource:
    """The live cluster. `location` is the audited repository: a kubeconfig inside it is refused.

    Raises MissingPartError without the `cluster` extra, UsageError for a wrong context.
    """
    account = _account(request, location)
    from auditor.cluster.live.cluster import LiveCluster, Reading

    shown = progress or Silent()

    def on_page(kind: ServedKind, count: int) -> None:
        shown.advance(1)

    return LiveCluster(
        account,
        Reading(
            digest=redactor.digest,
            redact=redactor.redact,
            cluster=request.cluster,
            skipped=NOT_READ,
            left_out=request.left_out,
            now=now,
            on_page=on_page,
        ),
    )


def record_clusters(
    requests: Sequence[LiveRequest],
    out: Path,
    *,
    database: Path,
    now: Callable[[], datetime],
    progress: Progress,
) -> list[Recording]:
    """Records each cluster into a file: `out` for one, `out/<name>.json.gz` for several, which are read at once.

    One that cannot be recorded does not keep the others from it. The digests of secret values are keyed with the key
    beside `database`. Raises UsageError for a wrong context, before anything is read.
    """
    redactor = Redactor(redaction_key(state_folder(database)))
    accounts = [_account(request, "") for request in requests]
    if len(requests) == 1:
        paths = [out]
    else:
        paths = [
            out / f"{_file_name(request, account)}.json.gz"
            for request, account in zip(requests, accounts, strict=True)
        ]
        if len(set(paths)) < len(paths):
            raise UsageError("two of the clusters have the same name", hint="record them one by one")
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{out} is no folder for several recordings: {error.strerror}") from error
    progress.stage("reading the cluster" if len(requests) == 1 else "reading the clusters", None, "pages")

    def record(number: int) -> Recording:
        return _record(requests[number], accounts[number], paths[number], redactor, now, progress)

    with ThreadPoolExecutor(max_workers=min(8, len(requests))) as threads:
        return list(threads.map(record, range(len(requests))))


def examine_cluster(request: LiveRequest) -> Rights:
    """What may be listed there. Raises as `live_source` does, and ClusterError where nothing can be asked."""
    account = _account(request, "")
    from auditor.cluster.live.rights import examine_rights

    return examine_rights(account, skipped=NOT_READ, left_out=request.left_out)


def _record(
    request: LiveRequest,
    account: Account,
    path: Path,
    redactor: Redactor,
    now: Callable[[], datetime],
    progress: Progress,
) -> Recording:
    from auditor.cluster.live.cluster import LiveCluster, Reading

    reading = Reading(
        digest=redactor.digest,
        redact=redactor.redact,
        cluster=request.cluster,
        skipped=NOT_READ,
        left_out=request.left_out,
        now=now,
        on_page=lambda kind, count: progress.advance(1),
    )
    cluster = LiveCluster(account, reading)
    named = replace(request, cluster=cluster.name)
    try:
        snapshot = cluster.record(path)
    except AuditorError as error:
        return Recording(request=named, path=path, snapshot=None, failure=error)
    return Recording(request=named, path=path, snapshot=snapshot)


def _account(request: LiveRequest, location: str) -> Account:
    if any(util.find_spec(name) is None for name in ("kubernetes", "stamina")):
        raise MissingPartError(
            "reading a live cluster needs packages that are not installed",
            hint="pip install 'auditor[cluster]'",
        )
    from auditor.cluster.live.accounts import InCluster, KubeconfigContext, kubeconfig_files

    if request.in_cluster:
        if request.context or request.kubeconfig:
            raise UsageError(
                "--in-cluster takes the pod's own account", hint="leave out --context and --kubeconfig"
            )
        return InCluster(os.environ)
    folder = Path(location) if location else None
    return KubeconfigContext(
        request.context,
        kubeconfig_files(request.kubeconfig, os.environ),
        run_plugins=request.run_plugins,
        audited=folder if folder is not None and folder.is_dir() else None,
    )


def _file_name(request: LiveRequest, account: Account) -> str:
    name = request.cluster or account.name
    return (
        "".join(letter if letter.isalnum() or letter in "-_.@" else "_" for letter in name).lstrip(".") or "_"
    )
