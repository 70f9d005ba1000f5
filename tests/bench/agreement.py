"""Do we say of other people's policies what the programs say that they were written for?

    python tests/bench/agreement.py --templates gatekeeper-library/library
    python tests/bench/agreement.py --conftest policies manifests.yaml

`--templates DIR` takes every suite of `gator verify` below the folder and holds each case's object (with its inventory)
against the template and constraint, here and with `gator test`; `--conftest POLICIES INPUT…` runs `conftest test`
with all namespaces. What is compared is the resource and the message. Prints one line a policy and what differs;
exits 1 where something does.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from auditor.model import Document, Outcome
from auditor.policy.judge import Judge, JudgeSpec
from auditor.policy.testing import documents_of

TOOLS = Path(__file__).resolve().parents[2] / ".tools" / "bin"
Said = Counter[tuple[str, str]]
"""(resource, message) and how often."""


@dataclass
class Comparison:
    """One policy: what both said, what only one said, and what we could not evaluate."""

    name: str
    ours: Said = field(default_factory=Counter)
    theirs: Said = field(default_factory=Counter)
    unevaluated: set[str] = field(default_factory=set)
    problem: str = ""

    @property
    def agrees(self) -> bool:
        """True where both said the same."""
        return not self.problem and not self.unevaluated and set(self.ours) == set(self.theirs)


def program(name: str) -> str:
    """The path of a peer; SystemExit where it is not built."""
    found = shutil.which(name) or str(TOOLS / name)
    if not Path(found).is_file():
        raise SystemExit(f"{name} is not there: make .tools/bin/{name}")
    return found


def ours(policies: Path, documents: list[Document], engine: str, category: str) -> Comparison:
    """What our judge says of documents by the foreign rules of one category."""
    result = Comparison(name="")
    with tempfile.TemporaryDirectory() as empty:
        spec = JudgeSpec(
            policy_folders=(policies,),
            engine=engine,
            schemas=False,
            base=Path(empty),
            foreign_on_embedded=True,
        )
        with Judge(spec) as judge:
            pairs = [
                (number, verdict)
                for number, one in enumerate(judge.judge(documents))
                for verdict in one.verdicts
            ]
            pairs += judge.judge_together("all", documents)[1]
    for number, verdict in pairs:
        if not verdict.rule_id.startswith(f"{category}/"):
            continue
        if verdict.outcome is Outcome.FAIL:
            result.ours[_shown(documents[number].manifest), verdict.message] += 1
        else:
            result.unevaluated.add(f"{verdict.rule_id}: {verdict.message}")
    return result


def _shown(manifest: Any) -> str:
    metadata = manifest.get("metadata") or {}
    return f"{manifest.get('kind')} {metadata.get('namespace', '')}/{metadata.get('name', '')}"


def gatekeeper(folder: Path, engine: str, limit: int) -> Iterator[Comparison]:
    """Every test of every suite, all its cases' objects one by one."""
    done = 0
    for suite in sorted(folder.rglob("suite.yaml")):
        content = yaml.safe_load(suite.read_text(encoding="utf-8"))
        for test in content.get("tests") or []:
            if test.get("invalid") or test.get("skip") or (limit and done >= limit):
                continue
            done += 1
            yield _gatekeeper_test(suite, test, engine)


def _gatekeeper_test(suite: Path, test: dict[str, Any], engine: str) -> Comparison:
    result = Comparison(name=f"{suite.parent.name}/{test['name']}")
    policy = [suite.parent / test["template"], suite.parent / test["constraint"]]
    with tempfile.TemporaryDirectory() as name:
        copied = Path(name)
        for number, path in enumerate(policy):
            (copied / f"{number}.yaml").write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
        for case in test.get("cases") or []:
            files = [suite.parent / one for one in (case["object"], *case.get("inventory", ()))]
            documents = documents_of("\n---\n".join(path.read_text(encoding="utf-8") for path in files))
            if any(document.kind == "AdmissionReview" for document in documents):
                continue
            with_home = [_with_namespace(document.manifest) for document in documents]
            objects = copied.parent / f"{copied.name}.objects"
            objects.mkdir(exist_ok=True)
            for number, manifest in enumerate(with_home):
                (objects / f"{number}.json").write_text(json.dumps(manifest), encoding="utf-8")
            try:
                one = ours(
                    copied, [d for m in with_home for d in documents_of(json.dumps(m))], engine, "gatekeeper"
                )
                said = _gator(result, [*policy, *sorted(objects.iterdir())])
            finally:
                shutil.rmtree(objects)
            result.unevaluated |= one.unevaluated
            result.ours += _of_case(case, one.ours)
            result.theirs += _of_case(case, said)
    return result


