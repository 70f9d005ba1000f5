"""`auditor doctor --context`: whether a cluster can be read, what may not be listed there, which role would let it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer
import yaml

from auditor.cli.streams import print_data
from auditor.cli.terminal import output, plain, print_json, remarks
from auditor.errors import ExitCode

if TYPE_CHECKING:
    from auditor.cluster.live.rights import Rights
    from auditor.pipeline.live import LiveRequest


def examine(request: LiveRequest, *, as_json: bool, rbac: bool) -> None:
    """Prints what was found; exits with 3 where a kind may not be listed or is not known."""
    from auditor.cluster.live.rights import roles_for
    from auditor.pipeline.live import examine_cluster

    rights = examine_cluster(request)
    if rbac:
        kinds = [*rights.readable, *(kind for kind, _ in rights.refused)]
        text = yaml.safe_dump_all(roles_for(kinds), sort_keys=False, explicit_start=True)
        print_data(text.encode())
        _complain(rights)
    elif as_json:
        print_json(_json(rights))
    else:
        _print(rights)
    if rights.refused or rights.unknown:
        raise typer.Exit(ExitCode.INCOMPLETE)


def _json(rights: Rights) -> dict[str, Any]:
    return {
        "version": 1,
        "cluster": rights.cluster,
        "server": rights.server,
        "kubernetes_version": rights.kubernetes_version,
        "readable": [{"group": kind.group, "kind": kind.kind} for kind in rights.readable],
        "refused": [
            {"group": kind.group, "kind": kind.kind, "resource": kind.resource, "reason": reason}
            for kind, reason in rights.refused
        ],
        "unknown": [
            {"group": unread.group, "kind": unread.kind, "reason": unread.reason} for unread in rights.unknown
        ],
        "remarks": list(rights.remarks),
    }


def _print(rights: Rights) -> None:
    console = output()
    version = plain(rights.kubernetes_version) or "a version that it does not tell"
    console.print(f"ok       {plain(rights.cluster)} at {plain(rights.server)} answers; Kubernetes {version}")
    console.print(f"ok       {len(rights.readable)} kinds can be listed")
    for kind, reason in rights.refused:
        console.print(f"MISSING  list {plain(kind.resource)} ({plain(kind.api_version)}): {plain(reason)}")
    for unread in rights.unknown:
        console.print(f"UNKNOWN  {plain(str(unread))}: {plain(unread.reason)}")
    _complain(rights)


def _complain(rights: Rights) -> None:
    for remark in rights.remarks:
        remarks().print(f"note: {plain(remark)}")
    if rights.refused:
        remarks().print(
            f"{len(rights.refused)} kinds cannot be listed: `auditor doctor --context … --rbac` prints the roles that"
            " let them be, --without leaves a kind out on purpose"
        )
