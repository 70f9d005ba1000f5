"""Renders charts with the real Helm, kept away from the network, the cluster and the machine.

`helm template` reads a scratch copy of a chart and nothing else of use: no HOME, no PATH, no kubeconfig, no
plugins, a proxy that refuses, no DNS, and bounds on time, output and memory.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from auditor.errors import MissingPartError, RenderError, UnknownValuesError
from auditor.manifests.rendering.interface import RendererStoppedError
from auditor.manifests.rendering.subprocesses import Completed, OverLimitError, run_bounded

MAX_MEMORY_BYTES = 2 * 1024**3
"""What one rendering may hold. The largest charts in use take a tenth of it."""

TIMEOUT_S = 30.0
_REFUSING_PROXY = "http://127.0.0.1:9"
_REFUSED = 1
"""How Helm ends where it cannot render. Another code is a crash, or a signal."""

REFUSED_BY_SCHEMA = "values don't meet the specifications of the schema"
"""What Helm says where values do not fit a chart's values.schema.json."""

_COLLECTOR = {"GOMEMLIMIT": "1GiB"}


@dataclass(frozen=True, kw_only=True, slots=True)
class HelmOptions:
    """How a release is rendered; as `helm template`'s options of these names.

    `values` are files below the scratch folder, later ones over earlier ones; `sets` are (option, argument),
    options being `set`, `set-string`, `set-literal`, `set-json` and `set-file`.
    """

    name: str
    namespace: str
    values: Sequence[str] = ()
    sets: Sequence[tuple[str, str]] = ()
    include_crds: bool = True
    kube_version: str = ""
    api_versions: Sequence[str] = ()
    is_upgrade: bool = False
    skip_tests: bool = True
    no_hooks: bool = False
    skip_schema: bool = False

    def words(self) -> list[str]:
        """The options as words of a command line."""
        words = ["--namespace", self.namespace or "default"]
        for file in self.values:
            words += ["--values", file]
        for option, argument in self.sets:
            words += [f"--{option}", argument]
        if self.kube_version:
            words += ["--kube-version", self.kube_version]
        for version in self.api_versions:
            words += ["--api-versions", version]
        flags = {
            "--include-crds": self.include_crds,
            "--is-upgrade": self.is_upgrade,
            "--skip-tests": self.skip_tests,
            "--no-hooks": self.no_hooks,
            "--skip-schema-validation": self.skip_schema,
        }
        return words + [flag for flag, is_set in flags.items() if is_set]


class HelmRenderer:
    """`helm` on PATH, else the library of the helm-python-sdk wheel."""

    name = "helm"

    def is_there(self) -> bool:
        """True where charts can be rendered."""
        return _program() is not None or _library() is not None

    def version(self) -> str:
        """As the program says it, e.g. 'helm v4.3'. Raises MissingPartError."""
        program = _found()
        if program is None:
            return f"helm-python-sdk {_library_version()}"
        completed = _run([str(program), "version", "--short"], program.parent, 65_536, 30)
        return f"helm {' '.join(completed.output.decode('utf-8', 'replace').split())}"

    def identity(self) -> str:
        """Which files the candidates for the program are, how large, and when they were written."""
        facts = ((path, path.resolve(), path.stat()) for path in _candidates())
        return " ".join(
            f"{path}:{target}:{found.st_size}:{found.st_mtime_ns}" for path, target, found in facts
        )

    def template(
        self,
        root: Path,
        chart: str,
        options: HelmOptions,
        *,
        max_bytes: int,
        timeout_s: float | None = None,
    ) -> bytes:
        """What the chart in the folder `chart` below `root` renders to, as YAML; within TIMEOUT_S unless told.

        Raises RenderError with Helm's words, RendererStoppedError over a limit, MissingPartError without Helm.
        """
        program = _found()
        if program is not None:
            command = [str(program), "template", options.name, f"./{chart}", *options.words()]
        else:
            if options.kube_version or options.api_versions:
                raise UnknownValuesError(
                    "the helm-python-sdk cannot be told which Kubernetes and which APIs a cluster has",
                    hint="install helm, or leave them out of the settings",
                )
            request = root / "request.json"
            request.write_text(json.dumps({"chart": chart, **_request(options)}), encoding="utf-8")
            command = [sys.executable, "-I", str(Path(__file__).with_name("helm_library.py")), request.name]
        completed = _run(command, root, max_bytes, timeout_s or TIMEOUT_S)
        if completed.code not in (0, _REFUSED):
            raise RendererStoppedError(
                f"Helm ended with code {completed.code}: killed, or out of the {MAX_MEMORY_BYTES // 1024**3} GiB it may hold",
                hint="the chart is too large to render, or made to be: run `helm template` on it",
            )
        if completed.code != 0:
            raise RenderError(
                f"Helm cannot render it: {_reason(completed.errors, root, chart)}",
                hint="run `helm template` with these values; nothing is fetched or looked up here",
            )
        return completed.output


