"""What was audited, what is open, how it developed."""

from __future__ import annotations

import streamlit as st

from auditor.service import context
from auditor.service.display import charts, frame, labels, tables, text
from auditor.store.pages import changes, drift, overview, runs
from auditor.store.pages.findings import Source

repo = frame.repository()
theme = frame.theme()
st.title("Overview")

with context.current().cursor() as cursor:
    run = overview.latest_run(cursor, repo)
    if run is None:
        frame.nothing(
            "Nothing has been audited yet.",
            "Run `auditor scan REPOSITORY --db FILE`, or `auditor demo` to see a finished example.",
        )
        st.stop()
    head = overview.headline(cursor, repo)
    severities = overview.open_by_severity(cursor, repo)
    trend = overview.open_trend(cursor, repo)
    step = overview.trend_step(cursor, repo)
    flow = overview.monthly_flow(cursor, repo)
    fix_times = overview.time_to_fix(cursor, repo)
    fix_bands = overview.fix_time_distribution(cursor, repo)
    rules = overview.frequent_rules(cursor, repo)
    people = overview.people(cursor, repo)
    landings = changes.landings_by_month(cursor, repo)
    change_rules = changes.change_rules(cursor, repo)
    actors = overview.commits_by_actor(cursor, repo)
    differences = drift.drift_by_verdict(cursor, repo)
    checks = drift.latest_cross_checks(cursor, repo)
    coverage = overview.rule_coverage(cursor, repo)
    gaps = runs.run_gaps(cursor, run["id"], limit=5)

tables.facts(
    [
        ("Repository", run["repo"]),
        ("Audited tip", text.short(run["tip"])),
        ("Last scanned", text.when(run["finished_at"])),
        ("History", f"{text.day(head['first_at'])} to {text.day(head['last_at'])}"),
        ("Engine", f"{run['engine']} {run['engine_version']}"),
        ("Run", run["status"]),
    ]
)
if run["status"] != "complete":
    with st.container(border=True, key="incomplete"):
        st.error(
            "**This run is incomplete.** What could not be evaluated is not a pass; the figures below do not cover it.",
            icon=":material/error:",
        )
        for gap in gaps:
            st.text(
                text.one_line(
                    f"{gap['outcome'].capitalize()}: {gap['subject']} – {text.summed(gap['reason'])}"
                )
                + f" ({text.count(gap['occurrences'], 'time')})"
            )
        st.page_link(frame.RUNS, label="All gaps of this run", icon=":material/fact_check:")

st.subheader("Open findings")
st.caption('In resources and files. What is said of commits stands under "How changes landed".')
with st.container(horizontal=True):
    for word in labels.SEVERITIES:
        with st.container(border=True, width=176, gap="small"):
            st.metric(labels.severity(word), f"{severities.get(word, 0):,}")
            st.page_link(
                frame.FINDINGS,
                label="Show these findings",
                query_params={"severity": word, "state": "open"},
            )
    with st.container(border=True, width=176, gap="small"):
        st.metric("All open", f"{head['open']:,}")
        st.caption(f"{head['fixed']:,} fixed, {head['waived']:,} waived")

if trend.num_rows:
    st.subheader("Open findings over time")
    st.altair_chart(charts.open_trend(trend, step, theme), alt="Open findings over time by severity")
    undated = (
        f" {text.count(head['undated'], 'finding')} without a known opening commit are left out."
        if head["undated"]
        else ""
    )
    st.caption(
        f"At the end of each {step} (UTC), from the commit that opened a violation to the one that fixed it.{undated}"
    )

    st.subheader("Opened and fixed")
    st.altair_chart(charts.monthly_flow(flow, theme), alt="Findings opened and fixed a month")

    st.subheader("Time to fix")
    if fix_times:
        st.altair_chart(charts.fix_times(fix_bands, theme), alt="Fixed findings by days open and severity")
    else:
        st.caption("No finding has been fixed yet.")
    if fix_times:
        tables.plain(
            [{**row, "severity": labels.severity(row["severity"])} for row in fix_times],
            {
                "severity": "Severity",
                "fixed": st.column_config.NumberColumn("Fixed findings", format="localized"),
                "median_days": st.column_config.NumberColumn("Median days to fix", format="%.1f"),
                "p90_days": st.column_config.NumberColumn("90% fixed within (days)", format="%.1f"),
            },
            name="Days to fix by severity",
        )
else:
    frame.nothing(
        "No findings.", "The rules that were evaluated found nothing; see Runs and coverage for what was."
    )