_CLUSTER_SCOPED = frozenset(
    {
        "ClusterRole",
        "ClusterRoleBinding",
        "Namespace",
        "PersistentVolume",
        "StorageClass",
        "CustomResourceDefinition",
    }
)


def _with_namespace(manifest: Any) -> Any:
    """The object in the namespace where it would be made: `gator test` takes none for a namespace called ''."""
    metadata = manifest.get("metadata") or {}
    if manifest.get("kind") in _CLUSTER_SCOPED or metadata.get("namespace"):
        return manifest
    return {**manifest, "metadata": {**metadata, "namespace": "default"}}


def _of_case(case: dict[str, Any], said: Said) -> Said:
    return Counter({(f"{case['name']}: {resource}", text): n for (resource, text), n in said.items()})


def _gator(result: Comparison, files: list[Path]) -> Said:
    arguments = [part for path in files for part in ("-f", str(path))]
    done = subprocess.run(
        [program("gator"), "test", *arguments, "-o", "json"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    try:
        found = json.loads(done.stdout or "null") or []
    except json.JSONDecodeError:
        result.problem = (done.stderr or done.stdout).strip()[:200]
        return Counter()
    if done.returncode and not found:
        result.problem = done.stderr.strip()[:200]
    return Counter(
        (_shown(one["violatingObject"]), one["msg"])
        for one in found
        if one["violatingObject"]["apiVersion"].split("/")[0]
        not in ("templates.gatekeeper.sh", "constraints.gatekeeper.sh")
    )


def conftest(policies: Path, inputs: list[Path], engine: str, version: str) -> Iterator[Comparison]:
    """All packages of a folder on all documents of the files, one document at a time."""
    for path in inputs:
        for document in documents_of(path.read_text(encoding="utf-8")):
            result = ours(policies, [document], engine, "conftest")
            result.name = f"{policies.name}: {path.name} {_shown(document.manifest)}"
            result.theirs = _conftest(result, policies, document, version)
            yield result


def _conftest(result: Comparison, policies: Path, document: Document, version: str) -> Said:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(document.manifest, file)
        file.flush()
        data = policies / "data"
        done = subprocess.run(
            [
                *(program("conftest"), "test", "--all-namespaces", "-o", "json", "--rego-version", version),
                *("-p", str(policies), *(("-d", str(data)) if data.is_dir() else ()), file.name),
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    try:
        found = json.loads(done.stdout)
    except json.JSONDecodeError:
        result.problem = (done.stderr or done.stdout).strip()[:300]
        return Counter()
    return Counter(
        (_shown(document.manifest), one["msg"])
        for entry in found
        for level in ("warnings", "failures")
        for one in entry.get(level) or []
    )


def main() -> int:
    """The comparison that the command line asks for; 1 where something differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--templates", type=Path, help="a folder with suites of gator verify")
    parser.add_argument("--conftest", type=Path, help="a folder of conftest policies")
    parser.add_argument("--rego-version", default="v1", help="how conftest reads the policies: v0 or v1")
    parser.add_argument("--engine", default="opa")
    parser.add_argument("--limit", type=int, default=0, help="that many tests, 0 for all")
    parser.add_argument("inputs", nargs="*", type=Path, help="manifests for --conftest")
    asked = parser.parse_args()
    compared: list[Comparison] = []
    runs: list[Iterator[Comparison]] = []
    if asked.templates:
        runs.append(gatekeeper(asked.templates, asked.engine, asked.limit))
    if asked.conftest:
        runs.append(conftest(asked.conftest, asked.inputs, asked.engine, asked.rego_version))
    for one in (found for run in runs for found in run):
        compared.append(one)
        mark = "same" if one.agrees else "not evaluated" if one.unevaluated else "DIFFERS"
        print(f"{mark:<14} {sum(one.theirs.values()):>4} {sum(one.ours.values()):>4}  {one.name}", flush=True)
        for label, said in (("only here", one.ours), ("only there", one.theirs)):
            other = one.theirs if label == "only here" else one.ours
            for resource, text in sorted(set(said) - set(other)):
                print(f"    {label}: {resource}: {text}")
        for text in sorted(one.unevaluated):
            print(f"    not evaluated: {text}")
        if one.problem:
            print(f"    the peer failed: {one.problem}")
    same = sum(one.agrees for one in compared)
    messages = sum(sum(one.theirs.values()) for one in compared)
    print(f"{same} of {len(compared)} agree ({messages} messages of the peers)")
    return 0 if same == len(compared) else 1


if __name__ == "__main__":
    sys.exit(main())
