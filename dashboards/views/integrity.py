"""Whether the record can be relied on: its log, its checkpoints, and what happened to refs."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from auditor.service import context
from auditor.service.display import frame, tables, text
from auditor.store.pages import trail

repo = frame.repository()
st.title("Integrity")
with context.current().cursor() as cursor:
    head = trail.log_head(cursor)
    if head is None:
        frame.nothing("Nothing is recorded in the log yet.", "Run `auditor scan REPOSITORY --db FILE`.")
        st.stop()
    checkpoints = trail.list_checkpoints(cursor)
    refs = trail.list_refs(cursor, repo)
    moves = trail.ref_moves(cursor, repo)
    lost = trail.lost_commits(cursor, repo)
    generations = trail.list_generations(cursor, repo)

tables.facts(
    [
        ("Records in the log", f"{head['size']:,}"),
        ("Last recorded", text.when(head["recorded_at"])),
        ("Checkpoints", f"{len(checkpoints):,}"),
        ("Records since the last one", f"{checkpoints[0]['newer'] if checkpoints else head['size']:,}"),
    ]
)
st.caption("Root of the tree of records (RFC 6962, SHA-256)")
st.code(head["root"], language=None, wrap_lines=True)
st.caption(
    "This page tells what is recorded; it verifies nothing. `auditor trail verify` does: it computes every record's hash"
    " again, and reads git again. Only a checkpoint that is kept elsewhere proves anything against whoever can write"
    " the database."
)

st.subheader("Checkpoints", anchor=False)
if checkpoints:
    now = datetime.now(UTC)
    tables.plain(
        [{**point, "age": (now - point["signed_at"]).total_seconds() / 86400} for point in checkpoints],
        {
            "signed_at": tables.time_column("Signed"),
            "age": st.column_config.NumberColumn("Age (days)", format="%.1f", width=90),
            "size": st.column_config.NumberColumn("Records", format="localized", width=90),
            "newer": st.column_config.NumberColumn("Records since", format="localized", width=110),
            "key_id": st.column_config.TextColumn("Key", width="medium"),
            "root": st.column_config.TextColumn("Root", width="large"),
        },
        name="Signed checkpoints",
    )
else:
    st.warning(
        "**Nothing is signed.** Whoever can write the database could have made all of it anew.",
        icon=":material/warning:",
    )
    st.caption(
        "`auditor trail init` makes a key; every scan then signs the trail. Set `trail.copies` to keep copies elsewhere."
    )

st.subheader("Branches and tags", anchor=False)
irregular = {move: moves.get(move, 0) for move in ("rewritten", "moved", "deleted")}
if any(irregular.values()) or lost:
    st.error(
        "**History was rewritten.** "
        + " · ".join(
            [
                *(f"{text.count(number, 'ref')} {move}" for move, number in irregular.items() if number),
                *([f"{text.count(len(lost), 'commit')} lost"] if lost else []),
            ]
        ),
        icon=":material/history_toggle_off:",
    )
if refs:
    marks = {"rewritten": "! rewritten", "moved": "! moved", "deleted": "! deleted"}
    tables.plain(
        [
            {
                **ref,
                "move": marks.get(ref["move"], ref["move"]),
                "old": text.short(ref["old_sha"]),
                "new": text.short(ref["new_sha"]),
            }
            for ref in refs
        ],
        {
            "seen_at": tables.time_column("Seen"),
            "move": st.column_config.TextColumn("What happened", width=115),
            "ref": st.column_config.TextColumn("Ref", width="medium"),
            "old": st.column_config.TextColumn("From", width=105),
            "new": st.column_config.TextColumn("To", width=105),
            "repo": st.column_config.TextColumn("Repository", width="medium"),
        },
        name="Where branches and tags went",
    )
    st.caption(
        "Seen from one run to the next. What happened before the first run, or between two and back, nobody saw."
    )
else:
    st.caption("No ref was observed yet.")
if lost:
    st.subheader(f"Commits that no ref reaches any more ({len(lost):,})", anchor=False)
    picked = tables.selectable(
        [{**commit, "short": text.short(commit["sha"])} for commit in lost],
        {
            "committed_at": tables.time_column("Committed"),
            "subject": st.column_config.TextColumn("Message", width="large"),
            "author_name": st.column_config.TextColumn("Author", width=130),
            "short": st.column_config.TextColumn("Commit", width=105),
        },
        key="lost",
        name="Lost commits",
    )
    if picked is not None:
        st.switch_page(
            frame.COMMIT, query_params={"sha": lost[picked]["sha"], "repository": lost[picked]["repo"]}
        )

st.subheader("Readings of history", anchor=False)
reasons = {
    "first": "the first",
    "reading-changed": "settings or the parser changed",
    "history-rewritten": "history was rewritten",
    "line-changed": "another line of landings",
}
tables.plain(
    [{**one, "reason": reasons.get(one["reason"], one["reason"])} for one in generations],
    {
        "generation": st.column_config.NumberColumn("Number", width=75),
        "reason": st.column_config.TextColumn("Why it was begun", width="medium"),
        "begun_at": tables.time_column("Begun"),
        "landed": st.column_config.NumberColumn("Landed commits", format="localized", width=120),
        "repo": st.column_config.TextColumn("Repository", width="medium"),
    },
    name="Readings of each repository's history",
)
st.caption("The newest reading is what every page shows; the earlier ones stay in the record.")
