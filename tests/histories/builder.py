"""Builds small git repositories by hand: every commit, identity and date is said, nothing is guessed.

Objects are written as git stores them (gitformat-loose), so a history may hold what no git command would
make: headers out of order, dates of any year, names in any bytes. `git fsck` in the tests keeps the builder
honest.

    story = History(tmp_path / "repo")
    one = story.commit("add web", {"apps/web.yaml": pod("web", privileged=True)})
    story.branch("fix", one)
    story.commit("fix web", {"apps/web.yaml": pod("web")}, branch="fix", by=BEA)
    merge = story.merge("fix")
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

START = 1_700_000_000
"""Seconds of the first commit (2023-11-14); each commit is an hour later unless it says otherwise."""

FILE, PROGRAM, LINK, SUBMODULE = "100644", "100755", "120000", "160000"


@dataclass(frozen=True)
class Person:
    """Somebody who commits."""

    name: str
    email: str

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


ANN = Person("Ann", "ann@example.org")
BEA = Person("Bea", "bea@example.org")
CID = Person("Cid", "cid@example.org")


@dataclass(frozen=True)
class Entry:
    """What stands at a path: git's octal mode and the bytes (a submodule's are the hex of its commit)."""

    mode: str
    content: bytes


def link(target: str | bytes) -> Entry:
    """A symlink."""
    return Entry(LINK, target.encode() if isinstance(target, str) else target)


def program(content: str) -> Entry:
    """An executable file."""
    return Entry(PROGRAM, content.encode())


def submodule(commit: str = "1" * 40) -> Entry:
    """A commit of another repository."""
    return Entry(SUBMODULE, commit.encode())


Content = str | bytes | Entry | None
Tree = dict[bytes, Entry]


@dataclass
class History:
    """A repository under construction at `path`. `bare` puts the git folder at `path` itself."""

    path: Path
    bare: bool = False
    head: str = "main"
    trees: dict[str, Tree] = field(default_factory=dict)
    parents: dict[str, tuple[str, ...]] = field(default_factory=dict)
    clock: int = START

    def __post_init__(self) -> None:
        self.git_folder = self.path if self.bare else self.path / ".git"
        for folder in ("objects", "refs/heads", "refs/tags"):
            (self.git_folder / folder).mkdir(parents=True, exist_ok=True)
        (self.git_folder / "config").write_text(
            f"[core]\n\trepositoryformatversion = 0\n\tbare = {str(self.bare).lower()}\n"
        )
        self.point_head(self.head)

    def commit(
        self,
        message: str | bytes = "change",
        files: Mapping[str | bytes, Content] | None = None,
        *,
        branch: str = "main",
        by: Person = ANN,
        committer: Person | None = None,
        at: int | None = None,
        moves: Mapping[str, str] | None = None,
        parents: tuple[str, ...] | None = None,
    ) -> str:
        """One commit on a branch; `files` None deletes, `moves` renames first. Its sha."""
        if parents is None:
            parents = (self.tip(branch),) if self.tip(branch) else ()
        tree = dict(self.trees[parents[0]]) if parents else {}
        for old, new in (moves or {}).items():
            tree[new.encode()] = tree.pop(old.encode())
        _overlay(tree, files or {})
        return self._write(message, tree, parents, branch=branch, by=by, committer=committer or by, at=at)

    def merge(
        self,
        *sides: str,
        files: Mapping[str | bytes, Content] | None = None,
        message: str = "Merge",
        branch: str = "main",
        by: Person = ANN,
        at: int | None = None,
    ) -> str:
        """A merge of branches (or shas) into `branch`: each side's paths over ours, then `files` over all."""
        ours = self.tip(branch)
        others = tuple(self.tip(side) or side for side in sides)
        tree = dict(self.trees[ours])
        for other in others:
            base = self._base(ours, other)
            theirs = self.trees[other]
            for path in {*base, *theirs}:
                if theirs.get(path) != base.get(path):
                    if path in theirs:
                        tree[path] = theirs[path]
                    else:
                        tree.pop(path, None)
        _overlay(tree, files or {})
        return self._write(message, tree, (ours, *others), branch=branch, by=by, committer=by, at=at)

    def revert(self, sha: str, *, branch: str = "main", by: Person = ANN) -> str:
        """A commit that puts the paths of `sha` back to what they were before it."""
        before = self.trees[self.parents[sha][0]] if self.parents[sha] else {}
        after = self.trees[sha]
        changed = {
            path: before.get(path) for path in {*before, *after} if before.get(path) != after.get(path)
        }
        return self.commit(f"Revert {sha[:7]}", changed, branch=branch, by=by)

    def branch(self, name: str, at: str) -> None:
        """A branch at a commit."""
        self.ref(f"refs/heads/{name}", at)

    def ref(self, name: str, sha: str) -> None:
        """Any ref."""
        target = self.git_folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(sha + "\n")

    def tip(self, branch: str) -> str:
        """The branch's commit, '' where there is none."""
        file = self.git_folder / "refs/heads" / branch
        return file.read_text().strip() if file.is_file() else ""

    def point_head(self, target: str) -> None:
        """HEAD on a branch, or detached at a sha."""
        is_sha = len(target) == 40 and set(target) <= set("0123456789abcdef")
        (self.git_folder / "HEAD").write_text(target + "\n" if is_sha else f"ref: refs/heads/{target}\n")

    def raw_commit(self, raw: bytes, *, branch: str = "main") -> str:
        """A commit object in exactly these bytes; its tree must have been written before."""
        sha = self.store("commit", raw)
        self.branch(branch, sha)
        return sha

    def write_tree(self, files: Mapping[str | bytes, Content]) -> str:
        """A tree object; its sha."""
        tree: Tree = {}
        _overlay(tree, files)
        return self._store_tree(tree)

    def store(self, kind: str, content: bytes) -> str:
        """Any object, loose; its sha."""
        whole = f"{kind} {len(content)}\0".encode() + content
        sha = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
        file = self.object_file(sha)
        if not file.exists():
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(zlib.compress(whole, 1))
        return sha

    def object_file(self, sha: str) -> Path:
        """Where the loose object is."""
        return self.git_folder / "objects" / sha[:2] / sha[2:]

    def git(self, *arguments: str, folder: Path | None = None) -> str:
        """git itself, with nobody's configuration, in the repository (or `folder`)."""
        return run_git(*arguments, folder=folder or self.path)

    def check_out(self) -> None:
        """The work tree of HEAD."""
        self.git("reset", "--hard", "--quiet")

    def _write(
        self,
        message: str | bytes,
        tree: Tree,
        parents: tuple[str, ...],
        *,
        branch: str,
        by: Person,
        committer: Person,
        at: int | None,
    ) -> str:
        self.clock = at if at is not None else self.clock + 3600
        lines = [f"tree {self._store_tree(tree)}", *(f"parent {parent}" for parent in parents)]
        lines += [f"author {by} {self.clock} +0000", f"committer {committer} {self.clock} +0000", "", ""]
        body = message if isinstance(message, bytes) else message.encode() + b"\n"
        sha = self.raw_commit("\n".join(lines).encode() + body, branch=branch)
        self.trees[sha], self.parents[sha] = tree, parents
        return sha

    def _store_tree(self, tree: Tree) -> str:
        names: dict[bytes, tuple[str, str]] = {}
        folders: dict[bytes, Tree] = {}
        for path, entry in tree.items():
            top, _, rest = path.partition(b"/")
            if rest:
                folders.setdefault(top, {})[rest] = entry
            elif entry.mode == SUBMODULE:
                names[top] = (entry.mode, entry.content.decode())
            else:
                names[top] = (entry.mode, self.store("blob", entry.content))
        for name, inner in folders.items():
            assert name not in names, f"{name!r} is a file and a folder"
            names[name] = ("40000", self._store_tree(inner))
        # git sorts folders as if their names ended with a slash.
        order = sorted(names, key=lambda name: name + b"/" if names[name][0] == "40000" else name)
        return self.store(
            "tree",
            b"".join(
                names[name][0].encode() + b" " + name + b"\0" + bytes.fromhex(names[name][1])
                for name in order
            ),
        )

    def _base(self, ours: str, theirs: str) -> Tree:
        done = subprocess.run(
            ["git", "merge-base", ours, theirs],
            cwd=self.path,
            env=_environment(),
            capture_output=True,
            check=False,
        )
        sha = done.stdout.decode().strip()
        return self.trees[sha] if sha else {}


def run_git(*arguments: str, folder: Path) -> str:
    """Standard output of git in a folder, with nobody's configuration."""
    return subprocess.run(
        ["git", *arguments], cwd=folder, env=_environment(), check=True, capture_output=True
    ).stdout.decode("utf-8", "surrogateescape")


def _environment() -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_AUTHOR_NAME": "T",
        "GIT_AUTHOR_EMAIL": "t@example.org",
        "GIT_COMMITTER_NAME": "T",
        "GIT_COMMITTER_EMAIL": "t@example.org",
        "LC_ALL": "C.UTF-8",
    }


def _overlay(tree: Tree, files: Mapping[str | bytes, Content] | Mapping[bytes, Entry | None]) -> None:
    for name, content in files.items():
        path = name.encode() if isinstance(name, str) else name
        if content is None:
            tree.pop(path, None)
            continue
        if isinstance(content, str):
            content = content.encode()
        tree[path] = Entry(FILE, content) if isinstance(content, bytes) else content
