"""Every type that passes between stages.

Frozen and keyword-only, tuples instead of lists: what one stage hands over, no other stage changes.
Nothing in here reads a file, a clock or the network. Times are timezone-aware; shas are 40 (or 64)
lower-case hex digits; paths are those of the repository, '/'-separated, relative to its root.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

JsonObject = Mapping[str, Any]

UNKNOWN_ENVIRONMENT = "default"
"""The environment of a path for which neither configuration nor convention names one."""


class Severity(StrEnum):
    """How bad a finding is. `rank` orders them, 0 is the mildest."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for low to 3 for critical."""
        return list(Severity).index(self)

    def at_least(self, threshold: Severity) -> bool:
        """True where this severity is the threshold or worse."""
        return self.rank >= threshold.rank


class Outcome(StrEnum):
    """The four verdicts. Skipped and error are never a pass."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    SKIPPED = "skipped"
    ERROR = "error"


class ActorKind(StrEnum):
    """Who a commit comes from, by registry; a name alone proves nothing."""

    PERSON = "person"
    BOT = "bot"
    AUTOMATION = "automation"
    FORGE = "forge"


class ChangeKind(StrEnum):
    """What happened to a file in a commit."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"
    RENAMED = "renamed"


# --- git -----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """An author or committer as the commit claims it. `at` keeps the zone that was claimed."""

    name: str
    email: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Commit:
    """One commit reachable from the audited tip.

    `landed` is true on the first-parent chain, where `position` counts from 0 at the root; both
    `position` and `landed` say nothing about side branches (position None).
    `signature_format` is '' | 'openpgp' | 'ssh' | 'x509'; `signature_status` 'none' where there is no
    signature, 'unchecked' where no trust store was configured.
    """

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Identity
    committer: Identity
    subject: str
    body: str
    landed: bool
    position: int | None
    actor_kind: ActorKind
    pull_request: str
    signature_format: str
    signature_status: str
    signer: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FileChange:
    """One file changed by a commit against its first parent.

    `old_blob`/`new_blob` are '' where the file did not exist; modes are git's octal text ('100644').
    """

    sha: str
    path: str
    old_path: str
    change: ChangeKind
    old_blob: str
    new_blob: str
    old_mode: str
    new_mode: str
    landed: bool


# --- manifests -----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class ResourceId:
    """group/kind/namespace/name: a resource's name, whichever file or API version holds it.

    The core group is ''. `namespace` is '' for cluster-scoped resources and where the file names none.
    """

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        kind = f"{self.group}/{self.kind}" if self.group else self.kind
        name = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{kind} {name}".rstrip()


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """One Kubernetes object out of a file, independent of where that file stands.

    `manifest` is redacted: no secret value is in it. `digest` is the SHA-256 (hex) of its canonical
    JSON, so equal documents have equal digests wherever they come from. `index` counts the YAML
    documents of the file from 0; `item` counts inside a `List` (else None); `line` is 1-based.
    """

    index: int
    item: int | None
    line: int
    api_version: str
    kind: str
    namespace: str
    name: str
    manifest: JsonObject
    digest: str

    @property
    def id(self) -> ResourceId:
        """The identity without environment."""
        group = self.api_version.rpartition("/")[0]
        return ResourceId(group=group, kind=self.kind, namespace=self.namespace, name=self.name)


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Why a file, or a document in it, could not be read as kubectl would read it.

    `code` is one of 'syntax', 'duplicate-key', 'null-key', 'unsupported-value', 'not-utf8',
    'limit', 'template'. Only 'template' is no finding: the file is made to be rendered first.
    """

    code: str
    message: str
    line: int
    column: int
    document: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ParsedBlob:
    """All that one blob's bytes say, whatever its path.

    `fragments` are the paths (as written, relative to the file) that a kustomization uses as pieces
    and not as resources: patches, replacements, values, generator files.
    """

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]
    is_kustomization: bool = False
    fragments: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """A document in its place: a path, an environment, and what it was rendered from ('' if raw).

    `sources` are the files that a rendered resource was made of, where that is known.
    """

    environment: str
    path: str
    document: Document
    rendered_from: str = ""
    sources: tuple[str, ...] = ()

    @property
    def id(self) -> ResourceId:
        """The identity without environment."""
        return self.document.id


class SourceTree(Protocol):
    """A tree of files, at a commit or on disk; symlinks and submodules are not in it."""

    def paths(self) -> Iterable[str]:
        """Every regular file's path, sorted."""
        ...

    def read(self, path: str) -> bytes:
        """The file's bytes; KeyError where there is none."""
        ...


