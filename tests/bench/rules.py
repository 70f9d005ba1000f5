"""Rules and schemas against their peers, on the same files, in turn, in one run.

    python tests/bench/rules.py [--rounds 3] [--only a,b,c,d,e] [--sizes 500,5000,50000] [--history REPO]

a  `auditor check` with a dozen policies for conftest   against `conftest test` with the same policies
b  `auditor check --only schemas`                       against kubeconform with the same schemas
c  `auditor check --only shipped`, the whole library    against Checkov's framework for Kubernetes
d  the documents of a repository's history              a second, through OPA, by two processes (--history)
e  one file with each of them                           start-up

conftest and kubeconform are those of `make tools`; Checkov is installed into .auditor/bench. Who is compared has to say
the same: as many findings of conftest's policies and of schemas. Ratios are theirs ÷ ours: how many times as fast we are,
in processor time (the command with all its children, an OPA server included) and in wall time.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from history_judging import judged_history
from manifests_tree import KINDS, write_tree

from auditor.policy.schemas.versions import schema_folder, target_version

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools" / "bin"
POLICIES = Path(__file__).with_name("policies")
CACHE = ROOT / ".auditor" / "bench"
AUDITOR = [sys.executable, "-m", "auditor"]
PER_FILE = 3
"""Manifests a file where rules are compared; schemas are held against a file each."""

KUBECONFORM_NAME = "{{.ResourceKind}}{{.KindSuffix}}.json"


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What one command took, in seconds, and how many findings it told."""

    cpu_s: float
    wall_s: float
    output: str


@dataclass(kw_only=True)
class Comparison:
    """One pair over all rounds. `goal` is the least of theirs ÷ ours, 0 for none."""

    name: str
    peer: str
    goal: float
    ours: list[Ran] = field(default_factory=list)
    theirs: list[Ran] = field(default_factory=list)
    findings: tuple[int, int] = (0, 0)

    def ratios(self, measure: Callable[[Ran], float]) -> list[float]:
        """Theirs ÷ ours, a round each."""
        return [measure(theirs) / measure(ours) for ours, theirs in zip(self.ours, self.theirs, strict=True)]

    def record(self) -> dict[str, Any]:
        """As it goes into the file."""
        return {
            "name": self.name,
            "peer": self.peer,
            "goal": self.goal,
            "findings": {"ours": self.findings[0], "theirs": self.findings[1]},
            "times_as_fast": {"cpu": self.ratios(_cpu), "wall": self.ratios(_wall)},
            "ours_s": {"cpu": [one.cpu_s for one in self.ours], "wall": [one.wall_s for one in self.ours]},
            "theirs_s": {
                "cpu": [one.cpu_s for one in self.theirs],
                "wall": [one.wall_s for one in self.theirs],
            },
        }


def _cpu(ran: Ran) -> float:
    return ran.cpu_s


def _wall(ran: Ran) -> float:
    return ran.wall_s


