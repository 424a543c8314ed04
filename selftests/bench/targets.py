# SPDX-License-Identifier: GPL-2.0
"""What was to be reached, and what was: ratios of medians' own repetitions, with their spread."""

from __future__ import annotations

import statistics
from typing import Any, Iterator

from figures import Figures, ratios, spread

AES128, AES256, CHACHA = "aes-128-gcm", "aes-256-gcm", "chacha20-poly1305"


def throughput() -> Iterator[tuple[str, str, float]]:
    """(ours, peer, at least)."""
    for mode in "l2", "l3":
        ours = f"linkwire-vxlan-{mode}"
        yield f"{ours}-{CHACHA}", "wireguard", 1.7
        yield f"{ours}-{AES128}", f"macsec-{AES128}", 1.3
        yield f"{ours}-{AES128}", f"esp-{AES128}", 1.7
        yield f"{ours}-{AES128}", "wireguard", 3.1
        yield f"{ours}-{AES256}", "wireguard", 2.9
        yield f"{ours}-null", "vxlan", 0.8
        yield f"{ours}-{AES128}-gso1", f"macsec-{AES128}-gso1", 1.2
    yield f"linkwire-vxlan-l3-{AES128}-single", f"esp-{AES128}", 1.0


def measured(figures: Figures) -> Iterator[tuple[str, list[float], float, bool]]:
    """(what, ratios by repetition, bound, is it a lower one)."""
    for ours, peer, least in throughput():
        yield f"{ours} / {peer}", ratios(figures.rates(ours, "tcp-1"), figures.rates(peer, "tcp-1")), least, True
    for mode in "l2", "l3":
        name = f"linkwire-vxlan-{mode}-{AES128}"
        if name in figures.by_name:
            yield (f"{name} / its limit",
                   ratios(figures.rates(name, "tcp-1"), figures.limit(figures.by_name[name])), 0.85, True)
        yield (f"idle RTT (median): {name} / macsec-{AES128}",
               ratios(figures.percentiles(name, "idle", 50), figures.percentiles(f"macsec-{AES128}", "idle", 50)), 1, False)
    yield ("1,000 wires / one, time a packet",
           ratios(figures.packet_ns("linkwire", "1000"), figures.packet_ns("linkwire", "1")), 1.15, False)


def targets(figures: Figures) -> list[dict[str, Any]]:
    """Those of which something was measured."""
    rows = []
    for what, got, bound, lower in measured(figures):
        if not got:
            continue
        mid = statistics.median(got)
        met = mid >= bound if lower else mid <= bound
        within = max(got) >= bound if lower else min(got) <= bound
        rows.append({"target": what, "bound": bound, "at": "least" if lower else "most", "ratios": got,
                     "verdict": "met" if met else "missed, within the spread" if within else "missed",
                     "text": spread(list(got), "{:.2f}")})
    return rows
