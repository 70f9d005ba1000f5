"""The mirror: whatever the repository looks like, it is read whole or the lack is named, and never written."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import traceback
import zlib
from pathlib import Path

import pytest
from histories.builder import History, link, program, run_git, submodule

from auditor.errors import AuditorError, GitError, UsageError
from auditor.git.blobs import ObjectReader
from auditor.git.command import Git
from auditor.git.history import read_changes, read_commits, read_skeleton
from auditor.git.importing import import_objects
from auditor.git.mirror import Mirror, repository_name, update_mirror
from auditor.git.tree import CommitTree, list_tree


def checksum(folder: Path) -> str:
    """Over every name, mode, time and byte below a folder."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*"), key=os.fsencode):
        state = file.lstat()
        digest.update(os.fsencode(file) + f"{state.st_mode} {state.st_mtime_ns} {state.st_size}".encode())
        if file.is_file() and not file.is_symlink():
            digest.update(file.read_bytes())
    return digest.hexdigest()


def read_all(mirror: Mirror) -> int:
    """Everything that a scan reads; the number of commits."""
    skeleton = read_skeleton(mirror)
    commits = list(read_commits(mirror, skeleton))
    blobs = {
        change.new_blob for change in read_changes(mirror, skeleton) if change.new_mode.startswith("100")
    }
    with ObjectReader(mirror.git, mirror.path) as reader:
        assert all(content is not None for _, content in reader.read_many(sorted(blobs)))
    return len(commits)


@pytest.fixture
def story(tmp_path: Path) -> History:
    story = History(tmp_path / "repo")
    story.commit("one", {"a.yaml": "a: 1\n", "deep/er/b.yaml": "b: 1\n"})
    base = story.commit("two", {"a.yaml": "a: 2\n"})
    story.branch("side", base)
    story.commit("three", {"c.yaml": "c: 1\n"}, branch="side")
    story.commit("four", {"a.yaml": "a: 3\n"})
    story.merge("side")
    return story


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def test_the_builder_makes_what_git_accepts(story: History) -> None:
    assert story.git("fsck", "--strict", "--no-dangling") == ""


def test_the_source_is_never_written(story: History, state: Path) -> None:
    story.check_out()
    before = checksum(story.path)
    for _ in range(2):
        assert read_all(update_mirror(str(story.path), state)) == 5
    assert checksum(story.path) == before


def test_a_source_that_nobody_may_write_and_somebody_else_owns(story: History, state: Path) -> None:
    story.check_out()
    for file in [story.path, *story.path.rglob("*")]:
        if os.getuid() == 0:
            os.lchown(file, 65534, 65534)
        if not file.is_symlink():
            file.chmod(file.stat().st_mode & ~0o222)
    try:
        assert read_all(update_mirror(str(story.path), state)) == 5
    finally:
        for file in [story.path, *story.path.rglob("*")]:
            file.chmod(file.stat().st_mode | 0o200)


def test_what_is_new_arrives_and_what_is_gone_goes(story: History, state: Path) -> None:
    update_mirror(str(story.path), state)
    newer = story.commit("five", {"a.yaml": None})
    (story.git_folder / "refs/heads/side").unlink()
    mirror = update_mirror(str(story.path), state)
    assert mirror.tip == newer
    with pytest.raises(UsageError, match="side"):
        update_mirror(str(story.path), state, revision="side")


def test_bare(tmp_path: Path, state: Path) -> None:
    bare = History(tmp_path / "bare.git", bare=True)
    bare.commit("one", {"a.yaml": "a: 1\n"})
    mirror = update_mirror(str(bare.path), state)
    assert (read_all(mirror), mirror.name) == (1, "bare")


def test_detached(story: History, state: Path) -> None:
    first = story.git("rev-list", "--max-parents=0", "main").strip()
    story.point_head(first)
    mirror = update_mirror(str(story.path), state)
    assert (mirror.tip, mirror.revision, mirror.lacks) == (first, "HEAD", ())


