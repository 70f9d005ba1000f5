"""Draws where the time goes, from the figures of a benchmark: python tests/bench/picture.py FIGURES.json OUT.svg"""

from __future__ import annotations

import json
import sys
from html import escape
from pathlib import Path
from statistics import median
from typing import Any

WIDTH, LEFT, BAR, GAP, TOP = 900, 250, 24, 12, 50
GREY, BLUE, ORANGE, TEXT = "#8a8f98", "#0072b2", "#d55e00", "#1b1f24"
"""Blue and vermillion of the palette by Okabe and Ito, told apart by whoever is colour-blind."""


def main() -> None:
    """Writes the picture."""
    figures = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    Path(sys.argv[2]).write_text(draw(figures), encoding="utf-8")


def draw(figures: dict[str, Any]) -> str:
    """The picture as SVG: git's own time, the stages of mining, and whole scans, in seconds of one run."""
    rounds = figures["rounds"]
    bars = [("git log -p", median(r["log_p_s"] for r in rounds), GREY)]
    for stage in rounds[0]["mining"]["stages_s"]:
        seconds = median(r["mining"]["stages_s"][stage] for r in rounds)
        bars.append((f"mining: {stage.replace(' and judging', '')}", seconds, BLUE))
    bars += [
        ("mining, whole", median(r["mining_s"] for r in rounds), BLUE),
        ("scan with all rules, whole", median(r["scan_s"] for r in rounds), ORANGE),
        ("scan of 1 new commit", median(r["one_commit_s"] for r in rounds), ORANGE),
        ("scan of nothing new", median(r["no_commit_s"] for r in rounds), ORANGE),
    ]
    longest = max(seconds for _, seconds, _ in bars)
    height = TOP + len(bars) * (BAR + GAP) + 30
    scale = (WIDTH - LEFT - 110) / longest
    title = f"{figures['commits']:,} commits: seconds, and multiples of git log -p, in one run"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        f' aria-label="{escape(title)}" font-family="sans-serif" font-size="14">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="16" y="28" font-size="16" font-weight="bold" fill="{TEXT}">{escape(title)}</text>',
    ]
    base = bars[0][1]
    for number, (label, seconds, colour) in enumerate(bars):
        y = TOP + number * (BAR + GAP)
        width = max(2.0, seconds * scale)
        parts.append(
            f'<text x="{LEFT - 10}" y="{y + 17}" text-anchor="end" fill="{TEXT}">{escape(label)}</text>'
        )
        parts.append(f'<rect x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR}" fill="{colour}"/>')
        told = f"{seconds:.1f} s · {seconds / base:.1f}×"
        parts.append(f'<text x="{LEFT + width + 8:.1f}" y="{y + 17}" fill="{TEXT}">{told}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


if __name__ == "__main__":
    main()
