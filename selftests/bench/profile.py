#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""profile.py DIR LINK...: prints where the kernel's time went, by function, links side by side, from what profile left.

DIR/LINK/samples has an address a line; DIR/LINK/symbols is the guest's /proc/kallsyms.
"""

from __future__ import annotations

import bisect
import sys
from collections import Counter

SHOWN = 40
OUTSIDE = 1 << 63       # the machine's own kernel: the bed's system calls


class Symbols:
    def __init__(self, path: str) -> None:
        rows = []
        with open(path, encoding="ascii") as f:
            for row in f:
                address, kind, name, *module = row.split()
                if kind in "tTwW":
                    rows.append((int(address, 16), name + (f" {module[0]}" if module else "")))
        rows.sort()
        self.addresses = [address for address, _ in rows]
        self.names = [name for _, name in rows]

    def at(self, address: int) -> str:
        if address >= OUTSIDE:
            return "(the machine's kernel)"
        i = bisect.bisect(self.addresses, address) - 1
        if i < 0 or address - self.addresses[i] > 1 << 20:
            return "(elsewhere)"
        return self.names[i]


def profile(path: str) -> Counter[str]:
    symbols = Symbols(f"{path}/symbols")
    with open(f"{path}/samples", encoding="ascii") as f:
        return Counter(symbols.at(int(row, 16)) for row in f if row.strip())


def main(out: str, *links: str) -> None:
    profiles = {link: profile(f"{out}/{link}") for link in links}
    totals = {link: sum(p.values()) or 1 for link, p in profiles.items()}
    parts: Counter[str] = Counter()
    for link, p in profiles.items():
        for name, count in p.items():
            parts[name] = max(parts[name], 1000 * count // totals[link])
    print("| function | " + " | ".join(f"{link}, %" for link in links) + " |")
    print("| --- |" + " ---: |" * len(links))
    for name, _ in parts.most_common(SHOWN):
        print(f"| {name} | " + " | ".join(f"{100 * profiles[link][name] / totals[link]:.1f}" for link in links) + " |")
    print("\nSamples: " + ", ".join(f"{link} {totals[link]}" for link in links) + ".")


main(*sys.argv[1:])
