"""The controls of a framework, with their status and the evidence behind it."""

from __future__ import annotations

import streamlit as st

from auditor.service import context
from auditor.service.display import frame, labels, tables, text
from auditor.store.pages import compliance
from auditor.store.pages.findings import Source
from auditor.store.pages.sql import CHANGE_CATEGORY

repo = frame.repository()
st.title("Compliance")
with context.current().cursor() as cursor:
    names = compliance.frameworks(cursor)
    if not names:
        frame.nothing(
            "No framework is mapped.",
            "Run `auditor scan` once: it records which rules speak for which controls.",
        )
        st.stop()
    framework = st.selectbox(
        "Framework",
        names,
        key="framework",
        bind="query-params",
    )
    controls = compliance.framework_controls(cursor, framework or names[0], repo)

totals = {status: sum(row["status"] == status for row in controls) for status in labels.CONTROL_STATUSES}
with st.container(horizontal=True):
    for status in labels.CONTROL_STATUSES:
        st.metric(labels.control(status), f"{totals[status]:,}", border=True, width=158)
st.caption(
    f"{text.count(len(controls), 'control')}. The status is what the rules say about the audited tip"
    f"{'' if repo else ' of all repositories'}."
    ' Pass means that its rules that have something to judge pass; "Left to people" says what else it needs.'
    " Not applicable means that nothing is there for its rules to judge, which is no pass."
)
picked = tables.selectable(
    [{**row, "status": labels.control(row["status"])} for row in controls],
    {
        "status": st.column_config.TextColumn("Status", width=120),
        "control": st.column_config.TextColumn("Control", width=85),
        "title": st.column_config.TextColumn("Title", width=345),
        "open_findings": st.column_config.NumberColumn(
            "Open", format="localized", width=65, help="Open findings of its rules"
        ),
        "waived_findings": st.column_config.NumberColumn("Waived", format="localized", width=70),
        "evaluated": st.column_config.NumberColumn(
            "Answers",
            format="localized",
            width=75,
            help="Documents, or commits that landed, that a rule of this control gave an answer on",
        ),
        "rules": st.column_config.NumberColumn("Rules", width=60),
        "passing": st.column_config.NumberColumn("Passing", width=70),
        "not_applicable": st.column_config.NumberColumn(
            "N/A", width=60, help="Not applicable: rules that have nothing to judge in what was audited"
        ),
        "manual": st.column_config.TextColumn("Left to people", width="large"),
    },
    key="controls_table",
    name="Controls",
)
if picked is None:
    st.caption("Click a control to see the rules behind it.")
    st.stop()

control = controls[picked]
st.subheader(text.heading(f"{control['control']} {control['title']}"), anchor=False)
if control["manual"]:
    st.caption("Left to people")
    st.text(text.visible(control["manual"]))
with context.current().cursor() as cursor:
    rules = compliance.control_rules(cursor, framework or names[0], control["control"], repo)
if not rules:
    st.caption("No rule speaks for this control.")
    st.stop()
chosen = tables.selectable(
    [
        {
            **row,
            "status": labels.control(row["status"]),
            "severity": labels.severity(row["severity"]),
            "title": text.rule_title(row),
        }
        for row in rules
    ],
    {
        "status": st.column_config.TextColumn("Status", width=120),
        "title": st.column_config.TextColumn("Rule", width="large"),
        "severity": st.column_config.TextColumn("Severity", width=90),
        "open_findings": st.column_config.NumberColumn("Open findings", format="localized"),
        "waived_findings": st.column_config.NumberColumn("Waived", format="localized"),
        "evaluated": st.column_config.NumberColumn("Answers", format="localized"),
    },
    key="control_rules",
    name="Rules behind the control",
)
st.caption("Click a rule to see its open findings.")
if chosen is not None:
    about = Source.CHANGES if rules[chosen]["category"] == CHANGE_CATEGORY else Source.RESOURCES
    st.switch_page(
        frame.FINDINGS,
        query_params={"rule": rules[chosen]["rule_id"], "state": "open", "source": about},
    )
