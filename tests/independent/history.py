"""Every commit of a repository, told by git alone and compared state by state.

For each commit the whole tree is listed, every manifest in it is read, and the state before is held against the
state after. Nothing is carried from one commit to the next but what is remembered of equal bytes, and what stood in a
file that cannot be read any more: as nobody knows what stands there now, that does.
"""

from __future__ import annotations

import os
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from independent.fields import changes, json_text
from independent.reading import KUSTOMIZE, hides_something, objects
from independent.roles import Roles, environment, may_hold_manifests, named_kustomization, roles_of
from independent.secret_values import plain_secrets

REGULAR = ("100644", "100755", "100664")


class Commit(NamedTuple):
    """As `git log` tells it; times in seconds."""

    sha: str
    parents: tuple[str, ...]
    landed: bool
    position: int | None
    landed_in: str
    author_name: str
    author_email: str
    authored_at: int
    committer_name: str
    committer_email: str
    committed_at: int
    subject: str
    body: str
    signature_format: str


class FileChange(NamedTuple):
    """As `git diff-tree` tells it, against the first parent."""

    sha: str
    path: str
    old_path: str
    change: str
    old_blob: str
    new_blob: str
    old_mode: str
    new_mode: str
    landed: bool


class ResourceChange(NamedTuple):
    """A row of the view `resource_changes`, without its digests."""

    sha: str
    landed: bool
    path: str
    old_path: str
    environment: str
    api_version: str
    kind: str
    namespace: str
    name: str
    change: str


class FieldChange(NamedTuple):
    """A row of the view `field_changes`; values are JSON text, not redacted."""

    sha: str
    landed: bool
    path: str
    environment: str
    api_version: str
    kind: str
    namespace: str
    name: str
    pointer: str
    old_value: str | None
    new_value: str | None


class Identity(NamedTuple):
    """What makes a resource the same resource in two states."""

    environment: str
    group: str
    kind: str
    namespace: str
    name: str


@dataclass(frozen=True)
class Instance:
    """One place where a resource stands. `content` is equal where nothing that matters differs."""

    path: str
    order: int
    content: str
    manifest: dict[str, Any]


State = dict[Identity, list[Instance]]
Objects = list[tuple[dict[str, Any], str]]
"""Objects of a file in order, each with what is equal where nothing that matters differs."""