def main() -> None:
    """Runs what is asked for, prints the ratios, writes the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="a,b,c,d,e")
    parser.add_argument("--sizes", default="500,5000,50000", help="manifests, for a")
    parser.add_argument("--schemas", type=int, default=50_000, help="manifests, for b")
    parser.add_argument("--library", type=int, default=5_000, help="manifests, for c")
    parser.add_argument("--history", type=Path, help="a git repository, for d")
    parser.add_argument("--json", type=Path, default=Path(".auditor/bench-rules.json"))
    options = parser.parse_args()
    asked = options.only.split(",")
    comparisons: list[Comparison] = []
    with tempfile.TemporaryDirectory(prefix="auditor-bench-") as name:
        folder = Path(name)
        if "e" in asked:
            comparisons += start_up(folder, options.rounds)
        if "a" in asked:
            for size in map(int, options.sizes.split(",")):
                comparisons.append(conftest(folder, size, options.rounds))
        if "b" in asked:
            comparisons.append(kubeconform(folder, options.schemas, options.rounds))
        if "c" in asked:
            comparisons.append(checkov(folder, options.library, options.rounds))
    figures: dict[str, Any] = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": len(os.sched_getaffinity(0)),
        "load_before": os.getloadavg()[0],
        "versions": versions(asked),
        "comparisons": [one.record() for one in comparisons],
    }
    if "d" in asked and options.history:
        figures["history"] = judged_history(options.history.resolve(), options.rounds)
    show(figures)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")
    print(f"\nevery figure: {options.json}")


def conftest(folder: Path, size: int, rounds: int) -> Comparison:
    """The same policies on a tree of some size."""
    tree = _tree(folder, size, PER_FILE)
    ours = [*AUDITOR, "check", str(tree), "--only", "policy", "--policy", str(POLICIES), *_AS_JSON]
    theirs = [program("conftest"), "test", "--policy", str(POLICIES), "--output", "json", str(tree)]
    found = Comparison(
        name=f"a dozen policies, {size:,} manifests", peer="conftest", goal=2 if size >= 5_000 else 1
    )
    return _same(_rounds(found, ours, theirs, rounds), _findings, _conftest_findings)


def kubeconform(folder: Path, size: int, rounds: int) -> Comparison:
    """The same schemas on a tree of a manifest a file."""
    tree = _tree(folder, size, 1)
    schemas = standalone_schemas(folder / "schemas")
    ours = [*AUDITOR, "check", str(tree), "--only", "schemas", *_AS_JSON]
    theirs = [
        *(program("kubeconform"), "-schema-location", f"{schemas}/{KUBECONFORM_NAME}"),
        *("-strict", "-summary", "-output", "json", str(tree)),
    ]
    found = Comparison(name=f"schemas, {size:,} manifests", peer="kubeconform", goal=5)
    return _same(_rounds(found, ours, theirs, rounds), _findings, _kubeconform_findings)


def checkov(folder: Path, size: int, rounds: int) -> Comparison:
    """Each one's own rules. Findings are not compared: they are different rules."""
    tree = _tree(folder, size, PER_FILE)
    ours = [*AUDITOR, "check", str(tree), "--only", "shipped", *_AS_JSON]
    theirs = [
        *(str(checkov_program()), "--directory", str(tree), "--framework", "kubernetes"),
        *("--compact", "--quiet", "--skip-download", "--output", "json"),
    ]
    found = Comparison(name=f"the whole library, {size:,} manifests", peer="checkov", goal=20)
    _rounds(found, ours, theirs, rounds)
    failed = json.loads(found.theirs[0].output)["summary"]["failed"]
    found.findings = (_findings(found.ours[0].output), failed)
    return found


def start_up(folder: Path, rounds: int) -> list[Comparison]:
    """One file: what a pre-commit hook waits for."""
    tree = _tree(folder, 1, 1)
    file = next(tree.rglob("*.yaml"))
    schemas = standalone_schemas(folder / "schemas")
    everything = [*AUDITOR, "check", str(file), *_AS_JSON]
    by_schemas = [*AUDITOR, "check", str(file), "--only", "schemas", *_AS_JSON]
    pairs = [
        ("conftest", everything, [program("conftest"), "test", "--policy", str(POLICIES), str(file)]),
        (
            "kubeconform",
            by_schemas,
            [program("kubeconform"), "-schema-location", f"{schemas}/{KUBECONFORM_NAME}", str(file)],
        ),
    ]
    return [
        _rounds(Comparison(name="one file", peer=peer, goal=0), ours, theirs, rounds * 5)
        for peer, ours, theirs in pairs
    ]


_AS_JSON = ("--format", "json", "--fail-on", "never")


def _rounds(found: Comparison, ours: Sequence[str], theirs: Sequence[str], rounds: int) -> Comparison:
    """Both in turn; the first goes first in every second round."""
    print(f"{found.name}: auditor and {found.peer}", file=sys.stderr)
    for number in range(rounds):
        order = [(found.ours, ours), (found.theirs, theirs)]
        for runs, command in order if number % 2 == 0 else reversed(order):
            ran = run(command)
            # Only the first answer is looked at: fifty thousand findings a round are not kept.
            runs.append(ran if not runs else Ran(cpu_s=ran.cpu_s, wall_s=ran.wall_s, output=""))
    return found


def _same(
    found: Comparison, count_ours: Callable[[str], int], count_theirs: Callable[[str], int]
) -> Comparison:
    found.findings = (count_ours(found.ours[0].output), count_theirs(found.theirs[0].output))
    if found.findings[0] != found.findings[1]:
        sys.exit(f"{found.name}: we find {found.findings[0]}, {found.peer} finds {found.findings[1]}")
    return found


def _findings(output: str) -> int:
    answer = json.loads(output)
    if answer["errors"]:
        sys.exit(f"not evaluated: {answer['errors'][0]}")
    return len(answer["findings"])


def _conftest_findings(output: str) -> int:
    return sum(len(entry.get("failures", ())) for entry in json.loads(output))


def _kubeconform_findings(output: str) -> int:
    answer = json.loads(output)
    if answer["summary"]["errors"] or answer["summary"]["skipped"]:
        sys.exit(f"kubeconform did not judge everything: {answer['summary']}")
    return int(answer["summary"]["invalid"])