def test_a_linked_worktree_has_its_own_head(story: History, tmp_path: Path, state: Path) -> None:
    worktree = tmp_path / "linked"
    story.git("worktree", "add", "--quiet", str(worktree), "side")
    assert (worktree / ".git").is_file()
    mirror = update_mirror(str(worktree), state)
    assert (mirror.tip, mirror.revision) == (story.tip("side"), "side")
    assert read_all(mirror) == 3


def test_a_checked_out_submodule_is_a_repository(story: History, tmp_path: Path, state: Path) -> None:
    outer = History(tmp_path / "outer")
    outer.commit("root", {"README": "x"})
    outer.check_out()
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(story.path), "inner")
    assert (outer.path / "inner" / ".git").is_file()
    assert read_all(update_mirror(str(outer.path / "inner"), state)) == 5


@pytest.mark.parametrize(
    "name",
    [
        "with space",
        "ünï-日本",
        'quo"te',
        "apo'strophe",
        "new\nline",
        "100%41",
        "a:b",
        "-dash",
        "back\\slash",
        "tab\t",
        "#hash?x=1",
        "*",
    ],
)
def test_folders_of_any_name(tmp_path: Path, state: Path, name: str) -> None:
    odd = History(tmp_path / name)
    odd.commit("one", {"a.yaml": "a: 1\n"})
    if os.getuid() == 0:
        for file in [odd.path, *odd.path.rglob("*")]:
            os.chown(file, 65534, 65534)
    for _ in range(2):
        assert read_all(update_mirror(str(odd.path), state)) == 1


