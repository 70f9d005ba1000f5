"""Options that name a live cluster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.errors import UsageError

if TYPE_CHECKING:
    from auditor.pipeline.live import LiveRequest

ContextsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--context", help="kubeconfig context of a live cluster, which is only read; may be repeated."
    ),
]
ContextOption = Annotated[
    str, typer.Option("--context", help="kubeconfig context of a live cluster, which is only read.")
]
KubeconfigOption = Annotated[
    Path | None,
    typer.Option("--kubeconfig", help="Where contexts are; by default KUBECONFIG, or ~/.kube/config."),
]
InClusterOption = Annotated[
    bool, typer.Option("--in-cluster", help="Ask as the service account of the pod that this runs in.")
]
NoExecOption = Annotated[
    bool, typer.Option("--no-exec", help="Run no credential plugin that the kubeconfig names.")
]
WithoutOption = Annotated[
    list[str] | None,
    typer.Option("--without", metavar="KIND", help="A kind not to read, such as Secret; may be repeated."),
]


def live_requests(
    contexts: Sequence[str],
    *,
    kubeconfig: Path | None,
    in_cluster: bool,
    no_exec: bool,
    without: Sequence[str] | None,
    cluster: str = "",
) -> list[LiveRequest]:
    """One request for each cluster that was named; [] where none was. Raises UsageError for what goes not together."""
    from auditor.pipeline.live import LiveRequest

    if not contexts and not in_cluster:
        if kubeconfig is not None:
            raise UsageError(
                "--kubeconfig alone names no cluster", hint="name a context of it with --context"
            )
        if without:
            raise UsageError("--without is for live clusters", hint="name one with --context")
        return []
    if in_cluster and contexts:
        raise UsageError("--in-cluster takes the pod's own account", hint="leave out --context")
    if len(set(contexts)) < len(contexts):
        raise UsageError("a context is given twice", hint="give each --context once")
    if cluster and len(contexts) > 1:
        raise UsageError("--cluster names one cluster", hint="several are called by their contexts")
    return [
        LiveRequest(
            context=context,
            kubeconfig=kubeconfig,
            in_cluster=in_cluster,
            run_plugins=not no_exec,
            left_out=frozenset(without or ()),
            cluster=cluster,
        )
        for context in contexts or [""]
    ]
