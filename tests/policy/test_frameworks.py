"""The frameworks that ship: identifiers and titles as their texts have them, complete sections, every rule placed."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from auditor.errors import PolicyError
from auditor.policy.frameworks import FRAMEWORK_NAMES, Framework, read_frameworks, unknown_rules
from auditor.policy.library import load_library
from auditor.policy.pages import framework_pages, rule_pages

LIBRARY = load_library()
FRAMEWORKS = {framework.name: framework for framework in LIBRARY.frameworks}

NOTHING_WORKS = "a fault that shows when it runs, not a control that somebody asks for"
HYGIENE = "order in manifests; no framework here asks for it"

IN_NO_FRAMEWORK = {
    "AUD-NET-0011": NOTHING_WORKS,
    "AUD-NET-0012": NOTHING_WORKS,
    "AUD-NET-0013": NOTHING_WORKS,
    "AUD-NET-0014": NOTHING_WORKS,
    "AUD-PROBE-0004": NOTHING_WORKS,
    "AUD-RES-0004": NOTHING_WORKS,
    "AUD-RES-0005": NOTHING_WORKS,
    "AUD-SCHEMA-0002": "off unless asked for; without it what it finds is told as a gap of the audit",
    "AUD-STATE-0004": HYGIENE,
    "AUD-STATE-0008": NOTHING_WORKS,
    "AUD-WORK-0001": HYGIENE,
    "AUD-WORK-0002": HYGIENE,
    "AUD-WORK-0003": HYGIENE,
    "AUD-WORK-0004": HYGIENE,
    "AUD-WORK-0005": NOTHING_WORKS,
    "AUD-WORK-0006": NOTHING_WORKS,
    "AUD-WORK-0007": HYGIENE,
    "AUD-WORK-0008": NOTHING_WORKS,
    "AUD-WORK-0009": NOTHING_WORKS,
    "AUD-WORK-0012": HYGIENE,
}
"""Rules that are evidence for no control, and why. A rule on security never stands here."""

ABOUT_SECURITY = {
    "argo_cd", "change-control", "dockerfile", "flux", "helm", "images", "kustomize", "namespaces", "pod_security",
    "rbac", "secrets", "terraform",
}  # fmt: skip
"""Categories of which every rule is evidence for some control."""

WELL_FORMED = {
    "pss-baseline": r"[A-Z/][A-Za-z /]+( \(v1\.\d+\+\))?",
    "pss-restricted": r"[A-Z/][A-Za-z /-]+( \(v1\.\d+\+\))?",
    "cis-kubernetes": r"5\.[1-6]\.\d{1,2}",
    "nsa-cisa": r"[A-Z“].*[a-zA-Z]",
    "soc2": r"(CC[5-8]|A1)\.\d",
    "iso27001": r"A\.[58]\.\d{1,2}",
    "pci-dss": r"\d{1,2}(\.\d{1,2}){2,3}",
    "nist-800-53": r"(AC|AU|CM|CP|IA|SA|SC|SI|SR)-\d{1,2}",
    "slsa-source": r"[a-z]+(-[a-z]+)*",
    "opengitops": r"[1-4]",
}


def numbered(prefix: str, last: int, *, without: tuple[int, ...] = ()) -> list[str]:
    return [f"{prefix}{number}" for number in range(1, last + 1) if number not in without]


WHOLE = {
    # CIS Kubernetes Benchmark 1.12, section 5: kube-bench, cfg/cis-1.12/policies.yaml.
    "cis-kubernetes": [
        *numbered("5.1.", 13), *numbered("5.2.", 12), *numbered("5.3.", 2), *numbered("5.4.", 2), "5.5.1",
        *numbered("5.6.", 4),
    ],
    # ISO/IEC 27001:2022, Table A.1: 37 organizational and 34 technological controls.
    "iso27001": [*numbered("A.5.", 37), *numbered("A.8.", 34)],
    # Trust Services Criteria 2017: CC5 to CC8, and the additional criteria of availability.
    "soc2": [*numbered("CC5.", 3), *numbered("CC6.", 8), *numbered("CC7.", 5), "CC8.1", *numbered("A1.", 3)],
    # NIST SP 800-53 Rev. 5: AC-13, AC-15, AU-15 and SI-9 are withdrawn.
    "nist-800-53": [
        *numbered("AC-", 25, without=(13, 15)), *numbered("AU-", 16, without=(15,)), *numbered("CM-", 14),
        *numbered("SI-", 23, without=(9,)),
    ],
    # PCI DSS 4.0.1, the sections that the framework names as whole.
    "pci-dss": [
        *numbered("1.2.", 8), *numbered("1.3.", 3), *numbered("1.4.", 5), *numbered("2.2.", 7), "3.6.1",
        *numbered("3.6.1.", 4), "4.2.1", *numbered("4.2.1.", 2), "4.2.2", *numbered("6.3.", 3), *numbered("6.5.", 6),
        *numbered("7.2.", 5), "7.2.5.1", "7.2.6", *numbered("7.3.", 3), *numbered("8.3.", 10), "8.3.10.1", "8.3.11",
        *numbered("8.6.", 3), "10.2.1", *numbered("10.2.1.", 7), "10.2.2", *numbered("10.3.", 4), "11.5.1", "11.5.1.1",
        "11.5.2",
    ],
    # SLSA 1.2, spec/source-requirements: the rows of both tables.
    "slsa-source": [
        "choose-scs", "access-and-history", "safe-expunging-process", "technical-controls", "repository-ids",
        "revision-ids", "human-readable-diff", "source-summary", "history", "continuity", "identity-management",
        "source-provenance", "protected-refs", "two-party-review",
    ],
    "opengitops": ["1", "2", "3", "4"],
    # Kubernetes' documentation, "Pod Security Standards": the column "Control".
    "pss-baseline": [
        "HostProcess", "Host Namespaces", "Privileged Containers", "Capabilities", "HostPath Volumes", "Host Ports",
        "Host Probes / Lifecycle Hooks (v1.34+)", "AppArmor", "SELinux", "/proc Mount Type", "Seccomp", "Sysctls",
    ],
}  # fmt: skip
WHOLE["pss-restricted"] = [
    *WHOLE["pss-baseline"], "Volume Types", "Privilege Escalation (v1.8+)", "Running as Non-root",
    "Running as Non-root user (v1.23+)", "Seccomp (v1.19+)", "Capabilities (v1.22+)",
]  # fmt: skip

TITLES = {
    # kube-bench, cfg/cis-1.12/policies.yaml, without the "(Manual)" behind each.
    "cis-kubernetes": {
        "5.1.1": "Ensure that the cluster-admin role is only used where required",
        "5.1.8": "Limit use of the Bind, Impersonate and Escalate permissions in the Kubernetes cluster",
        "5.1.10": "Minimize access to the proxy sub-resource of nodes",
        "5.1.13": "Minimize access to the service account token creation",
        "5.2.1": "Ensure that the cluster has at least one active policy control mechanism in place",
        "5.2.9": "Minimize the admission of containers with capabilities assigned",
        "5.2.12": "Minimize the admission of containers which use HostPorts",
        "5.3.2": "Ensure that all Namespaces have NetworkPolicies defined",
        "5.5.1": "Configure Image Provenance using ImagePolicyWebhook admission controller",
        "5.6.4": "The default namespace should not be used",
    },
    # NIST's OSCAL catalogue of SP 800-53 Rev. 5.
    "nist-800-53": {
        "AC-2": "Account Management",
        "AC-6": "Least Privilege",
        "AC-14": "Permitted Actions Without Identification or Authentication",
        "AU-6": "Audit Record Review, Analysis, and Reporting",
        "AU-10": "Non-repudiation",
        "CM-3": "Configuration Change Control",
        "CM-5": "Access Restrictions for Change",
        "CM-6": "Configuration Settings",
        "CM-14": "Signed Components",
        "SI-7": "Software, Firmware, and Information Integrity",
        "SC-5": "Denial-of-service Protection",
        "SR-4": "Provenance",
    },
    # ISO/IEC 27001:2022, Table A.1.
    "iso27001": {
        "A.5.3": "Segregation of duties",
        "A.5.23": "Information security for use of cloud services",
        "A.5.34": "Privacy and protection of personal identifiable information (PII)",
        "A.5.36": "Compliance with policies, rules and standards for information security",
        "A.8.1": "User end point devices",
        "A.8.9": "Configuration management",
        "A.8.20": "Networks security",
        "A.8.22": "Segregation of networks",
        "A.8.31": "Separation of development, test and production environments",
        "A.8.32": "Change management",
    },
    # slsa.dev/spec/v1.2/source-requirements.
    "slsa-source": {
        "choose-scs": "Choose an appropriate Source Control System",
        "access-and-history": "Configure the SCS to control access and enforce history",
        "safe-expunging-process": "Safe Expunging Process",
        "technical-controls": "Continuous technical controls",
        "revision-ids": "Revisions are immutable and uniquely identifiable",
        "source-summary": "Source Verification Summary Attestations",
        "protected-refs": "Protected Named References",
        "two-party-review": "Two-party review",
    },
    # open-gitops/documents, PRINCIPLES.md at v1.0.0.
    "opengitops": {
        "1": "Declarative",
        "2": "Versioned and Immutable",
        "3": "Pulled Automatically",
        "4": "Continuously Reconciled",
    },
}

OUR_WORDING = {"soc2", "pci-dss", "nsa-cisa", "pss-baseline", "pss-restricted"}


def test_the_frameworks_that_are_promised_ship_and_say_what_they_follow() -> None:
    assert set(FRAMEWORKS) == set(FRAMEWORK_NAMES) == set(WELL_FORMED)
    for framework in FRAMEWORKS.values():
        assert framework.version
        assert framework.url.startswith("https://")
        assert framework.source, framework.name
        assert framework.scope, framework.name


@pytest.mark.parametrize("name", FRAMEWORK_NAMES)
def test_identifiers_are_well_formed_and_stand_once(name: str) -> None:
    ids = [control.id for control in FRAMEWORKS[name].controls]
    assert [identifier for identifier in ids if not re.fullmatch(WELL_FORMED[name], identifier)] == []
    assert [identifier for identifier, times in Counter(ids).items() if times > 1] == []


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_the_sections_that_are_here_are_whole(name: str) -> None:
    """Every control of them is listed in the text's order; NIST's families are followed by single controls."""
    ids = [control.id for control in FRAMEWORKS[name].controls]
    assert ids[: len(WHOLE[name])] == WHOLE[name]
    assert name == "nist-800-53" or len(ids) == len(WHOLE[name])


@pytest.mark.parametrize("name", sorted(TITLES))
def test_titles_are_those_of_the_text(name: str) -> None:
    titles = {control.id: control.title for control in FRAMEWORKS[name].controls}
    assert {identifier: titles[identifier] for identifier in TITLES[name]} == TITLES[name]


def test_titles_in_our_wording_say_so() -> None:
    assert {name for name, framework in FRAMEWORKS.items() if framework.titled_by_us} == OUR_WORDING
    pages = framework_pages(LIBRARY)
    assert "### CC8.1 Changes are authorised" in pages["soc2.md"]
    assert "approved and implemented (our wording)\n" in pages["soc2.md"]
    assert "our wording" not in pages["iso27001.md"] + pages["nist-800-53.md"] + pages["cis-kubernetes.md"]
    rule = rule_pages(LIBRARY)["AUD-CHG-0007.md"]
    assert "8.32 Change management\n" in rule
    assert re.search(r"CC8\.1 .*\(our wording\)\n", rule)


def test_every_control_has_rules_or_tells_people_what_to_do() -> None:
    silent = [
        (framework.name, control.id)
        for framework in FRAMEWORKS.values()
        for control in framework.controls
        if not control.rules and not (control.manual and control.people.endswith("."))
    ]
    assert silent == []


def test_no_framework_names_a_rule_that_is_not_there_or_one_twice_for_a_control() -> None:
    assert unknown_rules(FRAMEWORKS.values(), [info.id for info in LIBRARY.infos]) == []
    twice = [
        (framework.name, control.id)
        for framework in FRAMEWORKS.values()
        for control in framework.controls
        if len(set(control.rules)) != len(control.rules)
    ]
    assert twice == []


def test_a_rule_is_evidence_for_a_control_or_it_is_said_why_not() -> None:
    assert {info.id for info in LIBRARY.infos if not info.controls} == set(IN_NO_FRAMEWORK)
    security = {info.id for info in LIBRARY.infos if info.category in ABOUT_SECURITY}
    assert security & set(IN_NO_FRAMEWORK) == set()
    assert {info.category for info in LIBRARY.infos} >= ABOUT_SECURITY


def test_how_changes_land_is_evidence_in_every_framework_that_asks_for_it() -> None:
    changes = {info.id for info in LIBRARY.infos if info.category == "change-control"}
    behind = {
        (framework.name, control.id): set(control.rules)
        for framework in FRAMEWORKS.values()
        for control in framework.controls
    }
    for whole in (("soc2", "CC8.1"), ("iso27001", "A.8.32"), ("pci-dss", "6.5.1"), ("nist-800-53", "CM-3")):
        assert changes <= behind[whole], whole
    assert {"AUD-CHG-0007", "AUD-CHG-0008"} <= behind[("nist-800-53", "AC-5")]
    assert {"AUD-CHG-0004", "AUD-CHG-0011", "AUD-CHG-0013"} <= behind[("nist-800-53", "AU-10")]
    assert {"AUD-CHG-0001", "AUD-CHG-0010", "AUD-CHG-0025"} <= behind[("nist-800-53", "CM-5")]
    assert {"AUD-CHG-0025", "AUD-WAIVER-0001"} <= behind[("nist-800-53", "CM-6")]
    assert {"AUD-CHG-0001", "AUD-CHG-0007", "AUD-CHG-0008", "AUD-CHG-0009"} <= behind[
        ("slsa-source", "two-party-review")
    ]
    assert {"AUD-CHG-0014", "AUD-CHG-0015", "AUD-CHG-0028"} <= behind[("slsa-source", "history")]


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("pss-baseline", 100), ("pss-restricted", 100), ("cis-kubernetes", 90), ("nsa-cisa", 75), ("soc2", 75),
        ("iso27001", 50), ("pci-dss", 50), ("nist-800-53", 50), ("slsa-source", 75), ("opengitops", 100),
    ],
)  # fmt: skip
def test_rules_give_evidence_for_so_many_of_a_hundred_controls(name: str, least: int) -> None:
    """A table of what is covered: it falls where rules are taken away from a framework."""
    controls = FRAMEWORKS[name].controls
    assert 100 * sum(bool(control.rules) for control in controls) // len(controls) >= least


# Reading ----------------------------------------------------------------------------------------------------

HEAD = 'name: mine\ntitle: Mine\nversion: "1"\nurl: https://example.org\n'


def read(tmp_path, text: str) -> Framework:
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    [framework] = read_frameworks(tmp_path)
    return framework


def test_a_framework_of_ones_own_is_read(tmp_path) -> None:
    framework = read(
        tmp_path,
        HEAD + "source: |\n  A page.\nscope: All of it.\ntitled_by: us\ncontrols:\n"
        "  - {id: '1.10', title: First, section: One, rules: [AUD-POD-0001], people: Ask.}\n"
        "  - {id: '2', title: Second, manual: true, people: Keep it.}\n",
    )
    assert (framework.source, framework.scope, framework.titled_by_us) == ("A page.", "All of it.", True)
    first, second = framework.controls
    assert (first.section, first.rules, first.manual, first.people) == (
        "One",
        ("AUD-POD-0001",),
        False,
        "Ask.",
    )
    assert (second.section, second.rules, second.manual, second.people) == ("", (), True, "Keep it.")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + "titled_by: them\ncontrols: []\n", "titled_by is 'them'"),
        (HEAD + "controls: [{id: '1', title: A, manual: true}]\n", "control 1 is manual"),
        (HEAD + "controls: [{id: '1', title: A}]\n", "control 1 names no rule"),
        (HEAD.replace("mine", "yours") + "controls: []\n", "calls itself 'yours'"),
        (HEAD, "not a framework"),
        (HEAD + "controls: [{id: 1.10, title: A, manual: true, people: b}]\n", "the id 1.1 is a number"),
        (HEAD + "controls: [{id: a, title: A, manual: true, people: b, rulse: []}]\n", "rulse"),
        (
            HEAD + "controls: [{id: a, title: A, manual: true, people: b}, {id: a, title: B, rules: [R]}]\n",
            "control a stands twice",
        ),
    ],
)
def test_what_is_not_in_order_is_an_error_that_names_the_file(tmp_path, text: str, message: str) -> None:
    with pytest.raises(PolicyError) as error:
        read(tmp_path, text)
    assert message in str(error.value)
    assert "mine.yaml" in str(error.value)


@pytest.mark.parametrize(
    ("framework", "control"),
    [
        # What git holds is no evidence of these: an admission webhook, a response plan, alerts, a cluster's logs.
        ("cis-kubernetes", "5.5.1"),
        ("soc2", "CC7.4"),
        ("iso27001", "A.8.15"),
        ("iso27001", "A.8.16"),
        ("nist-800-53", "SI-4"),
        ("pci-dss", "10.2.1"),
        ("pci-dss", "10.2.1.2"),
        ("pci-dss", "10.2.1.5"),
    ],
)
def test_what_git_cannot_show_is_left_to_people(framework: str, control: str) -> None:
    (found,) = (
        one
        for each in LIBRARY.frameworks
        if each.name == framework
        for one in each.controls
        if one.id == control
    )
    assert found.manual
    assert found.people
