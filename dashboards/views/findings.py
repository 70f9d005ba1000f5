"""The list of findings with its filters; every filter is in the address."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from auditor.service import context
from auditor.service.display import download, frame, labels, tables, text
from auditor.store.pages import findings

repo = frame.repository()
st.title("Findings")

with context.current().cursor() as cursor:
    choices = findings.finding_choices(cursor, repo)

with tables.filters():
    source = tables.one_choice("About", labels.SOURCES, key="source")
    severities = tables.choice("Severity", labels.SEVERITIES, key="severity")
    states = tables.choice("State", labels.STATES, key="state")
    environments = tables.choice("Environment", choices["environments"], key="environment")
    kinds = tables.choice("Kind", choices["kinds"], key="kind")
    rules = tables.choice("Rule", choices["rules"], key="rule")
    people = tables.choice("Opened or fixed by", choices["people"], key="person")
    opened_from = tables.day("Opened from", key="opened_from")
    opened_to = tables.day("Opened to", key="opened_to")
    wanted_text = tables.words(
        "Text", key="text", placeholder="In id, rule, message, resource, path or pointer"
    )

wanted = findings.FindingFilter(
    repo=repo,
    source=findings.Source(source),
    severities=severities,
    states=states,
    environments=environments,
    kinds=kinds,
    rules=rules,
    people=people,
    text=wanted_text,
    opened_from=opened_from,
    opened_to=opened_to,
)
with context.current().cursor() as cursor:
    total = findings.count_findings(cursor, wanted)
    in_all = findings.count_findings(cursor, findings.FindingFilter(repo=repo, source=wanted.source))
    anywhere = findings.count_findings(cursor, replace(wanted, source=findings.Source.ALL))
    if total == 0 and anywhere:
        frame.nothing(
            f"No finding about {labels.SOURCES[source]} matches these filters.",
            f'Choose "all" under "About": {text.count(anywhere, "finding")} about something else would match.',
        )
        st.stop()
    if in_all == 0:
        frame.nothing(
            "No findings.",
            "Nothing was found yet. Run `auditor scan`; Runs and coverage says what was evaluated.",
        )
        st.stop()
    if total == 0:
        frame.nothing(
            "No finding matches these filters.",
            f"Remove a filter: there are {text.count(in_all, 'finding')} in all.",
        )
        st.stop()
    offset = tables.page_offset(total)
    rows = findings.list_findings(cursor, wanted, limit=tables.PAGE_ROWS, offset=offset).to_pylist()

st.caption(
    f"Findings {offset + 1:,}–{offset + len(rows):,} of {total:,}"
    + (f" ({in_all:,} without filters)" if total != in_all else "")
    + ". Click a row to open the finding."
)
picked = tables.selectable(
    [
        {
            **row,
            "severity": labels.severity(row["severity"]),
            "state": labels.state(row["state"], advisory=row["advisory"]),
            "title": text.rule_title(row),
            "resource": text.resource(row),
            "opened_by": text.name_of(row["opened_by"]),
            "days_open": None if row["source"] == "change" else row["days_open"],
        }
        for row in rows
    ],
    {
        "severity": st.column_config.TextColumn("Severity", width=90),
        "title": st.column_config.TextColumn("Rule", width=270),
        "name": st.column_config.TextColumn("Commit", width=115),
        "opened_subject": st.column_config.TextColumn("Commit message", width=330),
        "opened_at": tables.time_column("Landed"),
        "opened_by": st.column_config.TextColumn("Author", width=130),
        "message": st.column_config.TextColumn("Objection", width="large"),
        "id": st.column_config.TextColumn("Id", width=130),
    }
    if wanted.source == findings.Source.CHANGES
    else {
        "severity": st.column_config.TextColumn("Severity", width=90),
        "state": st.column_config.TextColumn("State", width=80),
        "title": st.column_config.TextColumn("Rule", width=195),
        "resource": st.column_config.TextColumn("Resource", width=190),
        "environment": st.column_config.TextColumn("Environment", width=100),
        "opened_at": tables.time_column("Opened"),
        "opened_by": st.column_config.TextColumn("Opened by", width=115),
        "days_open": st.column_config.NumberColumn("Days open", width=85, format="localized"),
        "message": st.column_config.TextColumn("Message", width="large"),
        "id": st.column_config.TextColumn("Id", width=130),
    },
    key="findings_table",
    name="Findings",
)
if picked is not None:
    st.switch_page(frame.FINDING, query_params={"id": rows[picked]["id"], "repository": rows[picked]["repo"]})


def everything() -> list[dict[str, object]]:
    with context.current().cursor() as reader:
        return findings.list_findings(reader, wanted, limit=download.MAX_ROWS).to_pylist()


download.csv_button("findings", total, everything)
