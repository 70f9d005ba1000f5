"""Rules whose verdicts are made where Helm charts are rendered."""

from __future__ import annotations

from auditor.model import RuleInfo, Severity

CHART_BUILD = "AUD-HELM-0010"
CHART_VALUES = "AUD-HELM-0011"

CHART_RULES: tuple[RuleInfo, ...] = (
    RuleInfo(
        id=CHART_BUILD,
        title="A Helm chart does not render",
        description=(
            "Helm cannot render the chart with the values that a HelmRelease or an Application gives it at the audited "
            "revision, or there is no such chart, so the cluster keeps what it had and nothing of the release is "
            "audited as rendered."
        ),
        severity=Severity.HIGH,
        category="helm",
        kinds=(),
        remediation="Run `helm template` on the chart with the same values and correct what it names.",
        since="0.1.0",
        related=("https://helm.sh/docs/chart_template_guide/debugging/",),
    ),
    RuleInfo(
        id=CHART_VALUES,
        title="Values do not fit the schema of their chart",
        description=(
            "A value that a HelmRelease, an Application or the chart itself gives is refused by the chart's "
            "values.schema.json, or by that of a chart in it. Helm then installs and upgrades nothing, so that the "
            "release stays as it was. Values that git does not hold are not judged, nor is what they may replace or "
            "add; schemas that refer to others elsewhere, or that are none, are named as not used."
        ),
        severity=Severity.HIGH,
        category="helm",
        kinds=(),
        remediation=(
            "Correct the value at the line given, or the chart's version where the value is of another one; "
            "`helm lint --values` asks the same."
        ),
        since="0.1.0",
        related=("https://helm.sh/docs/topics/charts/#schema-files",),
    ),
)