def test_a_folder_whose_name_is_no_text(tmp_path: Path, state: Path) -> None:
    odd = History(Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")))
    odd.commit("one", {"a.yaml": "a: 1\n"})
    mirror = update_mirror(str(odd.path), state)
    assert read_all(mirror) == 1
    (mirror.name + mirror.location).encode("utf-8")


@pytest.mark.parametrize(
    "name",
    ["feature/x", "ünï", "a.b", "--upload-pack=touch", "HEAD", "x'\"$(id)", "a@b"],
)
def test_branches_of_any_name(story: History, state: Path, name: str) -> None:
    sha = story.commit("odd", {"odd.yaml": "o: 1\n"}, branch=name)
    assert update_mirror(str(story.path), state, revision=f"refs/heads/{name}").tip == sha
    story.point_head(name)
    assert update_mirror(str(story.path), state).tip == sha


def test_a_branch_whose_name_is_no_text(story: History, state: Path) -> None:
    name = os.fsdecode(b"caf\xe9")
    sha = story.commit("odd", {"odd.yaml": "o: 1\n"}, branch=name)
    head = story.git_folder / "HEAD"
    head.write_bytes(b"ref: refs/heads/caf\xe9\n")
    mirror = update_mirror(str(story.path), state)
    assert mirror.tip == sha
    mirror.revision.encode("utf-8")


def test_revisions(story: History, state: Path) -> None:
    first = story.git("rev-list", "--max-parents=0", "main").strip()
    story.ref("refs/tags/v1", first)
    story.git("tag", "--annotate", "--message=x", "v2", first)
    for revision in ("v1", "v2", "refs/tags/v2", first, first[:12]):
        assert update_mirror(str(story.path), state, revision=revision).tip == first
    assert update_mirror(str(story.path), state, revision="HEAD").tip == story.tip("main")
    for revision in ("nothing", "deadbeef", "--all", "HEAD~1", "main..side", "refs/heads/no", " "):
        with pytest.raises(UsageError, match="--rev"):
            update_mirror(str(story.path), state, revision=revision)


def test_an_empty_repository(tmp_path: Path, state: Path) -> None:
    empty = History(tmp_path / "empty")
    with pytest.raises(UsageError, match="no commit yet"):
        update_mirror(str(empty.path), state)
    empty.commit("one", {"a.yaml": "a: 1\n"})
    assert read_all(update_mirror(str(empty.path), state)) == 1


def test_no_repository(tmp_path: Path, state: Path) -> None:
    with pytest.raises(UsageError, match="no repository"):
        update_mirror(str(tmp_path / "nowhere"), state)
    with pytest.raises(UsageError, match="auditor check"):
        update_mirror(str(tmp_path), state)


def test_a_shallow_clone_is_named_until_it_is_whole(story: History, tmp_path: Path, state: Path) -> None:
    shallow = tmp_path / "shallow"
    run_git("clone", "--quiet", "--depth=1", f"file://{story.path}", str(shallow), folder=tmp_path)
    before = checksum(shallow)
    mirror = update_mirror(str(shallow), state)
    assert "shallow" in " ".join(mirror.lacks)
    assert read_all(mirror) == 1
    assert checksum(shallow) == before
    run_git("fetch", "--quiet", "--unshallow", folder=shallow)
    mirror = update_mirror(str(shallow), state)
    assert (mirror.lacks, read_all(mirror)) == ((), 5)


def test_replace_refs_are_named_and_not_followed(story: History, state: Path) -> None:
    first = story.git("rev-list", "--max-parents=0", "main").strip()
    other = story.git("commit-tree", "-m", "other words", f"{first}^{{tree}}").strip()
    story.git("replace", first, other)
    mirror = update_mirror(str(story.path), state)
    assert "replace refs" in " ".join(mirror.lacks)
    assert "other words" not in {commit.subject for commit in read_commits(mirror, read_skeleton(mirror))}


def test_grafts_are_named(story: History, state: Path) -> None:
    first = _first_commit(story)
    info = story.git_folder / "info"
    info.mkdir(exist_ok=True)
    (info / "grafts").write_text(f"{story.tip('main')}\n")
    with pytest.raises(GitError, match="grafts"):
        update_mirror(str(story.path), state)
    (info / "grafts").write_text(f"{first}\n")
    assert "grafts" in " ".join(update_mirror(str(story.path), state).lacks)


def _first_commit(story: History) -> str:
    return story.git("rev-list", "--max-parents=0", "main").strip()


@pytest.mark.parametrize("what", ["commit", "tree", "blob"])
def test_a_missing_object_is_an_error_and_not_less_history(story: History, state: Path, what: str) -> None:
    first = _first_commit(story)
    lost = {"commit": first, "tree": f"{first}^{{tree}}", "blob": f"{first}:a.yaml"}[what]
    story.object_file(story.git("rev-parse", lost).strip()).unlink()
    with pytest.raises(GitError, match="cannot be read"):
        read_all(update_mirror(str(story.path), state))


def test_a_truncated_pack_is_an_error(story: History, state: Path) -> None:
    story.git("repack", "-a", "-d", "-q")
    [pack] = (story.git_folder / "objects/pack").glob("*.pack")
    pack.chmod(0o644)
    pack.write_bytes(pack.read_bytes()[: pack.stat().st_size // 2])
    with pytest.raises(GitError, match="cannot be read"):
        read_all(update_mirror(str(story.path), state))


def _refs(mirror: Mirror) -> str:
    return run_git("--git-dir", str(mirror.path), "for-each-ref", folder=mirror.path)


@pytest.mark.parametrize("shape", ["one pack", "pack and loose objects", "two packs", "tags", "detached"])
def test_packs_are_taken_as_a_fetch_would_bring_them(story: History, tmp_path: Path, shape: str) -> None:
    fetched = update_mirror(str(story.path), tmp_path / "fetched")  # no pack: an ordinary fetch
    story.git("repack", "-a", "-d", "-q")
    if shape in ("pack and loose objects", "two packs"):
        story.commit("newer", {"a.yaml": "a: 9\n", "new/d.yaml": "d: 1\n"})
    if shape == "two packs":
        story.git("repack", "-d", "-q")
    if shape == "tags":
        story.git("tag", "light")
        story.git("tag", "-a", "-m", "words", "heavy")
        story.git("repack", "-a", "-d", "-q")
    if shape == "detached":
        story.git("update-ref", "--no-deref", "HEAD", _first_commit(story))
    before = checksum(story.path)
    mirror = update_mirror(str(story.path), tmp_path / "taken", revision="main")
    assert checksum(story.path) == before
    fetched = update_mirror(str(story.path), tmp_path / "fetched", revision="main")
    assert (_refs(mirror), mirror.tip, read_all(mirror)) == (_refs(fetched), fetched.tip, read_all(fetched))
    run_git("--git-dir", str(mirror.path), "fsck", "--full", "--strict", folder=mirror.path)
    draft = tmp_path / "draft.git"
    mirror.git.run("init", "--quiet", "--bare", str(draft))
    is_whole = import_objects(mirror.git, draft, [story.git_folder], time_limit_s=60)
    assert is_whole is (shape not in ("pack and loose objects", "two packs"))
    assert not (mirror.path / "objects/info/alternates").exists()


@pytest.mark.parametrize("what", ["commit", "tree", "blob"])
def test_an_object_that_a_pack_lacks_is_an_error(story: History, state: Path, what: str) -> None:
    first = _first_commit(story)
    lost = {"commit": first, "tree": f"{first}^{{tree}}", "blob": f"{first}:a.yaml"}[what]
    lost = story.git("rev-parse", lost).strip()
    others = story.git("rev-list", "--objects", "--all", "--no-object-names").split()
    pack = story.git_folder / "objects/pack/pack"
    pack.parent.mkdir(exist_ok=True)
    names = "".join(f"{sha}\n" for sha in others if sha != lost)
    subprocess.run(
        ["git", "pack-objects", "-q", str(pack)],
        cwd=story.path,
        input=names.encode(),
        check=True,
        capture_output=True,
    )
    story.git("prune-packed")
    story.object_file(lost).unlink()
    with pytest.raises(GitError, match="cannot be read"):
        update_mirror(str(story.path), state)
    assert not list((state / "mirrors").glob("*.git"))


@pytest.mark.parametrize("how", ["flipped bytes", "another object's content"])
def test_a_pack_whose_objects_are_not_what_their_ids_say(story: History, state: Path, how: str) -> None:
    story.git("repack", "-a", "-d", "-q", "--depth=0", "--window=0")
    [pack] = (story.git_folder / "objects/pack").glob("*.pack")
    content = pack.read_bytes()
    if how == "flipped bytes":
        content = content[:-40] + bytes([content[-40] ^ 1]) + content[-39:]
    else:
        # Equally long, so that the index still fits; the checksum of the pack is made to fit too.
        genuine, forged = zlib.compress(b"a: 1\n"), zlib.compress(b"a: 7\n")
        assert content.count(genuine) == 1
        assert len(genuine) == len(forged)
        content = content.replace(genuine, forged)[:-20]
        content += hashlib.sha1(content, usedforsecurity=False).digest()
    pack.chmod(0o644)
    pack.write_bytes(content)
    with pytest.raises(GitError, match="cannot be read"):
        update_mirror(str(story.path), state)


def test_a_pack_behind_a_link_is_not_opened_by_us(story: History, tmp_path: Path, state: Path) -> None:
    story.git("repack", "-a", "-d", "-q")
    [pack] = (story.git_folder / "objects/pack").glob("*.pack")
    elsewhere = tmp_path / "elsewhere.pack"
    pack.rename(elsewhere)
    pack.symlink_to(elsewhere)
    git = Git(state)
    draft = tmp_path / "draft.git"
    git.run("init", "--quiet", "--bare", str(draft))
    assert import_objects(git, draft, [story.git_folder], time_limit_s=60) is None
    pack.unlink()
    os.mkfifo(pack)
    assert import_objects(git, draft, [story.git_folder], time_limit_s=60) is None


def test_alternates_are_not_taken_over(story: History, tmp_path: Path, state: Path) -> None:
    story.git("repack", "-a", "-d", "-q")
    borrower = tmp_path / "borrower"
    run_git("clone", "--quiet", "--shared", str(story.path), str(borrower), folder=tmp_path)
    mirror = update_mirror(str(borrower), state)
    assert not (mirror.path / "objects/info/alternates").exists()
    shutil.rmtree(story.path)
    assert read_all(mirror) == 5


def test_a_mended_source_is_read_after_all(story: History, state: Path) -> None:
    lost = story.object_file(story.git("rev-parse", f"{_first_commit(story)}:a.yaml").strip())
    content = lost.read_bytes()
    lost.unlink()
    with pytest.raises(GitError):
        update_mirror(str(story.path), state)
    lost.write_bytes(content)
    assert read_all(update_mirror(str(story.path), state)) == 5


def test_a_partial_clone_fetches_nothing_behind_our_back(story: History, tmp_path: Path, state: Path) -> None:
    story.git("config", "uploadpack.allowFilter", "true")
    partial = tmp_path / "partial"
    run_git(
        "clone",
        "--quiet",
        "--no-checkout",
        "--filter=blob:none",
        f"file://{story.path}",
        str(partial),
        folder=tmp_path,
    )
    before = checksum(partial)
    with pytest.raises(GitError, match="cannot be read"):
        read_all(update_mirror(str(partial), state))
    assert checksum(partial) == before


@pytest.mark.parametrize("damage", ["lock", "ref lock", "pack", "config", "HEAD", "empty"])
def test_a_mirror_that_a_crash_left_broken_is_made_again(story: History, state: Path, damage: str) -> None:
    folder = update_mirror(str(story.path), state).path
    story.commit("newer", {"a.yaml": "a: 9\n"})
    if damage == "lock":
        (folder / "packed-refs.lock").touch()
    elif damage == "ref lock":
        (folder / "refs/heads").mkdir(exist_ok=True)
        (folder / "refs/heads/main.lock").touch()
    elif damage == "pack":
        for file in folder.glob("objects/*/*"):
            if file.is_file():
                file.chmod(0o644)
                file.write_bytes(b"")
    elif damage == "config":
        (folder / "config").write_text("[core\n")
    elif damage == "HEAD":
        (folder / "HEAD").write_text("")
    else:
        for entry in folder.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    assert read_all(update_mirror(str(story.path), state)) == 6


def test_a_source_that_is_gone_leaves_the_mirror(story: History, state: Path) -> None:
    mirror = update_mirror(str(story.path), state)
    shutil.rmtree(story.git_folder / "objects")
    with pytest.raises(AuditorError):
        update_mirror(str(story.path), state)
    assert read_all(mirror) == 5


@pytest.mark.parametrize(
    "address",
    [
        "ext::sh -c touch% canary",
        "EXT::sh -c id",
        "http://example.org/x.git",
        "git://example.org/x.git",
        "ftp://example.org/x",
        "fd::17",
        "https::ext::sh -c id",
    ],
)
def test_transports_that_are_refused(
    tmp_path: Path, state: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="transport"):
        update_mirror(address, state)
    assert not (tmp_path / "canary").exists()


@pytest.mark.parametrize(
    "address",
    [
        "https://ann:hunter2@localhost:1/x/y.git",
        "https://hunter2@localhost:1/x/y.git",
        "https://localhost:1/x/y.git?private_token=hunter2",
        "https://localhost:1/x/y.git#hunter2",
        "HTTPS://ann:hunter2@localhost:1/x/y.git",
        "http://ann:hunter2@localhost/x/y.git",
        "ann:hunter2@localhost:x/y.git",
        "ssh://ann:hunter2@localhost:1/x/y.git",
    ],
)
def test_credentials_in_an_address_are_never_shown(state: Path, address: str) -> None:
    with pytest.raises(AuditorError) as caught:
        update_mirror(address, state)
    error: BaseException | None = caught.value
    assert "hunter2" not in "".join(traceback.format_exception(error))
    for file in state.rglob("*"):
        assert "hunter2" not in str(file)
        if file.is_file():
            assert b"hunter2" not in file.read_bytes()


@pytest.mark.parametrize(
    ("location", "name"),
    [
        ("https://example.org/owner/name.git", "owner/name"),
        ("https://example.org/group/sub/name", "sub/name"),
        ("git@example.org:owner/name.git", "owner/name"),
        ("ssh://git@example.org:22/owner/name.git/", "owner/name"),
        ("/somewhere/name.git", "name"),
        ("/somewhere/name/.git", "name"),
        ("/somewhere/name/", "name"),
    ],
)
def test_names(location: str, name: str) -> None:
    assert repository_name(location) == name


def test_a_symlink_and_a_submodule_are_no_files_of_the_tree(tmp_path: Path, state: Path) -> None:
    story = History(tmp_path / "repo")
    story.commit(
        "odd",
        {
            "a.yaml": "a",
            "b.yaml": link("/etc/passwd"),
            "c": submodule(),
            "d.sh": program("d"),
            b"caf\xe9.yaml": "e",
        },
    )
    mirror = update_mirror(str(story.path), state)
    assert [(entry.path, entry.mode) for entry in list_tree(mirror, mirror.tip)] == [
        ('"caf\\351.yaml"', "100644"),
        ("a.yaml", "100644"),
        ("d.sh", "100755"),
    ]
    with ObjectReader(mirror.git, mirror.path) as reader:
        tree = CommitTree(mirror, mirror.tip, reader)
        assert tree.read("a.yaml") == b"a"
        with pytest.raises(KeyError):
            tree.read("b.yaml")


def test_nobodys_configuration_is_read(
    story: History, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        "[core]\n\tfsmonitor = touch canary\n[alias]\n\tfetch = !touch canary\n[log]\n\tdate = relative\n[diff]\n\trenames = false\n[uploadpack]\n\tpackObjectsHook = touch canary; false\n"
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "canary"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "touch canary")
    monkeypatch.chdir(tmp_path)
    assert read_all(update_mirror(str(story.path), state)) == 5
    assert not list(tmp_path.rglob("canary"))


def test_a_hostile_config_and_hooks_run_nothing(story: History, state: Path, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    touch = f"touch '{canary}'"
    (story.git_folder / "config").write_text(
        f'[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tfsmonitor = "{touch}"\n\tsshCommand = "{touch}"\n'
        f'\thooksPath = {story.git_folder}/hooks\n\tpager = "{touch}"\n\tgitProxy = "{touch}"\n\talternateRefsCommand = "{touch}; echo"\n'
        f'[uploadpack]\n\tpackObjectsHook = "{touch}; exec"\n[filter "x"]\n\tclean = "{touch}"\n\tsmudge = "{touch}"\n\tprocess = "{touch}"\n'
        f'[diff "x"]\n\ttextconv = "{touch}"\n\tcommand = "{touch}"\n[alias]\n\tupload-pack = "!{touch}"\n\tlog = "!{touch}"\n'
        f'[credential]\n\thelper = "!{touch}"\n[remote "origin"]\n\turl = "ext::{touch}"\n\tpromisor = true\n\tuploadpack = "{touch}"\n'
    )
    hooks = story.git_folder / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in (
        "pre-receive", "update", "post-receive", "post-update", "reference-transaction", "post-checkout", "pre-auto-gc",
        "fsmonitor-watchman", "proc-receive", "push-to-checkout", "pre-push", "post-merge", "post-rewrite", "pre-commit",
    ):  # fmt: skip
        (hooks / name).write_text(f"#!/bin/sh\n{touch}\n")
        (hooks / name).chmod(0o755)
    (story.git_folder / "info").mkdir(exist_ok=True)
    (story.git_folder / "info" / "attributes").write_text("* filter=x diff=x\n")
    assert read_all(update_mirror(str(story.path), state)) == 5
    assert not canary.exists()
