"""Rules whose verdicts are made outside Rego: reading, schema and rendering."""

from __future__ import annotations

from dataclasses import replace

from auditor.model import RuleInfo, Severity

UNREADABLE_YAML = "AUD-YAML-0001"
DUPLICATE_KEY = "AUD-YAML-0002"
OVER_LIMIT = "AUD-YAML-0003"
SCHEMA = "AUD-SCHEMA-0001"
KUSTOMIZE_BUILD = "AUD-KUSTOMIZE-0001"

BUILTIN_RULES: tuple[RuleInfo, ...] = (
    RuleInfo(
        id=UNREADABLE_YAML,
        title="A manifest is not readable YAML",
        description=(
            "The file, or a document in it, cannot be read as YAML the way kubectl reads it. Whatever it "
            "was meant to declare is neither applied nor audited."
        ),
        severity=Severity.HIGH,
        category="yaml",
        kinds=(),
        remediation="Correct the syntax at the line given; check files before they land.",
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
        id=KUSTOMIZE_BUILD,
        title="A kustomization does not build",
        description=(
            "Kustomize cannot render the folder at the audited revision, so the cluster keeps what it had "
            "and nothing of the folder is audited as rendered."
        ),
        severity=Severity.HIGH,
        category="kustomize",
        kinds=(),
        remediation="Run `kustomize build` on the folder and correct what it names.",
        since="0.1.0",
        related=("https://kubectl.docs.kubernetes.io/references/kustomize/",),
    ),
)


def with_controls(info: RuleInfo, controls: tuple[tuple[str, str], ...]) -> RuleInfo:
    """The same rule with the controls it gives evidence for."""
    return replace(info, controls=controls)
