# SPDX-License-Identifier: GPL-2.0
"""The report's tables, in Markdown."""

from __future__ import annotations

from typing import Any, Callable

from figures import Figures, Link, Series, median, peers, ratios, spread
from targets import targets

Cell = Callable[[Link], str]


def table(title: str, head: list[str], rows: list[list[str]]) -> None:
    if not rows:
        return
    print(f"### {title}\n")
    print("| " + " | ".join(head) + " |")
    print("| --- |" + " ---: |" * (len(head) - 1))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def by_link(f: Figures, title: str, whats: list[str], columns: dict[str, Cell]) -> None:
    """A row for each link of which one of @whats was measured."""
    rows = [[link["name"]] + [cell(link) for cell in columns.values()] for link in f.links
            if any(f.samples(link["name"], what) for what in whats)]
    table(title, ["link", *columns], rows)


def throughput(f: Figures) -> None:
    by_link(f, "TCP, one stream", ["tcp-1"], {
        "MSS": lambda l: str(f.mss(l["name"]) or "–"),
        "Mbit per CPU second": lambda l: spread(f.rates(l["name"], "tcp-1", "rate_cpu")),
        "Mbit/s": lambda l: spread(f.rates(l["name"], "tcp-1", "rate")),
        "CPU share": lambda l: median(f.rates(l["name"], "tcp-1", "cpu_share"), "{:.2f}")})
    by_link(f, f"TCP, Mbit per {f.per}, by streams", ["tcp-4", "tcp-8"], {
        n: lambda l, n=n: spread(f.rates(l["name"], f"tcp-{n}")) for n in ("1", "4", "8")})


def compared(f: Figures) -> None:
    titles = [title for title, _ in peers(f.links[0])]
    rows = []
    for link in f.links:
        own = f.rates(link["name"], "tcp-1")
        if link["cipher"] == "none" or not own:
            continue
        cells = [spread(list(ratios(own, f.rates(name, "tcp-1"))), "{:.2f}") if name != link["name"] else "–"
                 for _, name in peers(link)]
        rows.append([link["name"], *cells])
    table("TCP, one stream, as a ratio to (the same cipher, where it has one; the same underlay)",
          ["link", *titles], rows)


def round_trips(f: Figures) -> None:
    for what, how in ("idle", "idle"), ("loaded", "beside one TCP stream"):
        by_link(f, f"Round trips, {how}, µs", [what], {
            f"{p} %": lambda l, p=p: spread(f.percentiles(l["name"], what, p)) for p in (50, 90, 99)})


def routed(f: Figures, sizes: list[str]) -> None:
    for way, nodes in ("p2v", "one node"), ("v2v", "two nodes"):
        whats = [f"{way}-{size}" for size in sizes]
        by_link(f, f"Routed through {nodes} ({way}), thousands of packets per {f.per}, by bytes", whats, {
            size: lambda l, way=way, size=size: spread(thousands(f.rates(l["name"], f"{way}-{size}"))) for size in sizes})
        lost = [f"{link['name']} {what} {loss:.1%}" for link in f.links for what in whats
                for loss in [worst_loss(f, link["name"], what)] if loss > 0.001]
        if lost:
            print("Lost on the way, at worst: " + ", ".join(lost) + ".\n")


def thousands(series: Series) -> Series:
    return [x / 1000 if x else None for x in series]


def worst_loss(f: Figures, name: str, what: str) -> float:
    return max((1 - s["received"] / s["sent"] for s in f.samples(name, what) if s.get("sent")), default=0)


def wires(f: Figures) -> None:
    rows = [[count] + [cell for kind in f.wires for ns in [f.packet_ns(kind, count)]
                       for cell in (spread(ns), spread(list(ratios(ns, f.packet_ns(kind, "1"))), "{:.2f}"))]
            for count in f.wires["linkwire"]]
    table("Wires active at once (vxlan l3, aes-128-gcm, packets of 64 bytes), beside vxlan's own devices",
          ["at once", "wires: ns a packet", "as a ratio to one", "vxlan: ns a packet", "as a ratio to one"], rows)


def loads(f: Figures) -> None:
    by_link(f, f"Servers, requests per {f.per}", ["web", "get", "set"], {
        "web, 64 KiB": lambda l: spread(f.rates(l["name"], "web")),
        "get, 4 KiB": lambda l: spread(f.rates(l["name"], "get")),
        "set, 4 KiB": lambda l: spread(f.rates(l["name"], "set"))})


def limits(f: Figures) -> None:
    table("The ciphers alone, 1,440 bytes in place", ["cipher", "ns a record"],
          [[how, spread(list(ns))] for how, ns in f.aead.items()])
    rows = []
    for link in f.links:
        limit = f.limit(link) if link["cipher"] != "none" and link["condition"] == "plain" else []
        if limit:
            rows.append([link["name"], spread(limit), spread(list(ratios(f.rates(link["name"], "tcp-1"), limit)), "{:.2f}")])
    table("TCP, one stream, beside the limit (veth's time a segment, and one sealing and one opening)",
          ["link", "limit, Mbit per CPU second", "reached"], rows)


def reached(f: Figures) -> list[dict[str, Any]]:
    rows = targets(f)
    table("Targets", ["what", "at", "is", ""],
          [[r["target"], f"{r['at']} {r['bound']}", r["text"], r["verdict"]] for r in rows])
    return rows
