#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""lanes.py DIR KERNEL: the report of what lanes left in DIR. Exit status: 1 if a packet was lost."""

from __future__ import annotations

import json
import sys

from figures import spread
from tables import table


def main(out: str, kernel: str) -> int:
    rates: dict[tuple[int, int], list[float]] = {}
    bad = []
    with open(f"{out}/run/stdout", encoding="utf-8") as file:
        for line in file:
            try:
                lanes, cpus, sent, came, took, dropped = map(int, line.split())
            except ValueError:
                bad.append(line.strip())
                continue
            rates.setdefault((lanes, cpus), []).append(came / took * 1e9)
            if sent != came or dropped:
                bad.append(f"{lanes} lanes, {cpus} processors: {came} of {sent} packets came, the wire dropped {dropped}")
    scaling = {lanes: [two / one for one, two in zip(rates[lanes, 1], rates[lanes, 2])] for lanes in (1, 2)}
    with open(f"{out}/lanes.json", "w", encoding="utf-8") as file:
        json.dump({"kernel": kernel, "scaling": scaling, "failed": bad,
                   "packets": {f"{lanes} lanes, {cpus} processors": values for (lanes, cpus), values in rates.items()}}, file, indent=1)

    table("Packets of 64 bytes over one SA: two processors to one (emulated; nothing is sealed)",
          ["lanes", "two processors / one"], [[str(lanes), spread(list(values), "{:.2f}")] for lanes, values in scaling.items()])
    for line in bad:
        print(f"failed: {line}\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
