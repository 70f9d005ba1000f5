"""Rules whose verdicts are made outside Rego: reading, schema, rendering, and how changes landed."""

from __future__ import annotations

from dataclasses import replace

from auditor.model import RuleInfo, Severity
from auditor.policy.builtin_changes import CHANGE_RULES
from auditor.policy.builtin_charts import CHART_RULES
from auditor.policy.builtin_waivers import WAIVER_RULES

UNREADABLE_YAML = "AUD-YAML-0001"
DUPLICATE_KEY = "AUD-YAML-0002"
OVER_LIMIT = "AUD-YAML-0003"
SCHEMA = "AUD-SCHEMA-0001"
MISSING_SCHEMA = "AUD-SCHEMA-0002"
KUSTOMIZE_BUILD = "AUD-KUSTOMIZE-0001"
DIRECT_PUSH = "AUD-CHG-0001"
FORGED_MERGE = "AUD-CHG-0002"
MERGE_WITHOUT_REQUEST = "AUD-CHG-0003"
UNSIGNED_COMMIT = "AUD-CHG-0004"
TIME_ANOMALY = "AUD-CHG-0005"

BUILTIN_RULES: tuple[RuleInfo, ...] = (
    RuleInfo(
        id=UNREADABLE_YAML,
        title="A file has an error in it and cannot be read",
        description=(
            "The file, or a document in it, cannot be read the way its tool reads it: kubectl a manifest, Docker a "
            "Dockerfile, Terraform its configuration. What it was meant to declare is neither applied nor audited; "
            "what was found in it before stays open, because nobody knows whether it is still there."
        ),
        severity=Severity.HIGH,
        category="yaml",
        kinds=(),
        remediation=(
            "Mend the line given; the message says what is wrong with it. `auditor check` as a step before merging "
            "keeps such a file from landing."
        ),
        since="0.1.0",
        related=("https://yaml.org/spec/1.2.2/",),
    ),
    RuleInfo(
        id=DUPLICATE_KEY,
        title="A mapping has a key twice",
        description=(
            "A key stands twice in one mapping. Tools disagree about which of the two holds, so what was "
            "reviewed may not be what is applied."
        ),
        severity=Severity.MEDIUM,
        category="yaml",
        kinds=(),
        remediation="Remove one of the two.",
        since="0.1.0",
        related=("https://yaml.org/spec/1.2.2/#mapping",),
    ),
    RuleInfo(
        id=OVER_LIMIT,
        title="A file is over a safety limit or not UTF-8",
        description=(
            "The file is larger, deeper or more aliased than a manifest has reason to be, or its bytes are "
            "not UTF-8. It was not evaluated, and it may be made to exhaust whoever reads it."
        ),
        severity=Severity.MEDIUM,
        category="yaml",
        kinds=(),
        remediation="Split the file, write aliases out, save it as UTF-8.",
        since="0.1.0",
    ),
    RuleInfo(
        id=SCHEMA,
        title="A manifest does not fit its schema",
        description=(
            "A field has a wrong type, is unknown or is missing, by the schema of the target Kubernetes "
            "version or of the custom resource definition. The API server would refuse the object, or drop "
            "the field and with it what was meant to be set."
        ),
        severity=Severity.MEDIUM,
        category="schema",
        kinds=("*",),
        remediation="Correct the field at the pointer; `kubectl explain` shows what it takes.",
        since="0.1.0",
        related=("https://kubernetes.io/docs/reference/kubernetes-api/",),
    ),
    RuleInfo(
        id=MISSING_SCHEMA,
        title="No schema of a kind is known",
        description=(
            "Neither Kubernetes nor a CustomResourceDefinition that was given defines the kind, so a misspelt field in "
            "it would pass unseen. Asked only with `schemas.fail_on_missing` (`--fail-on-missing-schema`); otherwise "
            "such a resource counts as not validated."
        ),
        severity=Severity.MEDIUM,
        category="schema",
        kinds=("*",),
        remediation=(
            "Give the definition: in the repository, in a folder of `schemas.folders`, or by a snapshot of the cluster. "
            "Kinds that are to stay without go into `schemas.ignore_kinds`."
        ),
        since="0.1.0",
        related=(
            "https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/",
        ),
    ),
    RuleInfo(
        id=KUSTOMIZE_BUILD,
        title="A kustomization does not build",
        description=(
            "Kustomize cannot render the folder at the audited revision, or what is to deploy it cannot be read (a path "
            "that is not there, an ApplicationSet that generates nothing), so the cluster keeps what it had "
            "and nothing of the folder is audited as rendered. Charts have a rule of their own, AUD-HELM-0010."
        ),
        severity=Severity.HIGH,
        category="kustomize",
        kinds=(),
        remediation="Run `kustomize build` on the folder and correct what it names.",
        since="0.1.0",
        related=("https://kubectl.docs.kubernetes.io/references/kustomize/",),
    ),
    RuleInfo(
        id=DIRECT_PUSH,
        title="A change landed without a pull request",
        description=(
            "A person's commit is on the audited branch and its message names no pull request, so nothing shows "
            "that anybody else saw it before it landed. From git alone this is a suspicion: a rebase-merge leaves "
            "the same trace, and only the forge can tell."
        ),
        severity=Severity.LOW,
        category="change-control",
        kinds=(),
        remediation="Protect the branch so that changes need a pull request; record why this one had none.",
        since="0.1.0",
        related=(
            "https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-protected-branches/about-protected-branches",
        ),
    ),
    RuleInfo(
        id=FORGED_MERGE,
        title="A commit claims to be a merge and is none",
        description=(
            "The subject is the message that a forge writes when it merges a pull request, but the commit has a "
            "single parent: somebody typed it. It looks reviewed in every list of commits."
        ),
        severity=Severity.HIGH,
        category="change-control",
        kinds=(),
        remediation="Find out who wrote it and what it changed; require pull requests by branch protection.",
        since="0.1.0",
        related=(
            "https://csrc.nist.gov/projects/cprt/catalog#/cprt/framework/version/SP_800_53_5_1_1/home?element=AU-10",
        ),
    ),
    RuleInfo(
        id=MERGE_WITHOUT_REQUEST,
        title="A merge names no pull request",
        description=(
            "A branch was merged into the audited one without a pull request in the message, so nothing shows that "
            "what it brought in was reviewed."
        ),
        severity=Severity.LOW,
        category="change-control",
        kinds=(),
        remediation="Merge through pull requests.",
        since="0.1.0",
        related=("https://opengitops.dev/",),
    ),
    RuleInfo(
        id=UNSIGNED_COMMIT,
        title="A landed commit is not signed",
        description=(
            "The commit that landed carries no signature, so the names in it are nobody's word but the writer's."
        ),
        severity=Severity.LOW,
        category="change-control",
        kinds=(),
        remediation="Sign commits, and require signatures by branch protection.",
        since="0.1.0",
        related=("https://git-scm.com/book/en/v2/Git-Tools-Signing-Your-Work",),
    ),
    RuleInfo(
        id=TIME_ANOMALY,
        title="A commit's date cannot be true",
        description=(
            "By its committer date the commit was made before the one it builds on, or after we had seen it, by more "
            "than clocks differ. Dates are the writer's claim; this one cannot be true."
        ),
        severity=Severity.LOW,
        category="change-control",
        kinds=(),
        remediation="Find out whether a clock was wrong or a date was set on purpose.",
        since="0.1.0",
        related=("https://git-scm.com/docs/git-commit#_date_formats",),
    ),
    *CHART_RULES,
    *CHANGE_RULES,
    *WAIVER_RULES,
)


def with_controls(info: RuleInfo, controls: tuple[tuple[str, str], ...]) -> RuleInfo:
    """The same rule with the controls it gives evidence for."""
    return replace(info, controls=controls)
