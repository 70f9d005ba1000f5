"""A repository made by an attacker: audited whole, within bounds, running nothing of it, keeping no secret of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from histories.builder import START, Entry, History, Person, link, submodule
from histories.manifests import pod, pod_object, text

SCRIPT = "<script>alert(1)</script>"
FORMULA = "=cmd|'/c calc'!A0"
ANSI = "\x1b[2J\x1b]0;title\x07"
RTL = "\u202egnp.exe"

# Shaped as their issuers shape them, and made up.
TOKENS = {
    "env": "ghp_" + "E" * 36,
    "annotation": "ghp_" + "A" * 36,
    "configmap": "ghp_" + "C" * 36,
    "message": "ghp_" + "M" * 36,
    "body": "ghp_" + "B" * 36,
    "path": "ghp_" + "P" * 36,
    "author": "ghp_" + "N" * 36,
    "values": "ghp_" + "V" * 36,
    "broken": "ghp_" + "K" * 36,
    "branch": "ghp_" + "R" * 36,
    "key": "ghp_" + "Y" * 36,
    "name": "ghp_" + "Z" * 36,
    "folder": "ghp_" + "F" * 36,
    "patch": "ghp_" + "T" * 36,
    "image": "ghp_" + "I" * 36,
    "trailer": "ghp_" + "L" * 36,
    "value in an enum": "ghp_" + "U" * 36,
}
PASSWORDS = (
    "correct-horse-battery",
    "tr0ub4dor-and-3",
    "swordfish-of-the-day",
    "open-sesame-now",
    "hunter2-hunter2",
)
BASE64 = "c3dvcmRmaXNoLW9mLXRoZS1kYXk="  # the third of them

MEMORY = 1536 * 1024**2
# The engine reserves address space that it does not use, so this bounds what is resident.
SECONDS = 120


def bomb(levels: int = 12) -> str:
    """The billion laughs."""
    lines = ["apiVersion: v1", "kind: ConfigMap", "metadata: {name: bomb}", "l0: &l0 [lol]"]
    lines += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


def secret_files() -> dict[str | bytes, str | bytes]:
    """Secrets in every odd place of a tree."""
    return {
        "s/data.yaml": text(
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "data": {"x": BASE64}}
        ),
        "s/string.yaml": text(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": "b"},
                "stringData": {"x": PASSWORDS[0]},
            }
        ),
        "s/list.yaml": text(
            {
                "apiVersion": "v1",
                "kind": "List",
                "items": [
                    {
                        "apiVersion": "v1",
                        "kind": "Secret",
                        "metadata": {"name": "c"},
                        "stringData": {"x": PASSWORDS[1]},
                    }
                ],
            }
        ),
        "s/env.yaml": text(
            pod_object(
                "e",
                {
                    "name": "web",
                    "image": f"x/{TOKENS['image']}",
                    "env": [
                        {"name": "DB_PASSWORD", "value": PASSWORDS[3]},
                        {"name": "T", "value": TOKENS["env"]},
                    ],
                },
            )
        ),
        "s/config.yaml": text(
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "d", "annotations": {"note": TOKENS["annotation"]}},
                "data": {"token": TOKENS["configmap"], TOKENS["key"]: "x"},
            }
        ),
        "s/name.yaml": pod(TOKENS["name"], privileged=True),
        "s/enum.yaml": text(
            {**pod_object("enum", privileged=True), "spec": {"restartPolicy": TOKENS["value in an enum"]}}
        ),
        "chart/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
        "chart/values.yaml": f"password: {PASSWORDS[4]}\ntoken: {TOKENS['values']}\n",
        "s/broken.yaml": f"apiVersion: v1\nkind: Secret\nmetadata: {{name: z\nstringData:\n  a: {TOKENS['broken']}\n  b: {PASSWORDS[0]}\n",
        "s/twice.yaml": f"apiVersion: v1\nkind: Secret\nmetadata: {{name: t}}\nstringData: {{{PASSWORDS[1]}: a, {PASSWORDS[1]}: b}}\n".replace(
            PASSWORDS[1], "k"
        ),
        f"s/{TOKENS['path']}.yaml": pod("in-a-path", privileged=True),
        f"clusters/{TOKENS['folder']}/a.yaml": pod("in-a-folder", privileged=True),
        "k/kustomization.yaml": f"patches: [{{path: {TOKENS['patch']}.yaml}}]\n",
        f"k/{TOKENS['patch']}.yaml": pod("patched", privileged=True),
    }


def hostile_files(canary: Path) -> dict[str | bytes, str | bytes | Entry]:
    """What tries to run, to leave the tree, to exhaust, or to be shown as something else."""
    touch = f"touch {canary}"
    rego = f'package auditor.x\nimport data.y\nfindings contains http.send({{"url": "file://{canary}"}})\n'
    deep = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: deep}\ndata: " + "[" * 20_000 + "]" * 20_000 + "\n"
    )
    return {
        "bomb/laughs.yaml": bomb(),
        "bomb/deep.yaml": deep,
        "bomb/line.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: line}\ndata: {a: " + "x" * 7_900_000 + "}\n",
        "bomb/larger.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: larger}\ndata: {a: " + "x" * 10_000_000 + "}\n",
        "bomb/documents.yaml": "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: n}\n" * 100_000,
        "bomb/json.json": '{"apiVersion":"v1","kind":"ConfigMap","a":' * 3_000 + "1" + "}" * 3_000,
        "bomb/numbers.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: n}\na: " + "9" * 100_000 + "\n",
        "bomb/tag.yaml": f"apiVersion: v1\nkind: ConfigMap\na: !!python/object/apply:os.system ['{touch}']\n",
        "odd/nul.yaml": b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \x00}\n",
        "odd/latin.yaml": b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: caf\xe9}\n",
        "odd/utf16.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: wide}\n".encode("utf-16"),
        "odd/names.yaml": text(*(pod_object(name, {"name": name, "image": f"x/{name}", "securityContext": {"privileged": True}})
                                 for name in (SCRIPT, FORMULA, ANSI, RTL, "[link](javascript:alert(1))", "a\nb", "`x`"))),
        f"odd/{SCRIPT.replace('/', '')}{ANSI}{RTL}{FORMULA.replace('/', '')}.yaml": pod("odd-path", privileged=True),
        b"odd/\xff\xfe\n.yaml": pod("no-text", privileged=True),
        b"odd/" + b"\xff" * 250 + b".yaml": pod("long-name", privileged=True),
        "--output=x": "x", "--output=x.yaml": pod("option", privileged=True), "-": "x", "$(id).yaml": pod("shell"),
        "link/passwd.yaml": link("/etc/passwd"), "link/out.yaml": link("../../../../etc/hostname"), "link/folder": link("/etc"),
        "link/kustomization.yaml": "resources: [passwd.yaml, out.yaml, folder]\n",
        "away/kustomization.yaml": "resources: [../../../../../etc, /etc/passwd, ../away]\n",
        "cycle/a/kustomization.yaml": "resources: [../b]\n", "cycle/b/kustomization.yaml": "resources: [../a]\n",
        "remote/kustomization.yaml": "resources: ['https://localhost:1/x?ref=main', 'git@localhost:x/y.git//z', 'ext::sh -c id']\n",
        "exec/kustomization.yaml": "generators: [gen.yaml]\ntransformers: [gen.yaml]\n",
        "exec/gen.yaml": "apiVersion: x/v1\nkind: Exec\nmetadata:\n  name: e\n  annotations:\n    config.kubernetes.io/function: |\n"
                         "      exec: {path: ./run.sh}\n",
        "exec/run.sh": Entry("100755", f"#!/bin/sh\n{touch}\n".encode()),
        "helm/kustomization.yaml": "helmCharts: [{name: x, repo: 'https://localhost:1', version: 1.0.0, releaseName: r}]\nhelmGlobals: {chartHome: ../../..}\n",
        "gen/kustomization.yaml": "secretGenerator: [{name: g, files: [/etc/shadow, ../../../../etc/passwd], literals: [password=" + PASSWORDS[3] + "]}]\n",
        "big/kustomization.yaml": "configMapGenerator:\n" + "".join(f"- {{name: n{n}, literals: [a={'x' * 100}]}}\n" for n in range(2_000)),
        ".gitattributes": "* filter=evil diff=evil textconv=evil ident export-subst\n",
        ".gitmodules": f'[submodule "x"]\n\tpath = x\n\turl = ext::sh -c {touch}\n\tupdate = !{touch}\n', "x": submodule(),
        "policies/x/y/y.rego": rego, "auditor.yaml": "opa_url: http://localhost:1\npolicies: {folders: [policies]}\nexclude: ['**']\n",
        "conftest.py": f"import os; os.system('{touch}')\n", "auditor/__init__.py": f"import os; os.system('{touch}')\n",
        "sitecustomize.py": f"import os; os.system('{touch}')\n", "regopy.py": f"import os; os.system('{touch}')\n",
    }  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[History, Path]:
    folder = tmp_path_factory.mktemp("hostile")
    canary = folder / "canary"
    story = History(folder / "repo")
    story.commit("start", {"README.md": "x"})
    story.commit(
        f"{SCRIPT} {FORMULA} {ANSI} {RTL} {TOKENS['message']}\n\nReviewed-on: https://u:{TOKENS['trailer']}@x/1\n{TOKENS['body']}",
        secret_files(),
    )
    story.commit(
        b"\xff\x00\xfe no text\n\nbody \xff",
        hostile_files(canary),
        by=Person(f"{SCRIPT}{ANSI}{TOKENS['author']}", FORMULA),
    )
    story.commit(b"long\n\n" + b"eyJaaaaaaaa-" * 350_000, {"a.yaml": pod(privileged=True)})
    tree = story.write_tree({"a.yaml": pod(privileged=True)}).encode()
    head = b"tree %b\nparent %b\nauthor %b\ncommitter %b\n" % (
        tree,
        story.tip("main").encode(),
        b"<" * 200_000,
        b"E <e> 9 +9900",
    )
    story.trees[story.raw_commit(head + b"encoding punycode\n\n\xff\n")] = {}
    story.raw_commit(
        b"tree %b\nparent %b\nauthor A <a> %d +0000\ncommitter A <a> %d +0000\n\nback\n"
        % (story.git("rev-parse", "main~1^{tree}").strip().encode(), story.tip("main").encode(), START, START)
    )
    story.ref(f"refs/heads/{TOKENS['branch']}", story.tip("main"))
    story.point_head(TOKENS["branch"])
    story.ref("refs/tags/--output=x", story.tip("main"))
    touch = f"touch '{canary}'"
    (story.git_folder / "config").write_text(
        f'[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tfsmonitor = "{touch}"\n\tsshCommand = "{touch}"\n'
        f'\thooksPath = {story.git_folder}/hooks\n[uploadpack]\n\tpackObjectsHook = "{touch}; exec"\n'
        f'[filter "evil"]\n\tclean = "{touch}"\n\tsmudge = "{touch}"\n[diff "evil"]\n\ttextconv = "{touch}"\n'
        f'[alias]\n\tlog = "!{touch}"\n\tfetch = "!{touch}"\n'
    )
    hooks = story.git_folder / "hooks"
    hooks.mkdir()
    for name in (
        "post-checkout",
        "reference-transaction",
        "pre-receive",
        "post-receive",
        "update",
        "fsmonitor-watchman",
        "pre-auto-gc",
    ):
        (hooks / name).write_text(f"#!/bin/sh\n{touch}\n")
        (hooks / name).chmod(0o755)
    return story, canary


class Command:
    """`auditor` in a process with bounds, its outputs kept."""

    def __init__(self, folder: Path, outputs: list[bytes]) -> None:
        self.folder, self.outputs = folder, outputs
        self.files: list[bytes] = []

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        peak = self.folder / "peak"
        program = (
            "from pathlib import Path\nfrom auditor.cli import main\ntry:\n    main()\nfinally:\n"
            f"    Path({str(peak)!r}).write_text(Path('/proc/self/status').read_text())\n"
        )
        done = subprocess.run(
            [sys.executable, "-P", "-c", program, *arguments],
            cwd=self.folder, capture_output=True, timeout=SECONDS, check=False, env={**os.environ, "AUDITOR_DEBUG": ""},
        )  # fmt: skip
        [most] = [line.split()[1] for line in peak.read_text().splitlines() if line.startswith("VmHWM:")]
        assert int(most) * 1024 < MEMORY, arguments
        self.outputs += [b"" if "csv" in arguments else done.stdout, done.stderr]
        self.files.append(done.stdout if "csv" in arguments else b"")
        assert b"auditor itself failed" not in done.stderr, done.stderr.decode(errors="replace")[-2000:]
        return done


@pytest.fixture(scope="module")
def audited(
    hostile: tuple[History, Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[bytes], float]:
    """The folder of the audit, all that was printed, and the seconds that the scan took."""
    story, _ = hostile
    folder = tmp_path_factory.mktemp("audit")
    outputs: list[bytes] = []
    run = Command(folder, outputs)
    started = time.monotonic()
    done = run("scan", str(story.path), "--db", "audit.duckdb", "--engine", "embedded")
    took = time.monotonic() - started
    assert done.returncode in (1, 3), done.stderr.decode(errors="replace")
    for arguments in (
        ("findings", "list", "--state", "all", "--limit", "10000"),
        ("findings", "list", "--state", "all", "--limit", "10000", "--format", "json"),
        ("query", "SELECT * FROM commits"),
        ("query", "SELECT * FROM findings", "--format", "json"),
        ("query", "SELECT * FROM file_changes", "--format", "csv"),
        ("query", "SELECT * FROM gaps"),
        ("query", "SELECT * FROM resource_changes", "--format", "csv"),
        ("query", "SELECT * FROM field_changes", "--format", "csv"),
        ("query", "SELECT * FROM ref_observations", "--format", "csv"),
        ("report", "soc2", "--format", "html"),
        ("report", "soc2", "--format", "markdown"),
        ("trail", "verify"),
    ):
        done = run(*arguments, "--db", "audit.duckdb")
        # Nothing is wrong with the trail, and nothing outside proves it: that is what 3 says.
        expected = 3 if arguments[0] == "trail" else 0
        assert done.returncode == expected, (arguments, done.stderr.decode(errors="replace")[-1000:])
        assert done.stdout
    (folder / "as.csv").write_bytes(b"".join(run.files))
    return folder, outputs, took


def test_it_ends_in_time(audited: tuple[Path, list[bytes], float]) -> None:
    assert audited[2] < SECONDS


def test_nothing_of_it_runs(audited: tuple[Path, list[bytes], float], hostile: tuple[History, Path]) -> None:
    assert not hostile[1].exists()
    assert not (audited[0] / "x").exists()


def test_no_secret_of_it_is_kept_or_shown(audited: tuple[Path, list[bytes], float]) -> None:
    folder, outputs, _ = audited
    places = {
        file.name: file.read_bytes()
        for file in folder.iterdir()
        if file.is_file() and file.name != "redaction.key"
    }
    places["what was printed"] = b"\n".join(outputs)
    assert any(name.startswith("audit.duckdb") for name in places)
    wanted = {**TOKENS, **{password: password for password in PASSWORDS}, "base64": BASE64}
    leaks = [
        (name, place)
        for name, secret in wanted.items()
        for place, content in places.items()
        if secret.encode() in content
    ]
    assert leaks == []


def test_nothing_printed_moves_the_cursor(audited: tuple[Path, list[bytes], float]) -> None:
    places = [
        text[max(0, at - 60) : at + 20]
        for text in audited[1]
        for at in (text.find(b"\x1b"), text.find(b"\x07"))
        if at >= 0
    ]
    assert places == []


def test_it_is_audited_all_the_same(audited: tuple[Path, list[bytes], float]) -> None:
    run = Command(audited[0], [])
    done = run(
        "query",
        "SELECT name, rule_id FROM findings WHERE rule_id LIKE 'AUD-POD-0001' OR source = 'file'",
        "--db",
        "audit.duckdb",
        "--format",
        "json",
    )
    found = json.loads(done.stdout)
    rows = found["rows"] if isinstance(found, dict) else found
    names = {row["name"] for row in rows}
    assert {"odd-path", "no-text", "option", "in-a-path", "in-a-folder", SCRIPT, FORMULA} <= names
    assert {row["rule_id"] for row in rows} >= {"AUD-YAML-0001", "AUD-YAML-0003"}
