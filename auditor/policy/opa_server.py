"""An OPA server with the library's rules in it: found, checked, started, and ended by its process handle.

It listens on loopback at a random port and answers one path (the entry point) to one bearer token.
The rules are checked against capabilities that lack every way out (`source.FORBIDDEN_BUILTINS`) before it is asked
anything; loading a rule runs nothing of it.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from auditor.errors import EngineError, MissingPartError, PolicyError
from auditor.policy.interface import OPA_ENTRY_MODULE, OpaAddress
from auditor.policy.lifeline import end_with_parent
from auditor.policy.source import is_forbidden

if TYPE_CHECKING:
    from auditor.policy.library import Library

ABOUT_MODULE = """\
package auditor_entry

about := {{"digest": "{digest}", "version": opa.runtime().version}}
"""

_AUTHZ_MODULE = """\
package system.authz

default allow := false

allow if {{
	input.identity == "{token}"
	input.method == "POST"
	input.path in [["v1", "data", "auditor_entry", "answers"], ["v1", "data", "auditor_entry", "about"]]
}}
"""

_MEMORY_FOR_TIME = {"GOGC": "400", "GOMEMLIMIT": "256MiB"}
"""What Go keeps before it collects garbage. 20 to 28 % less processor time, measured, for 70 MB more; from the limit on
it collects as often as need be. What the environment says goes first."""

_START_SECONDS = 20.0
_CHECK_SECONDS = 60.0
_START_ATTEMPTS = 3


def find_opa() -> str:
    """The path of the `opa` program: on PATH, else in the checkout's `.tools/bin`; '' where there is none."""
    found = shutil.which("opa")
    if found:
        return found
    local = Path(__file__).resolve().parents[2] / ".tools" / "bin" / "opa"
    return str(local) if os.access(local, os.X_OK) else ""


class OpaServer:
    """An OPA server of our own. It comes up while the caller does other things; `address` waits for it.

    Use it in a thread that lives as long: Linux ends the server when the thread that started it ends.
    """

    def __init__(self, library: Library) -> None:
        """Starts it. Raises MissingPartError without `opa`."""
        self._program = find_opa()
        if not self._program:
            raise MissingPartError(
                "the OPA engine was asked for and there is no `opa` program",
                hint="put it on PATH, run `make tools` in a checkout, or use --engine embedded",
            )
        self._folder = tempfile.TemporaryDirectory(prefix="auditor-opa-")
        self._process: subprocess.Popen[bytes] | None = None
        self._address: OpaAddress | None = None
        self._refusal: Exception | None = None
        self._strict = not library.foreign_rules
        root = Path(self._folder.name)
        self._own, self._log = root / "own", root / "log"
        self._token = secrets.token_urlsafe(32)
        try:
            taken = _taken_modules(library, self._program)
            # Others' rules are checked there; where none of them is refused, that was all of it.
            is_checked = bool(library.foreign_rules) and taken is library.modules
            self._unchecked = library.foreign and not is_checked
            self._modules = _write_modules(taken, root)
            self._own.mkdir()
            (self._own / "about.rego").write_text(
                ABOUT_MODULE.format(digest=library.digest), encoding="utf-8"
            )
            (self._own / "authz.rego").write_text(_AUTHZ_MODULE.format(token=self._token), encoding="utf-8")
            self._trial = self._spawn()
        except BaseException:
            self.close()
            raise
        self._background = threading.Thread(target=self._prepare, name="checking the rules", daemon=True)
        self._background.start()

    def address(self) -> OpaAddress:
        """Where it answers, once its rules are checked and it does.

        Raises PolicyError where OPA refuses the rules, EngineError where the server does not come up.
        """
        if self._address is None:
            self._background.join()
            if self._refusal is not None:
                raise self._refusal
            self._address = self._answering()
            # The server has read them; the token need not stay on disk.
            shutil.rmtree(self._modules)
            shutil.rmtree(self._own)
        return self._address

    def close(self) -> None:
        """Ends it."""
        background = getattr(self, "_background", None)
        if background is not None:
            background.join()
        if self._process is not None:
            _end(self._process)
            self._process = None
        self._folder.cleanup()

    def _prepare(self) -> None:
        """Checks the rules while the server reads them; it is asked nothing before they are found good.

        Rules that ship with us were checked before they did.
        """
        try:
            if self._unchecked:
                check_rules(
                    self._program,
                    self._modules,
                    Path(self._folder.name) / "capabilities.json",
                    strict=self._strict,
                )
            import auditor.policy.opa  # noqa: F401 - takes 0.2 s, which pass here while others wait
        except Exception as error:
            self._refusal = error

    def _spawn(self) -> OpaAddress:
        port = _free_port()
        command = [
            *(self._program, "run", "--server", "--skip-version-check", "--log-level=error"),
            *("--authentication=token", "--authorization=basic", f"--addr=127.0.0.1:{port}"),
            *("--shutdown-grace-period=1", str(self._modules), str(self._own)),
        ]
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**_MEMORY_FOR_TIME, **os.environ},
                preexec_fn=end_with_parent(),
            )
        return OpaAddress(f"http://127.0.0.1:{port}", self._token)

    def _answering(self) -> OpaAddress:
        """The address of a server that answers; another port where somebody was quicker."""
        address = self._trial
        for attempt in range(_START_ATTEMPTS):
            if attempt:
                address = self._spawn()
            assert self._process is not None  # noqa: S101 - it was just started
            if _ready(self._process, address):
                return address
            _end(self._process)
        last = self._log.read_text(encoding="utf-8", errors="replace").strip()[-400:]
        raise EngineError(f"the OPA server did not come up: {last}", hint="`auditor doctor` tries it alone")