def run(command: Sequence[str]) -> Ran:
    """Runs a command to its end. 0 and 1 are answers; other exit codes end the benchmark."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        started = time.monotonic()
        process = subprocess.Popen(
            list(command), stdin=subprocess.DEVNULL, stdout=output, stderr=errors, env=environment
        )
        _, status, used = os.wait4(process.pid, 0)
        wall_s = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 1):
            errors.seek(0)
            sys.exit(f"{' '.join(command)} ended with {process.returncode}: {errors.read()[-2000:]}")
        output.seek(0)
        return Ran(cpu_s=used.ru_utime + used.ru_stime, wall_s=wall_s, output=output.read())


def _tree(folder: Path, size: int, per_file: int) -> Path:
    tree = folder / f"tree-{size}-{per_file}"
    if not tree.exists():
        write_tree(tree, size, per_file=per_file)
    return tree


def standalone_schemas(folder: Path) -> Path:
    """Our schemas of the kinds in the tree with everything that they refer to in place, as kubeconform takes them."""
    source = schema_folder(target_version(""), strict=True)
    definitions = json.loads((source / "_definitions.json").read_text())["$defs"]
    folder.mkdir(exist_ok=True)
    for _, api_version, kind, _ in KINDS:
        group, _, api = api_version.rpartition("/")
        name = f"{kind.lower()}-{group.split('.')[0] + '-' if group else ''}{api}.json"
        schema = json.loads((source / name).read_text())
        (folder / name).write_text(json.dumps(_in_place(schema, definitions)))
    return folder


def _in_place(schema: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_in_place(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return _in_place(definitions[reference.rpartition("/")[2]], definitions)
    return {key: _in_place(value, definitions) for key, value in schema.items()}


def program(name: str) -> str:
    """The path of a peer; ends the benchmark where it is not built."""
    path = TOOLS / name
    if not path.is_file():
        sys.exit(f"{name} is not there: make .tools/bin/{name}")
    return str(path)


def checkov_program() -> Path:
    """Checkov in an environment of its own, which is made when it is not there: it shares no version with ours."""
    environment = CACHE / "checkov"
    found = environment / "bin" / "checkov"
    if not found.is_file():
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        python = str(environment / "bin" / "python")
        subprocess.run([python, "-m", "pip", "install", "--quiet", "checkov"], check=True)
    return found


def versions(asked: Sequence[str]) -> dict[str, str]:
    """Who was measured."""
    found = {
        "auditor": version("auditor"),
        "python": platform.python_version(),
        "kubernetes-validate": version("kubernetes-validate"),
        "opa": _said([program("opa"), "version"], "Version: "),
        "conftest": _module("conftest"),
        "kubeconform": _module("kubeconform"),
    }
    if "c" in asked:
        found["checkov"] = _said([str(checkov_program()), "--version"], "")
    return found


def _said(command: Sequence[str], before: str) -> str:
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return next(line.removeprefix(before) for line in output.splitlines() if line.startswith(before))


def _module(name: str) -> str:
    """The version that tools/<name>/go.mod asks for: what is built from a module does not know its own."""
    for line in (ROOT / "tools" / name / "go.mod").read_text().splitlines():
        words = line.removeprefix("require ").split()
        if len(words) > 1 and f"/{name}" in words[0] and words[1].startswith("v"):
            return words[1]
    return "unknown"


def show(figures: dict[str, Any]) -> None:
    """Prints the ratios and the versions."""
    told = ", ".join(f"{name} {number}" for name, number in figures["versions"].items())
    print(f"{figures['cores']} cores, load before {figures['load_before']:.1f}; {told}\n")
    print(f"{'times as fast':<44}{'peer':<14}{'processor time':<30}{'wall time':<30}goal")
    for one in figures["comparisons"]:
        times = one["times_as_fast"]
        goal = f"{one['goal']:g}" if one["goal"] else ""
        print(
            f"{one['name']:<44}{one['peer']:<14}{spread(times['cpu']):<30}{spread(times['wall']):<30}{goal}"
        )
    if "history" in figures:
        history = figures["history"]
        print(
            f"\n{history['documents']:,} distinct documents of a history, {history['processes']} processes, OPA:"
            f" {spread(history['documents_per_s'])} a second (goal 5,000),"
            f" {spread(history['documents_per_cpu_s'])} a second of processor time"
        )


def spread(values: Sequence[float]) -> str:
    """The median, and the lowest to the highest."""
    return f"{statistics.median(values):,.2f} ({min(values):,.2f} to {max(values):,.2f})"


if __name__ == "__main__":
    main()
