# SPDX-License-Identifier: GPL-2.0
"""What is made of samples: medians and spreads, ratios within a repetition, percentiles, and the limit.

The limit of a link is what it would carry if an encrypted segment cost what a plain one costs over veth, and one sealing
and one opening by the fastest way that the kernel has, and nothing else.
"""

from __future__ import annotations

import statistics
from typing import Any, Iterable

from samples import Sample

Link = dict[str, Any]
Series = list["float | None"]     # by repetition; None where it failed

class Figures:
    def __init__(self, result: dict[str, Any]) -> None:
        self.links: list[Link] = result["links"]
        self.wires: dict[str, dict[str, list[Sample]]] = result["wires"]     # by kind, by how many
        self.aead: dict[str, list[int]] = result["aead"]
        self.by_name = {link["name"]: link for link in self.links}
        rated = [s for samples in self._all() for s in samples if "rate" in s]
        # by the processor's time if all have that, else by the clock
        self.key = "rate_cpu" if rated and all("rate_cpu" in s for s in rated) else "rate"
        self.per = "CPU second" if self.key == "rate_cpu" else "second"

    def _all(self) -> Iterable[list[Sample]]:
        for link in self.links:
            yield from link.get("samples", {}).values()
        for found in self.wires.values():
            yield from found.values()

    def samples(self, name: str, what: str) -> list[Sample]:
        return self.by_name.get(name, {}).get("samples", {}).get(what, [])

    def rates(self, name: str, what: str, key: str = "") -> Series:
        return [s.get(key or self.key) for s in self.samples(name, what)]

    def percentiles(self, name: str, what: str, p: float) -> Series:
        return [percentile(s["us"], p) if "us" in s else None for s in self.samples(name, what)]

    def mss(self, name: str) -> int:
        return next((s["mss"] for s in self.samples(name, "tcp-1") if s.get("mss")), 0)

    def packet_ns(self, kind: str, count: str) -> Series:
        return [1e9 / s[self.key] if self.key in s else None for s in self.wires.get(kind, {}).get(count, [])]

    def raw_ns(self, cipher: str) -> list[int]:
        """By the kernel's fastest way."""
        ways = [ns for how, ns in self.aead.items() if how.split()[0] == cipher and ns]
        return min(ways, key=statistics.median, default=[])

    def limit(self, link: Link) -> Series:
        """Mbit/s, by repetition."""
        mss, plain_mss = self.mss(link["name"]), self.mss("veth")
        raw = [0] * len(self.rates("veth", "tcp-1")) if link["cipher"] == "null" else self.raw_ns(link["cipher"])
        if not mss or not plain_mss or self.key != "rate_cpu":
            return []
        return [mss * 8e3 / (plain_mss * 8e3 / veth + 2 * ns) if veth else None
                for veth, ns in zip(self.rates("veth", "tcp-1"), raw)]

def ratios(a: Series, b: Series) -> list[float]:
    """Of the same repetition to each other: what strikes both alike falls out."""
    return [x / y for x, y in zip(a, b) if x and y]

def percentile(numbers: list[float], p: float) -> float:
    numbers = sorted(numbers)
    return numbers[min(len(numbers) - 1, int(len(numbers) * p / 100))]

def good(series: Series) -> list[float]:
    return [x for x in series if x is not None]

def spread(series: Series, form: str = "{:.0f}", absent: str = "–") -> str:
    """Median (least–greatest)."""
    numbers = good(series)
    if not numbers:
        return "failed" if series else absent
    text = form.format(statistics.median(numbers))
    if len(series) > 1:
        text += f" ({form.format(min(numbers))}–{form.format(max(numbers))})"
    if len(numbers) < len(series):
        text += f", {len(series) - len(numbers)} failed"
    return text

def median(series: Series, form: str = "{:.0f}", scale: float = 1) -> str:
    numbers = good(series)
    if not numbers:
        return "failed" if series else "–"
    return form.format(statistics.median(numbers) * scale)

def peers(link: Link) -> list[tuple[str, str]]:
    """(title, name) of what a link is compared with: under the same condition of the underlay, with the same cipher."""
    end = "-gso1" if link["condition"] == "gso1" else ""
    cipher = link["cipher"]
    return [("veth", "veth" + end), ("vxlan", "vxlan" + end), ("WireGuard", "wireguard" + end),
            ("ESP", f"esp-{cipher}{end}"), ("MACsec", f"macsec-{cipher}{end}"), ("ovpn", f"ovpn-{cipher}{end}")]
