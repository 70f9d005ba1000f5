"""The pages' charts, as Altair specifications over what the queries have already aggregated.

`theme` is 'light' or 'dark'. Time axes are in UTC. Legends carry shape and word.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pyarrow as pa

from auditor.service.display import labels
from auditor.store.pages.overview import FIX_TIME_BANDS

_TALL = 300
_LOW = 240

INK = {"light": "#3d4654", "dark": "#c3cad4"}
GRID = {"light": "#e3e7ed", "dark": "#2b3440"}


def _severity_scale(theme: str) -> alt.Scale:
    return alt.Scale(
        domain=[labels.severity(word) for word in labels.SEVERITIES],
        range=[labels.SEVERITY_COLOURS[theme][word] for word in labels.SEVERITIES],
    )


def _severity_legend() -> alt.Legend:
    return alt.Legend(title=None, orient="top", symbolType="square", columns=4, labelLimit=200)


def _labelled(rows: list[dict[str, Any]]) -> alt.InlineData:
    values = [
        {**row, "label": labels.severity(row["severity"]), "order": labels.SEVERITIES.index(row["severity"])}
        for row in rows
        if row["severity"] in labels.SEVERITIES
    ]
    return alt.InlineData(values=_plain(values))


def _plain(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in row.items()}
        for row in values
    ]


def _styled(chart: Any, theme: str) -> Any:
    """Axis and legend text dark enough to read on either background; no empty frame around the plot."""
    ink, line = INK[theme], GRID[theme]
    return (
        chart.properties(padding={"left": 2, "right": 12, "top": 2, "bottom": 2})
        .configure_axis(
            labelColor=ink,
            titleColor=ink,
            gridColor=line,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight=500,
        )
        .configure_legend(labelColor=ink, labelFontSize=12, padding=0, offset=8)
        .configure_view(stroke=None)
    )


def open_trend(trend: pa.Table, step: str, theme: str) -> Any:
    """Open findings over time, stacked by severity, the worst at the bottom."""
    chart = (
        alt.Chart(_labelled(trend.to_pylist()))
        .mark_area(opacity=0.9)
        .encode(
            x=alt.X(
                "bucket:T",
                title=None,
                scale=alt.Scale(type="utc"),
                axis=alt.Axis(format="%b %Y", labelFlush=True, tickCount=8, grid=False),
            ),
            y=alt.Y("open:Q", title="Open findings", stack="zero", axis=alt.Axis(tickMinStep=1)),
            color=alt.Color("label:N", scale=_severity_scale(theme), legend=_severity_legend()),
            order=alt.Order("order:Q"),
            tooltip=[
                alt.Tooltip(
                    "utcyearmonthdate(bucket):T", title=f"End of the {step} of (UTC)", format="%Y-%m-%d"
                ),
                alt.Tooltip("label:N", title="Severity"),
                alt.Tooltip("open:Q", title="Open findings", format=","),
            ],
        )
        .properties(height=_TALL)
    )
    return _styled(chart, theme)


def monthly_flow(flow: pa.Table, theme: str) -> Any:
    """Findings opened and fixed a month, side by side."""
    colours = labels.EVENT_COLOURS[theme]
    chart = (
        alt.Chart(alt.InlineData(values=_plain(flow.to_pylist())))
        .mark_bar()
        .encode(
            x=alt.X(
                "utcyearmonth(month):T",
                title=None,
                scale=alt.Scale(type="utc"),
                axis=alt.Axis(format="%b %Y", labelFlush=True, tickCount=6, grid=False),
            ),
            xOffset=alt.XOffset("event:N", sort=["opened", "fixed"]),
            y=alt.Y("findings:Q", title="Findings a month", axis=alt.Axis(tickMinStep=1)),
            color=alt.Color(
                "event:N",
                scale=alt.Scale(domain=["opened", "fixed"], range=[colours["opened"], colours["fixed"]]),
                legend=alt.Legend(title=None, orient="top"),
            ),
            tooltip=[
                alt.Tooltip("utcyearmonth(month):T", title="Month (UTC)", format="%Y-%m"),
                alt.Tooltip("event:N", title="Event"),
                alt.Tooltip("findings:Q", title="Findings", format=","),
            ],
        )
        .properties(height=_LOW)
    )
    return _styled(chart, theme)


def landings(counted: pa.Table, theme: str) -> Any:
    """Landed commits a month, stacked by the way they landed."""
    order = list(labels.WAYS)
    values = [
        {**row, "label": labels.WAYS[row["way"]], "order": order.index(row["way"])}
        for row in counted.to_pylist()
    ]
    chart = (
        alt.Chart(alt.InlineData(values=_plain(values)))
        .mark_bar()
        .encode(
            x=alt.X(
                "utcyearmonth(month):T",
                title=None,
                scale=alt.Scale(type="utc"),
                axis=alt.Axis(format="%b %Y", labelFlush=True, tickCount=6, grid=False),
            ),
            y=alt.Y("commits:Q", title="Landed commits", stack="zero", axis=alt.Axis(tickMinStep=1)),
            color=alt.Color(
                "label:N",
                scale=alt.Scale(
                    domain=list(labels.WAYS.values()), range=[labels.WAY_COLOURS[theme][way] for way in order]
                ),
                legend=alt.Legend(title=None, orient="top", columns=3, labelLimit=200),
            ),
            order=alt.Order("order:Q"),
            tooltip=[
                alt.Tooltip("utcyearmonth(month):T", title="Month (UTC)", format="%Y-%m"),
                alt.Tooltip("label:N", title="Landed"),
                alt.Tooltip("commits:Q", title="Commits", format=","),
            ],
        )
        .properties(height=_LOW)
    )
    return _styled(chart, theme)


def fix_times(distribution: pa.Table, theme: str) -> Any:
    """Fixed findings by how long they were open, stacked by severity."""
    chart = (
        alt.Chart(_labelled(distribution.to_pylist()))
        .mark_bar()
        .encode(
            x=alt.X(
                "band:N",
                title=None,
                sort=list(FIX_TIME_BANDS),
                scale=alt.Scale(domain=list(FIX_TIME_BANDS)),
                axis=alt.Axis(labelAngle=0, labelLimit=120),
            ),
            y=alt.Y("findings:Q", title="Fixed findings", axis=alt.Axis(tickMinStep=1)),
            color=alt.Color("label:N", scale=_severity_scale(theme), legend=_severity_legend()),
            order=alt.Order("order:Q"),
            tooltip=[
                alt.Tooltip("band:N", title="Open for"),
                alt.Tooltip("label:N", title="Severity"),
                alt.Tooltip("findings:Q", title="Findings", format=","),
            ],
        )
        .properties(height=_LOW)
    )
    return _styled(chart, theme)


def bars(rows: Sequence[dict[str, Any]], *, name: str, value: str, title: str, theme: str) -> Any:
    """Horizontal bars in the given order, each with its number at the end."""
    order = [row[name] for row in rows]
    base = alt.Chart(alt.InlineData(values=_plain(list(rows)))).encode(
        y=alt.Y(
            f"{name}:N", sort=order, title=None, axis=alt.Axis(labelLimit=220, ticks=False, domain=False)
        ),
        x=alt.X(f"{value}:Q", title=title, axis=alt.Axis(tickMinStep=1, tickCount=4)),
        tooltip=[alt.Tooltip(f"{name}:N", title=" "), alt.Tooltip(f"{value}:Q", title=title, format=",")],
    )
    chart = (
        base.mark_bar(color=labels.ACCENT[theme], height={"band": 0.7})
        + base.mark_text(align="left", dx=4, color=INK[theme]).encode(text=alt.Text(f"{value}:Q", format=","))
    ).properties(height=max(90, 34 * len(rows) + 40))
    return _styled(chart, theme)
