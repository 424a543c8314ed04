# SPDX-License-Identifier: GPL-2.0
"""The report's plot, as SVG: medians as bars with what lies between least and greatest, linkwire's in a colour of their
own; for TCP a mark where a link's limit is. On the left what one TCP stream does, on the right all else, as far as measured."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from html import escape

from figures import Figures, Link, Series, good

LABELS, BARS, VALUES, GAP, ROW, HEAD = 150, 230, 46, 24, 17, 40
OURS, THEIRS, PLAIN, NULL, LIMIT, INK, FAINT = "#1f6feb", "#8b98a5", "#ccd3da", "#a5c8ff", "#d9480f", "#24292f", "#6a737d"
CIPHERS = {"none": "not encrypted", "aes-128-gcm": "AES-128-GCM", "aes-256-gcm": "AES-256-GCM",
           "chacha20-poly1305": "ChaCha20-Poly1305", "null": "sealing left out"}


@dataclass
class Bar:
    link: Link
    series: Series
    limit: float | None = None


@dataclass
class Panel:
    title: str
    groups: list[tuple[str, list[Bar]]]
    marks: bool = False

    def height(self) -> int:
        return HEAD + sum(ROW * (len(bars) + 1) + 6 for _, bars in self.groups)


def colour(link: Link) -> str:
    if link["kind"].startswith("linkwire"):
        return NULL if link["cipher"] == "null" else OURS
    return PLAIN if link["cipher"] == "none" else THEIRS


def label(link: Link) -> str:
    names = {"wireguard": "WireGuard", "esp": "ESP tunnel", "esp-transport": "ESP transport", "macsec": "MACsec"}
    name = names.get(link["kind"], link["kind"].replace("-", " "))
    return name + {"plain": "", "single": ", singly"}.get(link["condition"], "")


def text(x: float, y: float, what: str, anchor: str = "start", **more: object) -> str:
    style = "".join(f' {k.replace("_", "-")}="{v}"' for k, v in more.items())
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{style}>{escape(what)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, stroke: str, width: float = 1) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}" stroke-width="{width}"/>'


def draw(panel: Panel, x: float, y: float) -> list[str]:
    most = max(max(good(bar.series) + [bar.limit or 0]) for _, bars in panel.groups for bar in bars)
    out = [text(x, y + 14, panel.title, font_weight="bold", font_size=13)]
    start = x + LABELS
    y += HEAD - 12
    for title, bars in panel.groups:
        out.append(text(x, y + ROW - 5, title, fill=FAINT, font_style="italic"))
        y += ROW
        for bar in bars:
            numbers = good(bar.series)
            mid, low, high = (BARS * n / most for n in (statistics.median(numbers), min(numbers), max(numbers)))
            centre = y + ROW / 2
            out += [text(start - 6, centre + 4, label(bar.link), "end"),
                    f'<rect x="{start}" y="{y + 2}" width="{mid:.1f}" height="{ROW - 4}" fill="{colour(bar.link)}"/>',
                    line(start + low, centre, start + high, centre, INK)]
            if bar.limit:
                at = start + BARS * bar.limit / most
                out.append(line(at, y + 1, at, y + ROW - 1, LIMIT, 2))
            out.append(text(start + BARS + VALUES, centre + 4, f"{statistics.median(numbers):,.0f}", "end"))
            y += ROW
        y += 6
    return out


def grouped(bars: list[Bar], least_first: bool = False) -> list[tuple[str, list[Bar]]]:
    """By cipher, the best first."""
    groups = []
    for cipher, title in CIPHERS.items():
        own = [bar for bar in bars if bar.link["cipher"] == cipher and good(bar.series)]
        if own:
            own.sort(key=lambda bar: statistics.median(good(bar.series)), reverse=not least_first)
            groups.append((title, own))
    return groups


def panels(f: Figures) -> tuple[list[Panel], list[Panel]]:
    shown = [link for link in f.links if link["condition"] in ("plain", "single")]

    def limit(link: Link) -> float | None:
        numbers = good(f.limit(link)) if link["cipher"] not in ("none", "null") else []
        return statistics.median(numbers) if numbers else None

    def of(title: str, series: dict[str, Series], least_first: bool = False) -> Panel:
        return Panel(title, grouped([Bar(f.by_name[name], some) for name, some in series.items()], least_first))

    main = [link["name"] for link in shown if "loaded" in link["samples"] or "p2v-64" in link["samples"]]
    streams = grouped([Bar(link, f.rates(link["name"], "tcp-1"), limit(link)) for link in shown])
    left = [Panel(f"TCP, one stream, Mbit per {f.per}", streams, True)]
    right = [of(f"64-byte packets through a node, 1,000 per {f.per}",
                {name: [x and x / 1000 for x in f.rates(name, "p2v-64")] for name in main}),
             of("Round trip, idle, median, µs", {name: f.percentiles(name, "idle", 50) for name in main}, True),
             of(f"Web, 64 KiB, requests per {f.per}", {name: f.rates(name, "web") for name in main})]
    return [p for p in left if p.groups], [p for p in right if p.groups]


def plot(f: Figures) -> str:
    column = LABELS + BARS + VALUES
    body: list[str] = []
    x, bottom = GAP, 0
    for side in panels(f):
        y = GAP
        for panel in side:
            body += draw(panel, x, y)
            y += panel.height()
            if panel.marks and any(bar.limit for _, bars in panel.groups for bar in bars):
                body += [line(x, y - 4, x, y + 10, LIMIT, 2), text(x + 8, y + 7, "the limit", fill=FAINT)]
                y += ROW
        if side:
            x += column + 2 * GAP
        bottom = max(bottom, y)
    width, height = max(x - GAP, column + 2 * GAP), bottom + GAP
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'font-family="DejaVu Sans, Helvetica, Arial, sans-serif" font-size="11" fill="{INK}">\n'
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n' + "\n".join(body) + "\n</svg>\n")