if rules:
    st.subheader("Most frequent rules")
    picked = tables.selectable(
        [
            {**row, "severity": labels.severity(row["severity"]), "title": text.rule_title(row)}
            for row in rules
        ],
        {
            "title": st.column_config.TextColumn("Rule", width=280),
            "severity": st.column_config.TextColumn("Severity", width=90),
            "open": st.column_config.ProgressColumn(
                "Open findings", format="%d", min_value=0, max_value=max(1, max(row["open"] for row in rules))
            ),
            "ever": st.column_config.NumberColumn("Findings ever", format="localized"),
        },
        key="rules",
        name="Rules with most open findings",
    )
    if picked is not None:
        st.switch_page(frame.FINDINGS, query_params={"rule": rules[picked]["rule_id"]})

if people:
    st.subheader("Who opened and fixed")
    picked = tables.selectable(
        people,
        {
            "person": st.column_config.TextColumn("Author of the commit", width=210),
            "opened": st.column_config.NumberColumn("Findings opened", format="localized"),
            "still_open": st.column_config.NumberColumn("of them still open", format="localized"),
            "fixed": st.column_config.NumberColumn("Findings fixed", format="localized"),
        },
        key="people",
        name="Findings opened and fixed by author",
    )
    st.caption(
        "Findings in resources and files. Names are what the commits claim; a name alone proves nothing."
    )
    if picked is not None:
        st.switch_page(frame.FINDINGS, query_params={"person": people[picked]["person"]})

if landings.num_rows:
    st.subheader("How changes landed")
    st.altair_chart(charts.landings(landings, theme), alt="Landed commits by month and way of landing")
    st.caption(
        "Commits on the audited branch by month (UTC). A pull request is what the message claims, and a rebase"
        " may drop it: either is a reason to ask, and only the forge's records answer."
    )
    judged = [row for row in change_rules if row["judged"]]
    if judged:
        columns: dict[str, object] = {"title": st.column_config.TextColumn("Rule", width=290)}
        for word in labels.SEVERITIES:
            if any(row[word] for row in judged):
                columns[word] = st.column_config.NumberColumn(
                    labels.severity(word), format="localized", width=90
                )
        if len(columns) == 1:
            columns["open"] = st.column_config.NumberColumn("Open findings", width=110)
        picked = tables.selectable(
            [{**row, "title": text.rule_title(row)} for row in judged],
            columns,
            key="change_rules",
            name="Open findings of the rules on how changes land, by severity",
        )
        st.caption(
            "Open findings by severity. Each is an event: it stays open, and the figures above leave it out."
            " Click a rule to see the commits."
        )
        if picked is not None:
            st.switch_page(
                frame.FINDINGS,
                query_params={"rule": judged[picked]["rule_id"], "state": "open", "source": Source.CHANGES},
            )
    else:
        st.caption("No rule has judged how changes landed: scan again with the rules of this version.")

left, right = frame.side_by_side()
with left:
    st.subheader("Drift by verdict")
    totals = {
        verdict: sum(row["n"] for row in differences if row["verdict"] == verdict)
        for verdict in labels.DRIFT_VERDICTS
    }
    if any(totals.values()):
        st.altair_chart(
            charts.bars(
                [{"verdict": verdict, "n": n} for verdict, n in totals.items() if n],
                name="verdict",
                value="n",
                title="Differences",
                theme=theme,
            ),
            alt="Differences between git and the clusters by verdict",
        )
    elif not checks:
        st.caption(
            "No cluster was compared, so nothing is known of drift. `auditor scan --snapshot FILE` does it."
        )
    if checks:
        compared = text.count(sum(check["compared"] for check in checks), "resource")
        unknown = sum(check["unknown"] for check in checks)
        st.caption(
            f"{compared} compared, {unknown:,} unknown. {'' if any(totals.values()) else 'Nothing differs.'}"
        )
        st.page_link(frame.DRIFT, label="Drift by cluster", icon=":material/compare_arrows:")
with right:
    st.subheader("Commits by kind of actor")
    st.altair_chart(
        charts.bars(
            [{"kind": labels.actor_kind(row["actor_kind"]), "commits": row["commits"]} for row in actors],
            name="kind",
            value="commits",
            title="Commits",
            theme=theme,
        ),
        alt="Commits by kind of actor",
    )
    st.caption(
        f"{text.count(head['commits'], 'commit')}, {head['landed']:,} of them landed on the audited branch."
    )

st.subheader("Coverage at the audited tip")
tables.facts(
    [
        ("Rules applied", f"{coverage['applied']:,} of {coverage['rules']:,}"),
        ("Answers", f"{coverage['evaluated']:,}"),
        ("Failed", f"{coverage['failed']:,}"),
        ("Skipped", f"{coverage['skipped']:,}"),
        ("Errors", f"{coverage['errors']:,}"),
    ]
)
st.caption("Answers about resources and files. Skipped and errors are never counted as a pass.")
st.page_link(frame.RUNS, label="Coverage by rule, and gaps", icon=":material/fact_check:")
