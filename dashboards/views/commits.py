"""The audit trail: every commit, newest first."""

from __future__ import annotations

import streamlit as st

from auditor.service import context
from auditor.service.display import download, frame, labels, tables, text
from auditor.store.pages import commits

repo = frame.repository()
st.title("Audit trail")

with context.current().cursor() as cursor:
    names = commits.commit_people(cursor, repo)
if not names:
    frame.nothing(
        "There are no commits yet.", "Run `auditor scan REPOSITORY --db FILE`, which records the history."
    )
    st.stop()

with tables.filters():
    people = tables.choice("Author", names, key="author")
    kinds = tables.choice("Kind of actor", list(labels.ACTOR_KINDS), key="actor")
    since = tables.day("Committed from", key="from")
    until = tables.day("Committed to", key="to")
    wanted_text = tables.words("Text", key="text", placeholder="In message, id or pull request")
    path = tables.words("Path", key="path", placeholder="Part of a changed file's path")
    landed_only = st.toggle(
        "Only what landed on the audited branch",
        key="landed",
        bind="query-params",
        on_change=tables.first_page,
    )

wanted = commits.CommitFilter(
    repo=repo,
    people=people,
    actor_kinds=kinds,
    landed_only=landed_only,
    text=wanted_text,
    path=path,
    committed_from=since,
    committed_to=until,
)
with context.current().cursor() as cursor:
    total = commits.count_commits(cursor, wanted)
    if total == 0:
        frame.nothing("No commit matches these filters.", "Remove a filter, or widen the period.")
        st.stop()
    offset = tables.page_offset(total)
    rows = commits.list_commits(cursor, wanted, limit=tables.PAGE_ROWS, offset=offset).to_pylist()

st.caption(f"Commits {offset + 1:,}–{offset + len(rows):,} of {total:,}. Click a row to open the commit.")
picked = tables.selectable(
    [
        {
            **row,
            "actor_kind": labels.actor_kind(row["actor_kind"]),
            "short": text.short(row["sha"]),
            "landed": "landed" if row["landed"] else "side branch",
        }
        for row in rows
    ],
    {
        "committed_at": tables.time_column("Committed", "The committer's own clock."),
        "subject": st.column_config.TextColumn("Message", width=290),
        "author_name": st.column_config.TextColumn("Author", width=130),
        "actor_kind": st.column_config.TextColumn("Actor", width=100),
        "pull_request": st.column_config.TextColumn("Request", width=75),
        "landed": st.column_config.TextColumn("Place", width=90),
        "opened": st.column_config.NumberColumn(
            "Opened", width=75, help="Findings about resources and files that this commit opened"
        ),
        "fixed": st.column_config.NumberColumn(
            "Fixed", width=65, help="Findings about resources and files that this commit fixed"
        ),
        "signature_status": st.column_config.TextColumn("Signature", width=90),
        "short": st.column_config.TextColumn("Commit", width=105),
    },
    key="commits_table",
    name="Commits",
)
if picked is not None:
    st.switch_page(
        frame.COMMIT, query_params={"sha": rows[picked]["sha"], "repository": rows[picked]["repo"]}
    )


def everything() -> list[dict[str, object]]:
    with context.current().cursor() as reader:
        return commits.list_commits(reader, wanted, limit=download.MAX_ROWS).to_pylist()


download.csv_button("commits", total, everything)