HELM = HelmRenderer()
"""The one renderer of charts."""


def _request(options: HelmOptions) -> dict[str, object]:
    return {
        "name": options.name,
        "namespace": options.namespace or "default",
        "values": list(options.values),
        "sets": [list(entry) for entry in options.sets],
        "include_crds": options.include_crds,
        "kube_version": options.kube_version,
        "api_versions": list(options.api_versions),
        "is_upgrade": options.is_upgrade,
        "skip_tests": options.skip_tests,
        "no_hooks": options.no_hooks,
        "skip_schema": options.skip_schema,
    }


def _candidates() -> Iterator[Path]:
    found = shutil.which("helm")
    if found and Path(found).is_file():
        yield Path(found).absolute()
    library = _library()
    if library is not None:
        yield library


def _library() -> Path | None:
    folder = Path(sysconfig.get_path("purelib")) / "helm_python" / "lib"
    return next(iter(sorted(folder.glob("libhelm_c.*"))), None) if folder.is_dir() else None


def _library_version() -> str:
    from importlib import metadata

    return metadata.version("helm-python-sdk")


def _program() -> Path | None:
    return _program_on(os.environ.get("PATH", ""))


@lru_cache(maxsize=4)
def _program_on(path: str) -> Path | None:
    found = shutil.which("helm", path=path)
    if not found or not Path(found).is_file():
        return None
    program = Path(found).absolute()
    # A script (a version manager's shim) finds the real one in ways that an empty environment ends.
    with program.open("rb") as file:
        return None if file.read(2) == b"#!" else program


def _found() -> Path | None:
    """The program, None where the library does the work. Raises MissingPartError."""
    program = _program()
    if program is None and _library() is None:
        raise MissingPartError(
            "rendering Helm charts needs `helm`",
            hint="install Helm 3 or 4, or `pip install 'auditor[helm]'`",
        )
    return program


def _run(command: list[str], root: Path, max_bytes: int, timeout_s: float) -> Completed:
    nothing = str(root / "no-such-folder")
    environment = {
        "HOME": nothing,
        "PATH": nothing,
        "KUBECONFIG": nothing,
        "HELM_CACHE_HOME": nothing,
        "HELM_CONFIG_HOME": nothing,
        "HELM_DATA_HOME": nothing,
        "HELM_PLUGINS": nothing,
        "HELM_KUBEAPISERVER": "http://127.0.0.1:9",
        "HTTP_PROXY": _REFUSING_PROXY,
        "HTTPS_PROXY": _REFUSING_PROXY,
        "TMPDIR": str(root),
        **_COLLECTOR,
    }
    try:
        return run_bounded(
            command,
            folder=root,
            environment=environment,
            timeout_s=timeout_s,
            max_bytes=max_bytes,
            max_memory_bytes=MAX_MEMORY_BYTES,
        )
    except OverLimitError as error:
        raise RendererStoppedError(
            f"Helm was stopped: {error}", hint="the chart is too large to render, or made to be"
        ) from error
    except OSError as error:
        raise MissingPartError(f"{command[0]} does not start: {error}", hint="reinstall it") from error


def _reason(errors: str, root: Path, chart: str) -> str:
    """Helm's words without our folder and its advice to ask for more."""
    text = errors.replace(f"{root}/{chart}", "").replace(str(root), "")
    lines = [
        line for line in text.splitlines() if line.strip() and not line.startswith(("Use --debug", "level="))
    ]
    return " ".join(" ".join(lines).split()).removeprefix("Error: ")[:1000] or "no reason given"
