"""Asks of findings picked at random whether they began and ended where the audit says, by looking at both sides.

    python tests/bench/lifetimes.py REPO --db FILE [--name NAME] [--seed 1] [--count 200] [--engine NAME]

For every finding picked, the whole tree is written out at the commit that opened it and at that commit's first
parent, and `auditor check` judges the whole folder as it judges any: the finding has to be there at the first and
not at the second. Where it was fixed, the other way round. Only files that are manifests by their names are written
out, which are all that `check` reads; nothing else is left out, because what a file is for depends on its tree.

What makes a finding the same here: rule, environment, group, kind, namespace, name and pointer, and that the file
that the audit names is one that shows it. Environment and names are read by `tests/independent`. A document's
judgement is remembered by its content for the trees that follow (`--forget` judges every tree anew), and the lines
of findings, which are not compared, are not looked for. The audit has to
be under default settings and of this version's rules; engine and Kubernetes version are taken from its last run.
Ends with 1 where anything disagrees, and names what could not be judged.

A file that cannot be read shows at the commit what it showed at the last one where it could (through renames, along
first parents): nobody looked at it since. So a finding has to begin where the file that shows it could be read, and
one that ends has to end there or with the file.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from independent.history import Repository, identity
from independent.reading import KUSTOMIZE
from independent.roles import environment, may_hold_manifests, named_kustomization

from auditor.manifests.formats import is_readable_name
from auditor.manifests.places import Places
from auditor.manifests.secrets import Redactor
from auditor.model import Document, Judgement
from auditor.pipeline.check import check
from auditor.policy.judge import Judge, JudgeSpec, engine_session


class Identity(NamedTuple):
    """What a finding is about; for one in a file that cannot be read, `name` is the path."""

    rule_id: str
    environment: str
    group: str
    kind: str
    namespace: str
    name: str
    pointer: str


class Finding(NamedTuple):
    """A row of the view `findings`."""

    id: str
    occurrence: int
    identity: Identity
    opened_sha: str
    opened_path: str
    fixed_sha: str
    fixed_path: str


@dataclass(frozen=True)
class Seen:
    """What `check` said of one tree: the files that show each finding, and the files with errors."""

    shown_by: dict[Identity, frozenset[str]]
    not_evaluated: frozenset[str]


@dataclass
class Tally:
    """Answers so far."""

    asked: int = 0
    agreed: int = 0
    disagreements: list[tuple[Finding, str]] = field(default_factory=list)
    unevaluated: list[tuple[Finding, str]] = field(default_factory=list)


class Remembering:
    """A judge that is asked once for each content of a document in an environment."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._known: dict[tuple[str, str], Judgement] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._judge, name)

    def judge(self, documents: Sequence[Document], environments: Sequence[str]) -> list[Judgement]:
        """As the judge's, in the order of the documents."""
        keys = [(document.digest, name) for document, name in zip(documents, environments, strict=True)]
        new = {key: document for key, document in zip(keys, documents, strict=True) if key not in self._known}
        judged = self._judge.judge(list(new.values()), [name for _, name in new])
        self._known.update(zip(new, judged, strict=True))
        return [self._known[key] for key in keys]


