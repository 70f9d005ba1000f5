"""Renders the tip of a repository and of the landings before it, and builds the same folders with Kustomize alone.

    python tests/bench/render_tip.py REPOSITORY STATE [--landings 20]

Prints JSON: seconds for the folders one after the other with the program, for the very builds that the tip takes (what
Flux puts around a folder costs too) one after the other, for the whole tip here (reading, parsing, planning, building,
several at once), for the same again from what was kept, and for the newest landings one by one. `cpu` is processor
time, of all processes together: what others do on the machine hardly changes it.
REPOSITORY is read, never written; STATE is a folder for the mirror.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

from auditor.git.blobs import ObjectReader
from auditor.git.history import read_changes, read_skeleton
from auditor.git.landed_tree import LandedTree
from auditor.git.mirror import Mirror, update_mirror
from auditor.git.tree import CommitTree
from auditor.manifests.deployments.options import DeploymentOptions
from auditor.manifests.rendering import kustomize
from auditor.manifests.secrets import Redactor
from auditor.model import FileChange
from auditor.pipeline.declared.kept_renderings import KeptRenderings, digests_in
from auditor.pipeline.declared.landed_renderings import Line
from auditor.pipeline.declared.window import Landed
from auditor.store.renderings import StoredRenderings


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository", type=Path)
    parser.add_argument("state", type=Path)
    parser.add_argument("--landings", type=int, default=20)
    options = parser.parse_args()
    options.state.mkdir(parents=True, exist_ok=True)
    mirror = update_mirror(str(options.repository), options.state)
    skeleton = read_skeleton(mirror)
    chain = skeleton.chain[-options.landings - 1 :]
    changes_of: dict[str, list[FileChange]] = {}
    for change in read_changes(mirror, read_skeleton(mirror, after=chain[0]), after=chain[0]):
        changes_of.setdefault(change.sha, []).append(change)
    with ObjectReader(mirror.git, mirror.path) as reader:
        first = _line(mirror, reader, chain[-1], StoredRenderings())
        before = _processor_s()
        tip_s = _walked(first, [chain[-1]], {})
        tip_cpu_s = _processor_s() - before
        stored = first.cache.left(chain[-1], since=0, held="[]")
        again_s = _walked(_line(mirror, reader, chain[-1], stored), [chain[-1]], {})
        builds_s = _one_after_the_other(_line(mirror, reader, chain[-1], StoredRenderings()), chain[-1])
        landings = _line(mirror, reader, chain[0], StoredRenderings())
        before_s = _walked(landings, chain[:1], {})
        all_s = _walked(_line(mirror, reader, chain[0], StoredRenderings()), chain, changes_of)
        folders = sorted({item.rendered_from for item in first.declared.values()})
        with tempfile.TemporaryDirectory(prefix="auditor-bench-") as name:
            _check_out(CommitTree(mirror, chain[-1], reader), Path(name))
            built = [folder for folder in folders if (Path(name) / folder).is_dir()]
            before = _processor_s()
            kustomize_s = _built(Path(name), built)
            kustomize_cpu_s = _processor_s() - before
    print(
        json.dumps(
            {
                "kustomize_s": kustomize_s,
                "kustomize_cpu_s": kustomize_cpu_s,
                "folders": len(built),
                "builds_s": builds_s,
                "tip_s": tip_s,
                "tip_cpu_s": tip_cpu_s,
                "again_s": again_s,
                "resources": len(first.declared),
                "landings": len(chain) - 1,
                "landing_s": max(0.0, all_s - before_s) / max(1, len(chain) - 1),
            }
        )
    )


def _line(mirror: Mirror, reader: ObjectReader, sha: str, stored: StoredRenderings) -> Line:
    tree = LandedTree(mirror, sha, reader)
    redactor = Redactor(b"\0" * 32)
    cache = KeptRenderings(stored, means="", content=tree.blob, judged=digests_in(stored), redactor=redactor)
    return Line(
        tree=tree,
        redactor=redactor,
        options=DeploymentOptions(),
        cache=cache,
        known={},
        is_wanted=lambda digest, environment: False,
    )


def _walked(line: Line, chain: list[str] | tuple[str, ...], changes_of: dict[str, list[FileChange]]) -> float:
    landed = [Landed(sha=sha, position=number) for number, sha in enumerate(chain)]
    started = time.monotonic()
    for _ in line.walk(landed, changes_of, from_nothing=False):
        pass
    return time.monotonic() - started


def _processor_s() -> float:
    """Seconds of processor time of this process and of all its children that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _one_after_the_other(line: Line, sha: str) -> float:
    """Seconds in the builds of a commit while never two of them run."""
    run, lock, spent = kustomize.run_bounded, threading.Lock(), [0.0]

    def alone(*arguments: Any, **limits: Any) -> Any:
        with lock:
            started = time.monotonic()
            try:
                return run(*arguments, **limits)
            finally:
                spent[0] += time.monotonic() - started

    with patch.object(kustomize, "run_bounded", alone):
        _walked(line, [sha], {})
    return spent[0]


def _check_out(tree: CommitTree, folder: Path) -> None:
    for path in tree.paths():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(tree.read(path))


def _built(root: Path, folders: list[str]) -> float:
    """Seconds for building the folders one after the other, as a shell loop would."""
    program = kustomize._program()
    verb = "build" if program.stem == "kustomize" else "kustomize"
    started = time.monotonic()
    for folder in folders:
        subprocess.run(
            [str(program), verb, str(root / folder)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"},
            check=False,
        )
    return time.monotonic() - started


if __name__ == "__main__":
    main()
