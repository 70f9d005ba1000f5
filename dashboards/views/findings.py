"""The list of findings with its filters; every filter is in the address."""

from __future__ import annotations

import streamlit as st

from auditor.service import context
from auditor.service.display import frame, labels, tables, text
from auditor.store.pages import findings

repo = frame.repository()
st.title("Findings")

with context.current().cursor() as cursor:
    choices = findings.finding_choices(cursor, repo)

with st.container(border=True):
    first = st.columns(4)
    with first[0]:
        severities = tables.choice("Severity", labels.SEVERITIES, key="severity", format_func=labels.severity)
    with first[1]:
        states = tables.choice("State", labels.STATES, key="state", format_func=labels.state)
    with first[2]:
        environments = tables.choice("Environment", choices["environments"], key="environment")
    with first[3]:
        kinds = tables.choice("Kind", choices["kinds"], key="kind")
    second = st.columns(4)
    with second[0]:
        rules = tables.choice("Rule", choices["rules"], key="rule")
    with second[1]:
        people = tables.choice("Opened or fixed by", choices["people"], key="person")
    with second[2]:
        opened_from = st.date_input(
            "Opened from (UTC)",
            value=None,
            key="opened_from",
            bind="query-params",
            format="YYYY-MM-DD",
            on_change=tables.first_page,
        )
    with second[3]:
        opened_to = st.date_input(
            "Opened to (UTC)",
            value=None,
            key="opened_to",
            bind="query-params",
            format="YYYY-MM-DD",
            on_change=tables.first_page,
        )
    wanted_text = st.text_input(
        "Text",
        key="text",
        bind="query-params",
        max_chars=200,
        placeholder="In id, rule, message, resource, path or pointer",
        on_change=tables.first_page,
    )

wanted = findings.FindingFilter(
    repo=repo,
    severities=severities,
    states=states,
    environments=environments,
    kinds=kinds,
    rules=rules,
    people=people,
    text=wanted_text or "",
    opened_from=opened_from,
    opened_to=opened_to,
)
with context.current().cursor() as cursor:
    total = findings.count_findings(cursor, wanted)
    everything = findings.count_findings(cursor, findings.FindingFilter(repo=repo))
    if everything == 0:
        frame.nothing(
            "No findings.",
            "Nothing was found yet. Run `auditor scan`; Runs and coverage says what was evaluated.",
        )
        st.stop()
    if total == 0:
        frame.nothing(
            "No finding matches these filters.",
            f"Remove a filter: there are {text.count(everything, 'finding')} in all.",
        )
        st.stop()
    offset = tables.page_offset(total)
    rows = findings.list_findings(cursor, wanted, limit=tables.PAGE_ROWS, offset=offset).to_pylist()

st.caption(
    f"Findings {offset + 1:,}–{offset + len(rows):,} of {total:,}"
    + (f" ({everything:,} without filters)" if total != everything else "")
    + ". Click a row to open the finding."
)
picked = tables.selectable(
    [
        {
            **row,
            "severity": labels.severity(row["severity"]),
            "state": labels.state(row["state"]),
            "title": row["title"] or row["rule_id"],
            "resource": text.resource(row),
        }
        for row in rows
    ],
    {
        "severity": st.column_config.TextColumn("Severity", width="small"),
        "state": st.column_config.TextColumn("State", width="small"),
        "title": st.column_config.TextColumn("Rule", width="medium"),
        "resource": st.column_config.TextColumn("Resource", width="medium"),
        "environment": st.column_config.TextColumn("Environment", width="small"),
        "opened_at": tables.time_column("Opened"),
        "opened_by": st.column_config.TextColumn("Opened by", width="small"),
        "days_open": st.column_config.NumberColumn("Days open", width="small", format="localized"),
        "message": st.column_config.TextColumn("Message", width="large"),
        "id": st.column_config.TextColumn("Id", width="small"),
    },
    key="findings_table",
    name="Findings",
)
if picked is not None:
    st.switch_page(frame.FINDING, query_params={"id": rows[picked]["id"]})