class Checkouts:
    """`auditor check` at any commit of a repository."""

    def __init__(self, repository: Repository, judge: Any, folder: Path) -> None:
        (folder / ".git").mkdir()  # where `check` stops looking for kustomizations further up
        self._folder = folder
        self._written: dict[str, str] = {}
        self._repository = repository
        self._judge = judge
        self.seen = lru_cache(maxsize=None)(self._seen)

    def _seen(self, sha: str) -> Seen:
        self._write_out(sha)
        with contextlib.chdir(self._folder):
            result = check([Path()], judge=self._judge, redactor=Redactor(b"lifetimes" * 4))
        shown_by: dict[Identity, set[str]] = {}
        for finding in result.findings:
            about = finding.resource
            if about is None:
                key = Identity(
                    finding.rule_id, environment(finding.path), "", "", "", finding.path, finding.pointer
                )
            else:
                place = (finding.path.rpartition("/")[0] or ".") if about.group == KUSTOMIZE else finding.path
                key = Identity(
                    finding.rule_id,
                    environment(finding.path),
                    about.group,
                    about.kind,
                    about.namespace,
                    about.name or place,
                    finding.pointer,
                )
            shown_by.setdefault(key, set()).add(finding.path)
        return Seen(
            {key: frozenset(paths) for key, paths in shown_by.items()},
            frozenset(error.path for error in result.errors),
        )

    def _write_out(self, sha: str) -> None:
        """Makes the folder hold the commit's manifests and no other file."""
        tree = {
            path: blob
            for path, blob in self._repository.tree(sha).items()
            if may_hold_manifests(path) or is_readable_name(path)
        }
        for path in self._written.keys() - tree.keys():
            (self._folder / path).unlink()
        for path, blob in tree.items():
            if self._written.get(path) != blob:
                file = self._folder / path
                if file.is_dir():
                    shutil.rmtree(file)  # empty folders that the tree before left
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(self._repository.content(blob))
        self._written = tree

    def ask(self, finding: Finding, tally: Tally) -> None:
        """All that the audit says of one finding."""
        self._ask_change(finding, finding.opened_sha, finding.opened_path, tally, opened=True)
        if finding.fixed_sha:
            self._ask_change(finding, finding.fixed_sha, finding.fixed_path, tally, opened=False)

    def _ask_change(self, finding: Finding, sha: str, path: str, tally: Tally, *, opened: bool) -> None:
        parent = self._repository.parents[sha][0]
        with_it, without = (sha, parent) if opened else (parent, sha)
        verb = "opened" if opened else "fixed"
        tally.asked += 2
        there, gone = self.seen(with_it), self.seen(without)
        paths = there.shown_by.get(finding.identity, frozenset())
        if path in paths or path in self._last_known(finding, with_it):
            tally.agreed += 1
        elif path in there.not_evaluated:
            tally.unevaluated.append((finding, f"{verb} in {sha[:12]}: {path} has errors at {with_it[:12]}"))
        else:
            others = f", but in {', '.join(sorted(paths))}" if paths else ""
            tally.disagreements.append(
                (finding, f"{verb} in {sha[:12]}: {path} does not show it at {with_it[:12]}{others}")
            )
        left = gone.shown_by.get(finding.identity, frozenset()) or self._last_known(finding, without)
        if left:
            tally.disagreements.append(
                (finding, f"{verb} in {sha[:12]}: shown at {without[:12]} by {', '.join(sorted(left))}")
            )
        elif path in gone.not_evaluated and not self._repository.hides_something(
            self._repository.tree(without)[path]
        ):
            tally.unevaluated.append((finding, f"{verb} in {sha[:12]}: {path} has errors at {without[:12]}"))
        else:
            tally.agreed += 1

    def _last_known(self, finding: Finding, sha: str) -> frozenset[str]:
        """Files of a commit that cannot be read and showed the finding when they could be read last."""
        found = set()
        for path in self.seen(sha).not_evaluated:
            at: tuple[str, str] | None = (sha, path)
            while at is not None and self._hides(finding.identity, *at):
                at = self._repository.one_before(*at)
            if at is None or environment(at[1]) != finding.identity.environment:
                continue
            if at[1] in self.seen(at[0]).shown_by.get(finding.identity, ()):
                found.add(path)
        return frozenset(found)

    def _hides(self, about: Identity, sha: str, path: str) -> bool:
        """True where nobody can tell whether the file still holds what the finding is about."""
        blob = self._repository.tree(sha)[path]
        if not self._repository.hides_something(blob):
            return False
        read = self._repository.objects(blob, named_kustomization(path))
        return about[1:6] not in {tuple(identity(path, manifest)) for manifest, _ in read}


