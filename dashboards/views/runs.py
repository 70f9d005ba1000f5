"""The runs, and what could not be evaluated."""

from __future__ import annotations

import streamlit as st

from auditor.service import context
from auditor.service.display import frame, labels, tables, text
from auditor.store.pages import runs

repo = frame.repository()
st.title("Runs and coverage")
with context.current().cursor() as cursor:
    found = runs.list_runs(cursor, repo)
    if not found:
        frame.nothing("There is no run yet.", "Run `auditor scan REPOSITORY --db FILE`.")
        st.stop()
    results = runs.rule_results(cursor, repo)

picked = tables.selectable(
    [
        {
            **row,
            "tip": text.short(row["tip"]),
            "status": "✓ Complete" if row["status"] == "complete" else "! Incomplete",
            "engine": f"{row['engine']} {row['engine_version']}",
            "seconds": (row["finished_at"] - row["started_at"]).total_seconds(),
        }
        for row in found
    ],
    {
        "status": st.column_config.TextColumn("Status", width=110),
        "finished_at": tables.time_column("Finished"),
        "seconds": st.column_config.NumberColumn("Took (s)", format="%.1f", width=80),
        "repo": st.column_config.TextColumn("Repository", width="medium"),
        "tip": st.column_config.TextColumn("Tip", width=105),
        "engine": st.column_config.TextColumn("Engine", width=125),
        "kubernetes_version": st.column_config.TextColumn("Kubernetes", width=90),
        "auditor_version": st.column_config.TextColumn("auditor", width="small"),
        "id": st.column_config.TextColumn("Run", width=110),
    },
    key="runs_table",
    name="Runs",
)
run = found[picked or 0]
st.subheader("The latest run" if not picked else "The chosen run", anchor=False)
tables.facts(
    [
        ("Run", run["id"]),
        ("Finished", text.when(run["finished_at"])),
        ("Status", run["status"]),
        *((name.replace("_", " ").capitalize(), f"{number:,}") for name, number in run["counts"].items()),
    ]
)
st.caption("Rule bundle")
st.code(run["bundle_digest"], language=None, wrap_lines=True)

with context.current().cursor() as cursor:
    gaps = runs.run_gaps(cursor, run["id"])
    remarks = runs.run_remarks(cursor, run["id"])
if remarks:
    st.subheader("What to know of the rules", anchor=False)
    for remark in remarks:
        st.text(text.visible(remark))
st.subheader(f"What it could not evaluate ({len(gaps):,})", anchor=False)
if run["status"] != "complete":
    st.error("**This run is incomplete.** What stands here is not a pass.", icon=":material/error:")
if gaps:
    chosen = tables.selectable(
        [
            {
                **gap,
                "outcome": "! Error" if gap["outcome"] == "error" else "– Skipped",
                "reason": text.summed(gap["reason"]),
            }
            for gap in gaps
        ],
        {
            "outcome": st.column_config.TextColumn("Outcome", width=90),
            "subject": st.column_config.TextColumn("Rule, path or stage", width="medium"),
            "reason": st.column_config.TextColumn("Reason", width="large"),
            "occurrences": st.column_config.NumberColumn("Times", format="localized", width="small"),
            "example": st.column_config.TextColumn("Example", width="medium"),
        },
        key="gaps",
        name="Gaps of the run",
    )
    if chosen is not None:
        frame.said(gaps[chosen]["reason"])
    else:
        st.caption("Click a row to read its whole reason.")
else:
    st.caption("Everything in scope was evaluated.")

st.subheader("Answers by rule at the audited tip")
if results:
    tables.plain(
        [
            {**row, "severity": labels.severity(row["severity"]), "title": text.rule_title(row)}
            for row in results
        ],
        {
            "title": st.column_config.TextColumn("Rule", width=320),
            "severity": st.column_config.TextColumn("Severity", width=90),
            "evaluated": st.column_config.NumberColumn("Answers", format="localized"),
            "failed": st.column_config.NumberColumn("Failed", format="localized"),
            "skipped": st.column_config.NumberColumn("Skipped", format="localized"),
            "errors": st.column_config.NumberColumn("Errors", format="localized"),
        },
        name="Answers by rule",
    )
    st.caption(
        "An answer is about one document, file or reference; of the rules on how changes land, about one landed commit."
    )
else:
    frame.nothing("No rule has answered yet.", "Run `auditor scan` with the rules of this version.")
