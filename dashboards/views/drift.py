"""What differs between git and the clusters."""

from __future__ import annotations

from typing import Any

import streamlit as st

from auditor.service import context
from auditor.service.display import charts, download, frame, labels, tables, text
from auditor.store.pages import drift

repo = frame.repository()
st.title("Drift")

with context.current().cursor() as cursor:
    by_verdict = drift.drift_by_verdict(cursor, repo)
    checks = drift.latest_cross_checks(cursor, repo)
    choices = drift.drift_choices(cursor, repo)
if not checks and not by_verdict:
    frame.nothing(
        "No cluster was compared.",
        "So nothing is known of drift. Record a cluster with `kubectl get … -A -o json --show-managed-fields > FILE`"
        " and compare it with `auditor scan --snapshot FILE`.",
    )
    st.stop()


def compared(check: dict[str, Any]) -> str:
    """What was held against what: the sentence that no difference is worth without."""
    recorded = (
        f"the cluster was recorded at {text.when(check['taken_at'])}"
        if check["taken_at"]
        else "the recording does not say when it was made"
    )
    return text.one_line(
        f"Compared {text.count(check['compared'], 'resource')} of cluster {check['cluster']} at tip"
        f" {text.short(check['tip'])} of {check['repo']}; {recorded}."
    )


summary = st.container(horizontal=True, gap="medium")
for cluster in choices["clusters"]:
    counted = [row for row in by_verdict if row["cluster"] == cluster]
    number = sum(row["n"] for row in counted)
    with summary.container(width=frame.HALF):
        st.subheader(text.heading(f"Cluster {cluster}: {text.count(number, 'difference')}"), anchor=False)
        for check in (check for check in checks if check["cluster"] == cluster):
            st.text(compared(check))
            tables.facts(
                [
                    ("Environment", check["environment"]),
                    ("Resources compared", f"{check['compared']:,}"),
                    ("Unknown", f"{check['unknown']:,}"),
                    ("Compared on", text.when(check["seen_at"])),
                ]
            )
            if check["unknown"]:
                st.caption("Unknown could not be compared, and is never counted as equal.")
            if check["incomplete"]:
                st.caption(
                    "The recording does not hold these whole, so nothing is said of what is missing there:"
                )
                st.text(text.one_line(", ".join(check["incomplete"])))
        if counted:
            st.altair_chart(
                charts.bars(counted, name="verdict", value="n", title="Differences", theme=frame.theme()),
                alt="Differences by verdict",
            )
        else:
            st.caption("Nothing differs in what was compared.")
if not by_verdict:
    st.stop()

with tables.filters():
    clusters = tables.choice("Cluster", choices["clusters"], key="cluster")
    verdicts = tables.choice("Verdict", list(labels.DRIFT_VERDICTS), key="verdict")
    severities = tables.choice("Severity", labels.SEVERITIES, key="severity")
    kinds = tables.choice("Kind", choices["kinds"], key="kind")
    wanted_text = tables.words("Text", key="text", placeholder="In resource, field, value, manager or actor")

wanted = drift.DriftFilter(
    repo=repo,
    clusters=clusters,
    verdicts=verdicts,
    severities=severities,
    kinds=kinds,
    text=wanted_text,
)
with context.current().cursor() as cursor:
    total = drift.count_drift(cursor, wanted)
    if total == 0:
        frame.nothing("No difference matches these filters.", "Remove a filter.")
        st.stop()
    offset = tables.page_offset(total)
    rows = drift.list_drift(cursor, wanted, limit=tables.PAGE_ROWS, offset=offset).to_pylist()

st.caption(f"Differences {offset + 1:,}–{offset + len(rows):,} of {total:,}. Click a row to open it.")
picked = tables.selectable(
    [
        {
            **row,
            "severity": labels.severity(row["severity"]),
            "resource": text.resource(row),
            "pointer": row["pointer"] or "the whole object",
        }
        for row in rows
    ],
    {
        "severity": st.column_config.TextColumn("Severity", width=90),
        "verdict": st.column_config.TextColumn("Verdict", width=105),
        "cluster": st.column_config.TextColumn("Cluster", width=115),
        "resource": st.column_config.TextColumn("Resource", width="medium"),
        "pointer": st.column_config.TextColumn("Field", width="medium"),
        "declared": st.column_config.TextColumn("Declared in git", width="medium"),
        "live": st.column_config.TextColumn("Live", width="medium"),
        "actor": st.column_config.TextColumn("Actor", width=140),
        "confidence": st.column_config.TextColumn("Confidence", width=95),
        "changed_at": tables.time_column("Changed"),
    },
    key="drift_table",
    name="Differences",
)
if picked is not None:
    st.switch_page(frame.DIFFERENCE, query_params={"key": rows[picked]["key"]})


def everything() -> list[dict[str, object]]:
    with context.current().cursor() as reader:
        return drift.list_drift(reader, wanted, limit=download.MAX_ROWS).to_pylist()


download.csv_button("drift", total, everything)
with st.expander("What the verdicts mean"):
    for verdict, meaning in labels.DRIFT_VERDICTS.items():
        st.markdown(f"**{verdict}** – {meaning}")