# --- verdicts and findings -----------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What one rule says about one document, where that is not simply 'pass'.

    `pointer` is by list key (`spec.template.spec.containers[name=web].image`), '' for the whole
    resource. `details` goes to the reader as it is (redacted input makes redacted details).
    """

    rule_id: str
    outcome: Outcome
    pointer: str
    message: str
    details: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """Every verdict on one document.

    `evaluated` are the ids of the rules that gave an answer; a rule in it without a verdict passed.
    """

    digest: str
    evaluated: tuple[str, ...]
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleInfo:
    """What is known of a rule without running it. `kinds` empty means that it is not about resources."""

    id: str
    title: str
    description: str
    severity: Severity
    category: str
    kinds: tuple[str, ...]
    remediation: str
    since: str
    related: tuple[str, ...] = ()
    controls: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """A person or program as some evidence names it."""

    name: str
    email: str = ""
    kind: ActorKind = ActorKind.PERSON

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>" if self.email else self.name


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One violation with one lifetime.

    `id` is the fingerprint: rule, environment, resource identity and pointer by list key, never a
    line or a message. A violation that comes back after it was fixed is a new `occurrence` of the
    same id. `opened_*` is when the violation landed; `detected_at` when a run first said so.
    """

    id: str
    occurrence: int
    rule_id: str
    severity: Severity
    source: str
    environment: str
    api_version: str
    kind: str
    namespace: str
    name: str
    path: str
    line: int
    pointer: str
    message: str
    opened_sha: str
    opened_position: int | None
    fixed_sha: str
    fixed_position: int | None
    digest: str


# --- cluster -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveObject:
    """One object of a cluster, as the API gave it; Secret values already replaced by keyed digests."""

    cluster: str
    id: ResourceId
    api_version: str
    manifest: JsonObject


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """The recorded state of one cluster.

    `kinds` are the group/kinds that were listed completely: only for them does absence mean deleted.
    `taken_at` is None where the recording does not say.
    """

    cluster: str
    taken_at: datetime | None
    kubernetes_version: str
    kinds: frozenset[tuple[str, str]]
    objects: tuple[LiveObject, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DeclaredVersion:
    """One version of a declared resource in landing order; `manifest` None where it was absent."""

    sha: str
    at: datetime
    by: Actor
    manifest: JsonObject | None


class DeclaredHistory(Protocol):
    """What git declared for a resource over time."""

    def versions(self, resource: Resource) -> Sequence[DeclaredVersion]:
        """Every distinct version, oldest first; the last is what is declared now."""
        ...

    def removed(self) -> Iterator[tuple[Resource, DeclaredVersion]]:
        """Resources that git once declared and declares no more, with the version that removed them."""
        ...


class DriftVerdict(StrEnum):
    """What a difference between git and the cluster means."""

    STALE = "stale"
    UNAUTHORISED = "unauthorised"
    ADDED = "added"
    UNPRUNED = "unpruned"
    DELETED = "deleted"
    ORPHAN = "orphan"
    UNMANAGED = "unmanaged"


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """One difference. `declared` and `live` are JSON texts ('' where there is no value).

    `pointer` is by list key, '' for a whole object. `matches_commit` is the landed commit whose
    version the live object equals. `confidence` is 'high' | 'medium' | 'low' for `actor`.
    `declared_sha` is the landed commit that last set the declared value, `declared_by` its author.
    """

    cluster: str
    id: ResourceId
    api_version: str
    pointer: str
    declared: str
    live: str
    verdict: DriftVerdict
    severity: Severity
    manager: str
    changed_at: datetime | None
    actor: str
    evidence: str
    confidence: str
    matches_commit: str
    declared_sha: str
    declared_by: str
    declared_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Unknown:
    """Something that could not be compared, and why; never counted as equal."""

    id: ResourceId | None
    reason: str