@contextlib.contextmanager
def running_server(library: Library) -> Iterator[OpaAddress]:
    """An OPA server of our own for the length of the block.

    Raises MissingPartError without `opa`, PolicyError where it refuses the rules, EngineError where it
    does not come up.
    """
    with contextlib.closing(OpaServer(library)) as server:
        yield server.address()


def program_version() -> str:
    """The version of the `opa` program, as its server would tell it. Raises MissingPartError, EngineError."""
    program = find_opa()
    if not program:
        raise MissingPartError("there is no `opa` program", hint="`auditor doctor` tells how to get it")
    found = re.search(rb"^Version: (\S+)$", _run([program, "version"]).stdout, re.MULTILINE)
    if found is None:
        raise EngineError("`opa version` does not tell a version", hint="`auditor doctor` tries it alone")
    return found[1].decode()


def upload(library: Library, address: OpaAddress) -> None:
    """Put the rules into a configured OPA server, unless it holds exactly these.

    The server is taken to be ours alone: modules under the id `auditor/` are replaced.
    """
    from auditor.policy.opa import BatchClient

    client = BatchClient.at(address)
    try:
        about = client.about()
        if about is not None and about.get("digest") == library.digest:
            return
        program = find_opa()
        modules = {
            **(_taken_modules(library, program) if program else library.modules),
            "auditor_entry.rego": OPA_ENTRY_MODULE,
            "auditor_about.rego": ABOUT_MODULE.format(digest=library.digest),
        }
        client.replace_modules(modules)
    finally:
        client.close_connection()


def check_rules(program: str, modules: Path, capabilities: Path, *, strict: bool = True) -> None:
    """Let OPA compile the rules with the capabilities that they may have; PolicyError where it refuses.

    `strict` also refuses what is only careless (unused variables): for our own rules.
    """
    reason = _refusal(program, modules, capabilities, strict=strict)
    if reason:
        raise PolicyError(f"OPA refuses the rules: {reason}", hint="`auditor policy lint` says more")


def _refusal(program: str, modules: Path, capabilities: Path, *, strict: bool) -> str:
    allowed = orjson.loads(_run([program, "capabilities", "--current"]).stdout)
    allowed["builtins"] = [entry for entry in allowed["builtins"] if not is_forbidden(entry["name"])]
    allowed["allow_net"] = []
    capabilities.write_bytes(orjson.dumps(allowed))
    options = ["--strict"] if strict else []
    checked = _run([program, "check", *options, "--capabilities", str(capabilities), str(modules)])
    if checked.returncode == 0:
        return ""
    text = (checked.stderr or checked.stdout).decode(errors="replace").replace(f"{modules}/", "")
    return text.strip() or f"opa check ended with {checked.returncode}"


def _taken_modules(library: Library, program: str) -> Mapping[str, str]:
    """The library's modules; foreign ones that OPA refuses are replaced by rules that say so."""
    return refused_rules(library, program)[0]


def refused_rules(library: Library, program: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The modules that a server gets, and what OPA says against each foreign rule that it refuses, by id."""
    if not library.foreign_rules:
        return library.modules, {}
    from auditor.policy.foreign.compiling import taken_modules

    def refusal(modules: Mapping[str, str]) -> str:
        with tempfile.TemporaryDirectory(prefix="auditor-opa-") as name:
            root = Path(name)
            return _refusal(program, _write_modules(modules, root), root / "capabilities.json", strict=False)

    return taken_modules(library, "OPA", refusal)


def _write_modules(modules: Mapping[str, str], root: Path) -> Path:
    folder = root / "modules"
    for name, text in {**modules, "auditor_entry.rego": OPA_ENTRY_MODULE}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def _run(command: list[str]) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(command, capture_output=True, timeout=_CHECK_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineError(f"`opa {command[1]}` did not run: {error}") from error


def _ready(process: subprocess.Popen[bytes], address: OpaAddress) -> bool:
    from auditor.policy.opa import BatchClient

    client = BatchClient.at(address)
    deadline = time.monotonic() + _START_SECONDS
    try:
        while process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(EngineError):
                if client.about():
                    return True
            time.sleep(0.02)
        return False
    finally:
        client.close_connection()


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()
