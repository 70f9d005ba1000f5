"""Building the sample repository: the story becomes commits, and the commits a working clone."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from auditor.assets import asset_folder
from auditor.errors import GitError, UsageError
from auditor.sample.beats import Beat, Landed, read_beats
from auditor.sample.edits import StoryError, Tree, apply_operations
from auditor.sample.objects import ObjectWriter, Signature
from auditor.sample.story import Change, Person, Step, Story, read_story

_GIT_SECONDS = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class SampleRepository:
    """A built sample: where it is, its tip, how many commits it has, and what is worth finding in it.

    `changes` maps the story's change ids to commits.
    """

    path: Path
    tip: str
    commits: int
    beats: tuple[Beat, ...]
    changes: Mapping[str, Landed]


def sample_snapshot() -> Path:
    """The recorded production cluster, gzipped JSON. Raises MissingPartError where it is not carried."""
    return asset_folder("data") / "sample" / "cluster-production.json.gz"


def sample_audit_log() -> Path:
    """The audit log recorded with it, gzipped JSON lines. Raises MissingPartError where it is not carried."""
    return asset_folder("data") / "sample" / "audit-production.jsonl.gz"


def _git(folder: Path, *arguments: str) -> None:
    """Runs git in `folder` with nothing of the user's own configuration. Raises GitError."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_DEFAULT_HASH": "sha1",
        "TZ": "UTC",
        "LC_ALL": "C",
    }
    try:
        done = subprocess.run(
            [
                "git",
                "-c",
                "init.defaultBranch=main",
                "-c",
                "core.autocrlf=false",
                "-c",
                "core.logAllRefUpdates=false",
                *arguments,
            ],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_GIT_SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        raise GitError("git is not installed", hint="install git 2.31 or later") from error
    except subprocess.TimeoutExpired as error:
        raise GitError(f"git {arguments[0]} took longer than {_GIT_SECONDS} s in {folder}") from error
    if done.returncode:
        raise GitError(f"git {arguments[0]} failed in {folder}: {done.stderr.strip()}")


class _Builder:
    """Lands one change after the other; keeps every landed tree for branches and reverts."""

    def __init__(self, story: Story, files: Path, objects: ObjectWriter) -> None:
        self._forge = story.forge
        self._abandoned = story.abandoned_requests
        self._files = files
        self._objects = objects
        self._trees: list[Tree] = []
        self._landings: list[Landed] = []
        self._position: dict[str, int] = {}
        self._requests = 0
        self.by_id: dict[str, Landed] = {}
        self.commits = 0

    @property
    def tip(self) -> str:
        return self._landings[-1].sha

    def land(self, change: Change) -> None:
        """One change onto main, with the commits of its branch where it is a merge."""
        parents = tuple(landing.sha for landing in self._landings[-1:])
        tree = self._trees[-1] if self._trees else {}
        if change.steps:
            parents += (self._branch(change),)
            for step in change.steps:
                tree = apply_operations(self._files, tree, step.do)
        tree = self._reverted(tree, change.reverts) if change.reverts else tree
        tree = apply_operations(self._files, tree, change.do)
        by_forge = change.how in ("squash", "merge")
        committer = self._forge if by_forge else change.by
        landing = self._commit(change, tree, parents, committer, self._message(change))
        self._position[change.id] = len(self._landings)
        self._landings.append(landing)
        self._trees.append(tree)

    def _branch(self, change: Change) -> str:
        """The side commits of a merge; they start from what main was when the first was written."""
        start = max(i for i, landing in enumerate(self._landings) if landing.at < change.steps[0].at)
        tree, tip = self._trees[start], self._landings[start].sha
        for step in change.steps:
            tree = apply_operations(self._files, tree, step.do)
            tip = self._commit(step, tree, (tip,), step.by, step.message).sha
        return tip

    def _reverted(self, tree: Tree, name: str) -> Tree:
        """The tree without what the change called `name` did to it."""
        if name not in self._position:
            raise StoryError(f"the story reverts {name!r}, which has not landed")
        position = self._position[name]
        before, after = self._trees[position - 1], self._trees[position]
        for path in before.keys() | after.keys():
            if before.get(path) == after.get(path):
                continue
            if tree.get(path) != after.get(path):
                raise StoryError(f"the revert of {name!r} does not fit: {path} has changed since")
            tree = {other: content for other, content in tree.items() if other != path}
            if path in before:
                tree[path] = before[path]
        return tree

    def _message(self, change: Change) -> str:
        message = change.message.strip("\n")
        if change.reverts:
            message = message.replace("{reverted}", self.by_id[change.reverts].sha)
        if change.how == "push":
            return message
        self._requests += 1
        while str(self._requests) in self._abandoned:
            self._requests += 1
        if change.steps:
            title = f"Merge pull request #{self._requests} from northwind-parcels/{change.branch}"
            return f"{title}\n\n{message}"
        subject, _, body = message.partition("\n")
        return f"{subject} (#{self._requests})" + (f"\n{body}" if body else "")

    def _commit(
        self, change: Change | Step, tree: Tree, parents: tuple[str, ...], committer: Person, message: str
    ) -> Landed:
        sha = self._objects.commit(
            tree=self._objects.tree(tree),
            parents=parents,
            author=Signature(change.by.name, change.by.email, change.at),
            committer=Signature(committer.name, committer.email, change.at),
            message=message,
        )
        self.commits += 1
        landed = Landed(sha=sha, at=change.at, by=change.by.name)
        if change.id:
            self.by_id[change.id] = landed
        return landed


def build_sample_repository(target: Path) -> SampleRepository:
    """Builds the sample at `target`: a clone with main checked out, the same tip everywhere.

    `target` must not exist or be an empty folder. Raises UsageError where it holds something, GitError
    where git fails, MissingPartError where the installation has no sample.
    """
    sample = asset_folder("data") / "sample"
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{target} is not empty", hint="name a folder that does not exist yet")
    target.mkdir(parents=True, exist_ok=True)
    story = read_story(sample)
    _git(target, "init", "--quiet", "--object-format=sha1", "--template=")
    builder = _Builder(story, sample / "files", ObjectWriter(target / ".git"))
    for change in story.changes:
        try:
            builder.land(change)
        except StoryError as error:
            raise StoryError(f"the change {change.id!r} of {change.at.date()}: {error.message}") from error
    _git(target, "update-ref", "refs/heads/main", builder.tip)
    _git(target, "symbolic-ref", "HEAD", "refs/heads/main")
    _git(target, "reset", "--quiet", "--hard")
    return SampleRepository(
        path=target,
        tip=builder.tip,
        commits=builder.commits,
        beats=read_beats(builder.by_id, sample),
        changes=builder.by_id,
    )