def findings_of(database: Path, name: str) -> tuple[list[Finding], str, str]:
    """Findings in files, in the order of their ids; engine and Kubernetes version of the last run."""
    with duckdb.connect(str(database), read_only=True) as connection:
        if not name:
            [(name,)] = connection.execute("SELECT DISTINCT repo FROM commits").fetchall()
        rows = connection.execute(
            """SELECT id, occurrence, rule_id, environment, api_version, kind, namespace, name, path, pointer, source,
                      opened_sha, opened_path, fixed_sha, fixed_path
               FROM findings WHERE repo = ? AND source IN ('manifest', 'file') ORDER BY id, occurrence""",
            [name],
        ).fetchall()
        [(engine, kubernetes)] = connection.execute(
            "SELECT engine, kubernetes_version FROM runs WHERE repo = ? ORDER BY finished_at DESC LIMIT 1",
            [name],
        ).fetchall()
    found = []
    for row in rows:
        (
            identifier,
            occurrence,
            rule,
            where,
            version,
            kind,
            namespace,
            named,
            path,
            pointer,
            source,
            *changes,
        ) = row
        group = version.rpartition("/")[0]
        identity = Identity(rule, where, group, kind, namespace, path if source == "file" else named, pointer)
        found.append(Finding(identifier, occurrence, identity, *changes))
    return found, engine, kubernetes


@dataclass(frozen=True, kw_only=True)
class Held:
    """Findings that were picked out of all, and what checkouts said of them."""

    picked: list[Finding]
    of: int
    trees: int
    tally: Tally

    @property
    def wrong(self) -> set[tuple[str, int]]:
        """Id and occurrence of the findings of which something disagrees or could not be judged."""
        return {finding[:2] for finding, _ in (*self.tally.disagreements, *self.tally.unevaluated)}


def hold(
    repo: Path,
    database: Path,
    *,
    name: str = "",
    revision: str = "HEAD",
    seed: int = 1,
    count: int = 200,
    engine: str = "",
    forget: bool = False,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Held:
    """Picks findings and asks of each. `engine` '' is that of the audit; the rest is as the command's options."""
    findings, audited_with, kubernetes = findings_of(database, name)
    repository = Repository(repo, revision)
    possible = [finding for finding in findings if repository.parents.get(finding.opened_sha)]
    picked = random.Random(seed).sample(possible, min(count, len(possible)))
    tally = Tally()
    try:
        with (
            patch.object(Places, "way", lambda *_: [(1, 1)]),
            engine_session(engine or audited_with) as session,
            Judge(JudgeSpec(engine=session.engine, opa=session.opa, kubernetes_version=kubernetes)) as judge,
            tempfile.TemporaryDirectory(prefix="auditor-lifetimes-") as folder,
        ):
            checkouts = Checkouts(repository, judge if forget else Remembering(judge), Path(folder))
            for number, finding in enumerate(picked, 1):
                checkouts.ask(finding, tally)
                progress(number, len(picked))
    finally:
        repository.close()
    return Held(picked=picked, of=len(findings), trees=checkouts.seen.cache_info().misses, tally=tally)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repo", type=Path)
    parser.add_argument("--db", type=Path, required=True)
    parser.add_argument("--name", default="")
    parser.add_argument("--revision", default="HEAD")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--engine", default="", help="another engine than that of the audit")
    parser.add_argument("--forget", action="store_true", help="judge every tree anew")
    options = parser.parse_args()
    held = hold(
        options.repo,
        options.db,
        name=options.name,
        revision=options.revision,
        seed=options.seed,
        count=options.count,
        engine=options.engine,
        forget=options.forget,
        progress=lambda done, of: print(f"\r{done} of {of}", end="", file=sys.stderr, flush=True),
    )
    print(file=sys.stderr)
    tally = held.tally
    for what, found in (("disagrees", tally.disagreements), ("not evaluated", tally.unevaluated)):
        for finding, told in found:
            print(f"{what}: {finding.id}/{finding.occurrence} {' '.join(finding.identity)}: {told}")
    rules = len({finding.identity.rule_id for finding in held.picked})
    picked = len(held.picked)
    print(f"{picked} of {held.of} findings (seed {options.seed}), of {rules} rules, {held.trees} trees")
    print(f"{tally.agreed} of {tally.asked} statements hold; {picked - len(held.wrong)} of {picked} findings")
    sys.exit(1 if held.wrong else 0)


if __name__ == "__main__":
    main()
