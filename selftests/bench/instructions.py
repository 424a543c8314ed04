#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""instructions.py DIR KERNEL: the report of what instructions left in DIR.

5,120 packets cost more than 1,024 by 4,096 packets: what is not theirs (the sleep of half a second, the shell) is in both.
Exit status: 1 if a link failed, or lost packets.
"""

from __future__ import annotations

import json
import statistics
import sys

from figures import spread
from tables import table

FEW, MANY = 1024, 5120		# bursts of 32
TARGET = 0.6


def main(out: str, kernel: str) -> int:
    with open(f"{out}/counts", encoding="ascii") as file:
        marks = [int(line) for line in file]
    found: dict[str, dict[int, list[int]]] = {}
    bad, at = [], 0
    with open(f"{out}/run/stdout", encoding="utf-8") as file:
        lines = [line.split() for line in file if line.strip()]
    for words in lines:
        if words[1] == "failed":
            bad.append(" ".join(words))
            continue
        name, sent, came = words[0], int(words[1]), int(words[2])
        spent, at = marks[at + 1] - marks[at], at + 2
        if sent != came:
            bad.append(f"{name}: {came} of {sent} packets came")
        elif name != "warm":
            found.setdefault(name, {FEW: [], MANY: []})[sent].append(spent)
    if at != len(marks):
        bad.append(f"{len(marks)} marks, and {at} that belong to something")
    each = {name: [(many - few) / (MANY - FEW) for few, many in zip(spent[FEW], spent[MANY])] for name, spent in found.items()}
    middle = {name: statistics.median(values) for name, values in each.items() if values}
    with open(f"{out}/instructions.json", "w", encoding="utf-8") as file:
        json.dump({"kernel": kernel, "links": each, "failed": bad}, file, indent=1)

    rows = []
    for name, value in middle.items():
        own = f"{value - middle['veth']:,.0f}" if "veth" in middle and name != "veth" else "–"
        ratio = f"{value / middle['wireguard']:.2f}" if "wireguard" in middle and name != "wireguard" else "–"
        rows.append([name, spread(list(each[name]), "{:,.0f}"), own, ratio])
    table("Kernel instructions for a packet of 64 bytes over two links and through the node between them",
          ["link", "instructions", "without the sender and plain veth", "to WireGuard, all included"], rows)
    if "wireguard" in middle and "linkwire-vxlan-l3-aes-128-gcm" in middle:
        ratio = middle["linkwire-vxlan-l3-aes-128-gcm"] / middle["wireguard"]
        print(f"linkwire-vxlan-l3-aes-128-gcm / wireguard, at most {TARGET}: {ratio:.2f}, {'met' if ratio <= TARGET else 'missed'}\n")
    for line in bad:
        print(f"failed: {line}\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