class Repository:
    """Answers of git about one repository. `tip` is what is audited."""

    def __init__(self, folder: Path, revision: str = "HEAD") -> None:
        self.folder = folder
        self._cat: subprocess.Popen[bytes] | None = None
        self.tip = self.git("rev-parse", "--verify", f"{revision}^{{commit}}").decode().strip()
        self.line = self.git("rev-list", "--first-parent", "--reverse", self.tip).decode().split()
        self.positions = {sha: position for position, sha in enumerate(self.line)}
        self.parents = {
            sha: tuple(parents)
            for sha, *parents in map(
                str.split, self.git("rev-list", "--parents", self.tip).decode().splitlines()
            )
        }
        self.shas = self.git("rev-list", "--topo-order", "--reverse", self.tip).decode().split()
        self.objects = lru_cache(maxsize=30_000)(self._objects)
        self.hides_something = lru_cache(maxsize=30_000)(lambda blob: hides_something(self.content(blob)))
        self._kept: dict[tuple[str, str], Objects] = {}
        self.state = lru_cache(maxsize=50)(self._state)
        self.roles = lru_cache(maxsize=50)(self._roles)
        self.tree = lru_cache(maxsize=50)(self._tree)
        self.landings = self.landed_in()

    def git(self, *arguments: str) -> bytes:
        """Standard output of git."""
        return subprocess.run(
            ["git", "-c", "core.quotePath=true", *arguments],
            cwd=self.folder,
            env=plain_environment(),
            capture_output=True,
            check=True,
        ).stdout

    def close(self) -> None:
        """Ends git."""
        if self._cat is not None:
            self._cat.communicate()

    def content(self, sha: str) -> bytes:
        """An object's bytes."""
        if self._cat is None:
            self._cat = subprocess.Popen(
                ["git", "cat-file", "--batch"],
                cwd=self.folder,
                env=plain_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        assert self._cat.stdin is not None
        assert self._cat.stdout is not None
        self._cat.stdin.write(sha.encode() + b"\n")
        self._cat.stdin.flush()
        size = int(self._cat.stdout.readline().split()[2])
        return self._cat.stdout.read(size + 1)[:-1]

    # What git itself tells ------------------------------------------------------------------------------------

    def commits(self) -> Iterator[Commit]:
        """Every commit that the tip reaches."""
        form = "%x00".join(("%H", "%an", "%ae", "%at", "%cn", "%ce", "%ct", "%B"))
        told = self.git("log", "-z", "--encoding=UTF-8", "--no-mailmap", f"--format=tformat:{form}", self.tip)
        parts = told.decode("utf-8", "replace").split("\0")
        for at in range(0, len(parts) - 1, 8):
            sha, name, email, authored, committer, committer_email, committed, message = parts[at : at + 8]
            subject, _, body = message.strip().partition("\n")
            yield Commit(
                sha=sha,
                parents=self.parents[sha],
                landed=sha in self.positions,
                position=self.positions.get(sha),
                landed_in=self.landings[sha],
                author_name=name,
                author_email=email,
                authored_at=int(authored),
                committer_name=committer,
                committer_email=committer_email,
                committed_at=int(committed),
                subject=subject.rstrip(),
                body=body.strip("\r\n"),
                signature_format=self.signature_format(sha),
            )

    def landed_in(self) -> dict[str, str]:
        """For every commit the first on the line that reaches it."""
        found: dict[str, str] = {}
        for sha in self.line:
            waiting = [sha]
            while waiting:
                commit = waiting.pop()
                if commit not in found:
                    found[commit] = sha
                    waiting.extend(self.parents[commit])
        return found

    def signature_format(self, sha: str) -> str:
        """What the commit's header holds."""
        head = self.content(sha).split(b"\n\n", 1)[0]
        for line in head.split(b"\n"):
            name, _, value = line.partition(b" ")
            if name in (b"gpgsig", b"gpgsig-sha256"):
                for begin, form in (
                    (b"-----BEGIN PGP", "openpgp"),
                    (b"-----BEGIN SSH SIGNATURE", "ssh"),
                    (b"-----BEGIN SIGNED MESSAGE", "x509"),
                ):
                    if value.startswith(begin):
                        return form
                return "unknown"
        return ""

    def file_changes(self, sha: str) -> Iterator[FileChange]:
        """What one commit did to files, against its first parent."""
        against = [self.parents[sha][0], sha] if self.parents[sha] else ["--root", sha]
        told = self.git("diff-tree", "-r", "--raw", "-z", "-M", "--no-abbrev", "--no-commit-id", *against)
        tokens = iter(told.split(b"\0"))
        for token in tokens:
            if not token:
                continue
            old_mode, new_mode, old_blob, new_blob, status = token.decode().lstrip(":").split(" ")
            change = {"A": "added", "D": "deleted", "R": "renamed"}.get(status[0], "modified")
            path = path_text(next(tokens))
            old_path = ""
            if change == "renamed":
                old_path, path = path, path_text(next(tokens))
            yield FileChange(
                sha=sha,
                path=path,
                old_path=old_path,
                change=change,
                old_blob="" if change == "added" else old_blob,
                new_blob="" if change == "deleted" else new_blob,
                old_mode="" if change == "added" else old_mode,
                new_mode="" if change == "deleted" else new_mode,
                landed=sha in self.positions,
            )

    # What the manifests tell ----------------------------------------------------------------------------------

    def _objects(self, blob: str, named: bool) -> Objects:
        found = objects(self.content(blob), named_kustomization=named)
        return [(manifest, json_text(plain_secrets(manifest))) for manifest in found]

    def _tree(self, sha: str) -> dict[str, str]:
        """Path to blob of every regular file of a commit."""
        files = {}
        for line in self.git("ls-tree", "-r", "-z", "--full-tree", sha).split(b"\0"):
            if line:
                meta, _, path = line.partition(b"\t")
                mode, _, blob = meta.decode().split(" ")
                if mode in REGULAR:
                    files[path_text(path)] = blob
        return files

    def _roles(self, sha: str) -> Roles:
        files = self.candidates(sha)
        kustomizations = {
            path: [manifest for manifest, _ in self.objects(blob, True)]
            for path, blob in files.items()
            if named_kustomization(path)
        }
        return roles_of(files, kustomizations)

    def candidates(self, sha: str) -> dict[str, str]:
        """The files of a commit that are manifests by their names."""
        return {path: blob for path, blob in self.tree(sha).items() if may_hold_manifests(path)}

    def _state(self, sha: str) -> State:
        roles = self.roles(sha)
        return self.standing(sha, {path for path in self.candidates(sha) if roles.counts(path)})

    def objects_at(self, sha: str, path: str) -> Objects:
        """What stands in a file of a commit, as far as anybody knows."""
        waiting: list[tuple[str, str]] = []
        at: tuple[str, str] | None = (sha, path)
        while at is not None and at not in self._kept and self.hides_something(self.tree(at[0])[at[1]]):
            waiting.append(at)
            at = self.one_before(*at)
        found = self._kept.get(at) or self._read_at(at) if at is not None else []
        for at in reversed(waiting):
            own = self._read_at(at)
            names = [identity("", manifest) for manifest, _ in own]
            found = own + [entry for entry in found if identity("", entry[0]) not in names]
            self._kept[at] = found
        return found

    def _read_at(self, at: tuple[str, str]) -> Objects:
        sha, path = at
        return self.objects(self.tree(sha)[path], named_kustomization(path))

    def one_before(self, sha: str, path: str) -> tuple[str, str] | None:
        """The same file at the first parent, whatever its name there; None where it is new."""
        for parent in self.parents[sha][:1]:
            if path in self.tree(parent):
                return parent, path
            for change in self.file_changes(sha):
                if change.path == path and change.old_path and may_hold_manifests(change.old_path):
                    return (parent, change.old_path) if change.old_mode in REGULAR else None
        return None

    def standing(self, sha: str, paths: Iterable[str]) -> State:
        """What stands in files of a commit."""
        state: State = defaultdict(list)
        for path in sorted(paths):
            for order, (manifest, content) in enumerate(self.objects_at(sha, path)):
                state[identity(path, manifest)].append(Instance(path, order, content, manifest))
        return state

    def states(self, sha: str) -> tuple[State, State]:
        """What stood before a commit and what stands after it.

        On the line: in the whole trees. A commit of a side branch is told by the files that it touched, with the
        roles that the tree of its landing gives them, so that what it says can be found again in what landed;
        a merge on a side branch only passes on what others did.
        """
        parents = self.parents[sha]
        if sha in self.positions:
            return (self.state(parents[0]) if parents else {}), self.state(sha)
        if len(parents) > 1:
            return {}, {}
        roles = self.roles(self.landings[sha])
        before = self.candidates(parents[0]) if parents else {}
        after = self.candidates(sha)
        touched = {
            path for path in {*before, *after} if before.get(path) != after.get(path) and roles.counts(path)
        }
        return (
            self.standing(parents[0], touched & before.keys()) if parents else {},
            self.standing(sha, touched & after.keys()),
        )

    def changes(self, sha: str) -> tuple[list[ResourceChange], list[FieldChange]]:
        """What one commit did to resources, against its first parent."""
        before, after = self.states(sha)
        landed = sha in self.positions
        rows: list[ResourceChange] = []
        fields: list[FieldChange] = []
        for key in {*before, *after}:
            for old, new, change in paired(before.get(key, []), after.get(key, [])):
                shown = new or old
                assert shown is not None
                path, api_version = shown.path, shown.manifest["apiVersion"]
                where = (key.environment, api_version, key.kind, key.namespace, key.name)
                moved_from = old.path if old and new and old.path != new.path else ""
                rows.append(ResourceChange(sha, landed, path, moved_from, *where, change))
                if change != "moved":
                    told = changes(old and old.manifest, new and new.manifest)
                    fields += [FieldChange(sha, landed, path, *where, *field) for field in told]
        return rows, fields


def paired(
    before: list[Instance], after: list[Instance]
) -> Iterator[tuple[Instance | None, Instance | None, str]]:
    """(old, new, change) of one resource: what stood where, before and after."""
    old = sorted(before, key=lambda instance: (instance.path, instance.order))
    new = sorted(after, key=lambda instance: (instance.path, instance.order))
    # What stands as it stood.
    for instance in list(new):
        same = next(
            (one for one in old if (one.path, one.content) == (instance.path, instance.content)), None
        )
        if same is not None:
            old.remove(same)
            new.remove(instance)
    # Changed in its file.
    for instance in list(new):
        there = next((one for one in old if one.path == instance.path), None)
        if there is not None:
            old.remove(there)
            new.remove(instance)
            yield there, instance, "modified"
    # Moved to another file.
    while old and new:
        left, right = old.pop(0), new.pop(0)
        yield left, right, "moved" if left.content == right.content else "modified"
    for left in old:
        yield left, None, "deleted"
    for right in new:
        yield None, right, "added"


def identity(path: str, manifest: dict[str, Any]) -> Identity:
    """Environment, group, kind, namespace and name; by its place where it has no name of its own."""
    metadata = manifest.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    version = manifest["apiVersion"]
    group = version.rsplit("/", 1)[0] if "/" in version else ""
    name = written(metadata.get("name"))
    if not name and group == KUSTOMIZE:
        name = path.rpartition("/")[0] or "."
    return Identity(
        environment(path), group, manifest["kind"], written(metadata.get("namespace")), name or path
    )


def written(value: Any) -> str:
    """A name as text, numbers and booleans too; '' for what is none."""
    return (
        value if isinstance(value, str) else json_text(value) if isinstance(value, bool | int | float) else ""
    )


def path_text(raw: bytes) -> str:
    """A path; quoted as git quotes it where it is no UTF-8 or begins with a quotation mark."""
    if not raw.startswith(b'"'):
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            pass
    named = {7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 34: '"', 92: "\\"}
    return (
        '"'
        + "".join(
            "\\" + named[byte] if byte in named else chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}"
            for byte in raw
        )
        + '"'
    )


def plain_environment() -> dict[str, str]:
    """Nobody's configuration of git."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
        "LC_ALL": "C.UTF-8",
    }
