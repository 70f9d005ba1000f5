"""The one error tree: every error that a user can meet, with its way out and its exit code.

Exit codes are part of the command-line contract: 0 nothing at or over the threshold, 1 findings,
2 wrong usage or configuration, 3 incomplete (something could not be evaluated).
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process says to its caller."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    INCOMPLETE = 3


class AuditorError(Exception):
    """Base of every error raised on purpose.

    `message` names what is wrong and where; `hint` says what the user can do about it.
    """

    exit_code = ExitCode.INCOMPLETE

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class UsageError(AuditorError):
    """The command line or a value on it is wrong."""

    exit_code = ExitCode.USAGE


class ConfigurationError(AuditorError):
    """`auditor.yaml`, or a parameter in it, is wrong."""

    exit_code = ExitCode.USAGE


class MissingPartError(AuditorError):
    """A program or Python package that this command needs is not installed."""

    exit_code = ExitCode.USAGE


class NotAvailableError(AuditorError):
    """The command exists in the contract and does nothing yet."""

    exit_code = ExitCode.USAGE


class GitError(AuditorError):
    """git failed, or the repository cannot be read."""


class IncompleteHistoryError(GitError):
    """The history is shallow, grafted or lacks objects, so no statement about it would be whole."""


class ManifestError(AuditorError):
    """A manifest or a tree of manifests cannot be read."""


class RenderError(ManifestError):
    """A renderer (Kustomize, Helm) failed or ran over a limit."""


class RemoteReferenceError(RenderError):
    """Rendering would have to fetch something; nothing is fetched while auditing."""


class MissingChartError(RenderError):
    """A chart has to be fetched before it can be rendered; `auditor fetch-charts` does that."""


class UnknownValuesError(RenderError):
    """A chart does not render without values that git does not hold: a Secret's, a cluster's."""


class RestrictedReferenceError(RenderError):
    """Rendering would have to read a file outside the folder that is rendered; only folders may be taken in."""


class MissingFolderError(RenderError):
    """The folder that is to be rendered is not in its tree."""


class PolicyError(AuditorError):
    """A rule, its metadata or its parameters are wrong."""

    exit_code = ExitCode.USAGE


class EngineError(AuditorError):
    """The policy engine did not answer, or answered something that is not a verdict."""


class FetchError(AuditorError):
    """Something that was to be fetched from the network was not, or is not what it should be."""


class SnapshotError(AuditorError):
    """A cluster snapshot cannot be read."""

    exit_code = ExitCode.USAGE


class ClusterError(AuditorError):
    """A live cluster cannot be reached, does not let us in, or answers nothing that can be used."""


class ForgeError(AuditorError):
    """A forge did not answer, or answered something that is not whole; what it told before is kept."""


class StoreError(AuditorError):
    """The database cannot be opened, migrated or written."""


class MissingDatabaseError(StoreError):
    """There is no audit database where one was named."""

    exit_code = ExitCode.USAGE


class QueryError(AuditorError):
    """An ad-hoc query is wrong or ran over a limit."""

    exit_code = ExitCode.USAGE


class TrailError(AuditorError):
    """The trail does not agree with what it is checked against."""
