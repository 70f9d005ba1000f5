"""What loosens a control, and what only reads differently: tables of both, one a kind of control."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.changecontrol.weakening import ci, codeowners, ignored
from auditor.changecontrol.weakening.resources import loosened

OWNERS = "* @a @b\n/docs/ @docs\n"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (OWNERS, "# all\n/docs/   @docs\n*\t@b @a # both\n", []),
        (OWNERS, OWNERS + "/secrets/ @sec\n", []),
        (OWNERS, "* @a @b @c\n/docs/ @docs\n", []),
        (None, OWNERS, []),
        (OWNERS, "* @a @b\n", ["nobody owns /docs/"]),
        (OWNERS, "* @a\n/docs/ @docs\n", ["* is not owned by @b any more"]),
        (OWNERS, "* @eve\n/docs/ @docs\n", ["* is owned by @eve instead of @a, @b"]),
        (OWNERS, "* @a @b\n/docs/\n", ["/docs/ needs nobody's approval"]),
        (OWNERS, OWNERS + "/deploy/\n", ["/deploy/ was taken out"]),
        (OWNERS, "# * @a @b\n# /docs/ @docs\n", ["nobody owns *", "nobody owns /docs/"]),
        (OWNERS, None, ["CODEOWNERS is gone"]),
        ("[Ops][2] @ops\n*.tf\n", "[Ops] @ops\n*.tf\n", ["[ops] needs 1 approvals instead of 2"]),
        ("[Ops] @ops\n*.tf\n", "^[Ops] @ops\n*.tf\n", ["[ops] is optional"]),
        ("[Ops] @ops\n*.tf\n", "[OPS]  @ops\n\n*.tf # terraform\n", []),
    ],
)
def test_codeowners(old: str | None, new: str | None, words: list[str]) -> None:
    said = codeowners.loosened(old, new)
    assert len(said) == len(words)
    assert all(part in one for part, one in zip(words, said, strict=True))


WORKFLOW = """\
name: ci
on:
  pull_request:
  push: {branches: [main]}
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - name: Lint
        run: |
          set -e
          make lint
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@0.20.0
"""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("@0.20.0", "@0123456789012345678901234567890123456789 # 0.21.0"), ""),
        (("name: ci", "name: checks # of requests"), ""),
        (("- name: Lint", "- name: Look"), ""),
        (("  scan:\n", "  vulnerabilities:\n"), ""),
        (("actions/checkout@v4\n", "actions/checkout@v4\n      - uses: actions/setup-go@v5\n"), ""),
        (("  pull_request:\n", "  workflow_dispatch:\n"), "does not run on pull_request"),
        (("          make lint\n", "          echo skipped\n"), "'make lint' is gone in lint"),
        (
            ("      - uses: aquasecurity/trivy-action@0.20.0\n", "      - run: 'true'\n"),
            "trivy-action' is gone in scan",
        ),
        (("  scan:\n    runs-on", "  scan:\n    if: false\n    runs-on"), "switched off in scan"),
        (
            ("  scan:\n    runs-on", "  scan:\n    continue-on-error: true\n    runs-on"),
            "failures do not count in scan",
        ),
        (
            ("@0.20.0\n", "@0.20.0\n        continue-on-error: true\n"),
            "'aquasecurity/trivy-action' do not count",
        ),
        (("jobs:\n", "permissions: write-all\njobs:\n"), "every token may write everything"),
    ],
)
def test_workflows(change: tuple[str, str], words: str) -> None:
    assert change[0] in WORKFLOW
    said = "; ".join(ci.loosened(WORKFLOW, WORKFLOW.replace(*change)))
    assert words in said
    assert bool(said) == bool(words)


def test_a_job_or_a_workflow_that_is_gone() -> None:
    assert ci.loosened(WORKFLOW, WORKFLOW[: WORKFLOW.index("  scan:")]) == ["the job scan is gone"]
    assert ci.loosened(WORKFLOW, None) == ["the workflow with lint, scan is gone"]
    assert ci.loosened(None, WORKFLOW) == []
    sorting = (
        "on: pull_request\njobs:\n  label:\n    runs-on: x\n    steps:\n      - uses: actions/labeler@v5\n"
    )
    assert ci.loosened(sorting, None) == [], "what sorts requests is no gate"
    assert ci.loosened(WORKFLOW + sorting[sorting.index("  label") :], WORKFLOW) == []
    assert ci.loosened(WORKFLOW.replace("pull_request", "schedule"), None) == [], "what runs later is no gate"


def test_gitlab() -> None:
    old = "stages: [test]\ntest:\n  script:\n    - make lint\n    - make test\ndeploy:\n  script: [make deploy]\n"
    assert ci.loosened(old, old.replace("    - make lint\n", "")) == ["the step 'make lint' is gone in test"]
    assert ci.loosened(old, old.replace("test:\n  script", "test:\n  allow_failure: true\n  script", 1)) == [
        "failures do not count in test"
    ]
    assert ci.loosened(old, old.replace("deploy:\n", "deploy:\n  when: manual\n")) == [
        "it runs only by hand in deploy"
    ]
    assert ci.loosened(old, "# all\n" + old) == []


@pytest.mark.parametrize("unreadable", ["a: [", "jobs: {{", "a: \0", "[" * 5000, "x" * 300_000])
def test_files_that_cannot_be_read_are_an_error_and_no_pass(unreadable: str) -> None:
    with pytest.raises(ci.UnreadableError):
        ci.loosened(WORKFLOW, unreadable)


def test_anchors_that_refer_to_themselves_end() -> None:
    assert ci.loosened(WORKFLOW, "on: [pull_request, push]\njobs: &a {lint: *a}\n")


def test_ignored_findings_and_policies() -> None:
    assert ignored.ignored("a\n", "# why\na\n\n") == []
    assert ignored.ignored("a\nb\n", "b\n") == []
    assert ignored.ignored("a\n", "a\nb # for now\n") == ["checks leave out b"]
    policy = "package main\n# deny nothing\ndeny[msg] { input.x }\nviolation contains msg if { input.y }\n"
    assert ignored.fewer_rules(policy, policy.replace("# deny nothing", "")) == []
    assert ignored.fewer_rules(policy, "package main\ndeny[msg] { input.x }\n") == [
        "the policy has 1 rules that deny, and had 2"
    ]
    assert ignored.fewer_rules(policy, None) == ["the policy is gone"]
    assert ignored.fewer_rules("package lib\nhelper(x) { x }\n", None) == []


def spec(**fields: Any) -> dict[str, Any]:
    return {"spec": fields}


def rules(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"rules": list(entries)}


def allow(*verbs: str, resources: tuple[str, ...] = ("pods",), **more: Any) -> dict[str, Any]:
    return {"apiGroups": [""], "resources": list(resources), "verbs": list(verbs), **more}


RBAC, ADMISSION, KYVERNO = "rbac.authorization.k8s.io", "admissionregistration.k8s.io", "kyverno.io"
HOOK = {"name": "a.example.org", "failurePolicy": "Fail"}
ENFORCED = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}


@pytest.mark.parametrize(
    ("group", "kind", "old", "new", "words"),
    [
        (RBAC, "Role", rules(allow("get", "list")), rules(allow("list"), allow("get")), ""),
        (RBAC, "Role", rules(allow("*")), rules(allow("get", "delete")), ""),
        (RBAC, "Role", rules(allow("get")), rules(allow("get", resourceNames=["web"])), ""),
        (RBAC, "Role", rules(allow("get", resourceNames=["web"])), rules(allow("get")), "get pods"),
        (RBAC, "Role", rules(allow("get")), rules(allow("get", "delete")), "delete pods"),
        (RBAC, "Role", rules(allow("get")), rules(allow("get", resources=("pods", "secrets"))), "get secrets"),
        (RBAC, "ClusterRole", rules(allow("get")), rules(allow("*", resources=("*",))), "* *"),
        (RBAC, "Role", None, rules(allow("*")), ""),
        (RBAC, "RoleBinding", {"subjects": [{"kind": "User", "name": "a"}]},
         {"subjects": [{"kind": "User", "name": "a"}, {"kind": "Group", "name": "all"}]}, "Group all"),
        (ADMISSION, "ValidatingWebhookConfiguration", {"webhooks": [HOOK]}, {"webhooks": []}, "a.example.org is gone"),
        (ADMISSION, "ValidatingWebhookConfiguration", {"webhooks": [{"name": "a.example.org"}]},
         {"webhooks": [{**HOOK, "failurePolicy": "Ignore"}]}, "lets pass what it cannot judge"),
        (ADMISSION, "ValidatingWebhookConfiguration", {"webhooks": [HOOK]}, {"webhooks": [{"name": "a.example.org"}]}, ""),
        (ADMISSION, "ValidatingAdmissionPolicy", spec(validations=[{}, {}]), spec(validations=[{}]), "1 of its validations"),
        (ADMISSION, "ValidatingAdmissionPolicyBinding", spec(validationActions=["Deny"]),
         spec(validationActions=["Audit"]), "does not deny"),
        (KYVERNO, "ClusterPolicy", spec(validationFailureAction="Enforce"), spec(validationFailureAction="Audit"),
         "does not deny"),
        (KYVERNO, "ClusterPolicy", spec(validationFailureAction="enforce"), spec(validationFailureAction="Enforce"), ""),
        (KYVERNO, "ClusterPolicy", spec(rules=[{"name": "r"}]), spec(rules=[{"name": "r", "exclude": {"any": []}}]),
         "leave something out"),
        (KYVERNO, "ClusterPolicy", spec(rules=[{"name": "r", "generate": {}}]), None, ""),
        (KYVERNO, "ClusterPolicy", spec(rules=[{"name": "r", "generate": {}}]), spec(rules=[]), ""),
        (KYVERNO, "ClusterPolicy", spec(rules=[{"name": "r", "generate": {}}, {"name": "s", "validate": {}}]),
         spec(rules=[{"name": "r", "generate": {}}]), "its rules s are gone"),
        (KYVERNO, "PolicyException", None, spec(exceptions=[]), "lets pass what a policy denies"),
        ("networking.k8s.io", "NetworkPolicy", spec(policyTypes=["Ingress"]), None, "is gone"),
        ("networking.k8s.io", "NetworkPolicy", spec(ingress=[{"from": []}]), spec(ingress=[{}]), "all ingress"),
        ("networking.k8s.io", "NetworkPolicy", None, spec(ingress=[{}]), ""),
        ("source.toolkit.fluxcd.io", "OCIRepository", spec(verify={"provider": "cosign"}), spec(url="x"), "not verified"),
        ("source.toolkit.fluxcd.io", "OCIRepository", spec(verify={"provider": "cosign"}), None, ""),
        ("", "Namespace", ENFORCED, {"metadata": {"labels": {}}}, "no level instead of restricted"),
        ("", "Namespace", {"metadata": {"labels": {}}}, ENFORCED, ""),
        ("constraints.gatekeeper.sh", "K8sLabels", spec(), spec(enforcementAction="warn"), "does not deny"),
        ("apps", "Deployment", spec(replicas=1), None, ""),
    ],
)  # fmt: skip
def test_resources(group: str, kind: str, old: Any, new: Any, words: str) -> None:
    said = "; ".join(loosened(group, kind, old, new))
    assert words in said
    assert bool(said) == bool(words)


def test_a_role_made_to_exhaust_is_bounded() -> None:
    many = [str(number) for number in range(2000)]
    huge = rules({"apiGroups": many, "resources": many, "verbs": many, "resourceNames": many})
    assert loosened(RBAC, "Role", rules(allow("get")), huge) == ["it has more rules than are compared"]
