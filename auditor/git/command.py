"""The one way git is run: no configuration but ours, no prompt, no hook, a time limit.

The audited repository is hostile: its `.git/config`, hooks and attributes are never read by a git
process of ours except `upload-pack`, which git documents as safe on untrusted repositories
(git(1), "Security"), and which reads it once to fill a private mirror.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from auditor.errors import GitError, MissingPartError

TIME_LIMIT_S = 60.0
"""For calls that answer at once; fetching and whole-history reading give their own."""

_KEPT = ("PATH", "HOME", "TMPDIR", "SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR", "LD_LIBRARY_PATH")

_CONFIG = """\
[core]
\thooksPath = /dev/null
\tfsmonitor = false
\tsymlinks = false
\tattributesFile = /dev/null
\texcludesFile = /dev/null
\tpager = cat
[protocol]
\tallow = never
[protocol "file"]
\tallow = always
[protocol "https"]
\tallow = always
[protocol "ssh"]
\tallow = always
[fetch]
\trecurseSubmodules = false
[gc]
\tauto = 0
[maintenance]
\tauto = false
[diff]
\trenames = true
[log]
\tshowSignature = false
[transfer]
\tcredentialsInUrl = die
"""


class Git:
    """Runs git with a configuration file of its own in `state`, which must be ours to write.

    `safe` are the repositories, by absolute path, that git may read although somebody else owns them.
    """

    def __init__(self, state: Path, *, safe: Sequence[Path] = ()) -> None:
        state.mkdir(parents=True, exist_ok=True)
        self._config = state / "gitconfig"
        safe_lines = "".join(f"\tdirectory = {_quoted(str(path))}\n" for path in safe)
        text = _CONFIG + (f"[safe]\n{safe_lines}" if safe_lines else "")
        content = os.fsencode(text)
        if not self._config.exists() or self._config.read_bytes() != content:
            # Atomic: two commands on one database may start at the same moment.
            draft = state / f"gitconfig.{os.getpid()}"
            draft.write_bytes(content)
            draft.replace(self._config)

    def environment(self) -> dict[str, str]:
        """The environment of every git process."""
        return {name: os.environ[name] for name in _KEPT if name in os.environ} | {
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": str(self._config),
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "/bin/false",
            "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
        }

    def run(
        self,
        *arguments: str,
        repository: Path | None = None,
        stdin: bytes | IO[bytes] = b"",
        time_limit_s: float = TIME_LIMIT_S,
        accepted: Collection[int] = (0,),
    ) -> bytes:
        """Standard output of `git ARGUMENTS`; `stdin` is what it reads, or an open file of that.

        Raises GitError with git's own words where it ends with another code than the `accepted` ones or takes longer
        than the limit.
        """
        command = self._command(arguments, repository)
        text, file = (stdin, None) if isinstance(stdin, bytes) else (None, stdin)
        try:
            done = subprocess.run(
                command,
                input=text,
                stdin=file,
                capture_output=True,
                env=self.environment(),
                timeout=time_limit_s,
                check=False,
            )
        except FileNotFoundError as error:
            raise _no_git() from error
        except subprocess.TimeoutExpired as error:
            raise GitError(f"git {arguments[0]} did not end within {time_limit_s:.0f} s") from error
        if done.returncode not in accepted:
            raise GitError(f"git {arguments[0]} failed: {_last_words(done.stderr)}")
        return done.stdout

    @contextmanager
    def stream(
        self, *arguments: str, repository: Path, stdin: int | IO[bytes] | None = subprocess.DEVNULL
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A running git whose standard output is read as it comes; killed when the block is left early.

        Raises GitError at the end of the block where git failed by itself.
        """
        # Standard error goes to a file and not to a pipe that nobody empties while we read the output.
        with tempfile.TemporaryFile() as words:
            try:
                process = subprocess.Popen(
                    self._command(arguments, repository),
                    stdin=stdin,
                    stdout=subprocess.PIPE,
                    stderr=words,
                    env=self.environment(),
                )
            except FileNotFoundError as error:
                raise _no_git() from error
            try:
                yield process
                if process.stdin is not None and not process.stdin.closed:
                    process.stdin.close()
                if process.wait(timeout=TIME_LIMIT_S) != 0:
                    words.seek(0)
                    raise GitError(f"git {arguments[0]} failed: {_last_words(words.read())}")
            finally:
                if process.poll() is None:
                    process.kill()
                    process.wait()
                for pipe in (process.stdin, process.stdout):
                    if pipe is not None:
                        pipe.close()

    def _command(self, arguments: Sequence[str], repository: Path | None) -> list[str]:
        where = ["--git-dir", str(repository)] if repository is not None else []
        return ["git", "--no-pager", *where, *arguments]


def version(environment: Mapping[str, str] | None = None) -> str:
    """The installed git's version, such as '2.39.5'; raises MissingPartError where there is none."""
    try:
        done = subprocess.run(
            ["git", "version"], capture_output=True, check=False, timeout=TIME_LIMIT_S, env=environment
        )
    except FileNotFoundError as error:
        raise _no_git() from error
    return done.stdout.decode("utf-8", "replace").split()[-1]


def _no_git() -> MissingPartError:
    return MissingPartError("git is not installed", hint="install git 2.34 or newer and have it on PATH")


def _last_words(stderr: bytes) -> str:
    lines = [line for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    return " / ".join(lines[-3:])[:600] or "it gave no reason"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
