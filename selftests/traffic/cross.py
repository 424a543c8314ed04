#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""All kinds of traffic over one wire, both ways, whole.

    cross.py A B ID V4_A V4_B V6_A V6_B

UDP of sizes around nothing, a cipher's block, the MTU, and far above it; TCP in bulk. At the end each end has received what
the other sent, and has dropped nothing. ID is the wire's in the netns A and B.
"""

import sys

import control
import ends
import flows
import netlink
import uapi

PASSED = ("rx_packets", "rx_bytes", "tx_packets", "tx_bytes", "rx_keepalives", "tx_keepalives")


def sizes(version, mtu_of_wire):
    fits = mtu_of_wire - 8 - (20 if version == 4 else 40)
    return (0, 1, 2, 15, 16, 17, 100, fits - 1, fits, fits + 1, 3000, 20000, 65507 if version == 4 else 65487)


def accounts(a, b, wire):
    """What the counters of the two ends say: what was lost between them, and what was dropped."""
    control_a, control_b = control.Underlay(a), control.Underlay(b)

    def read():
        return control_a.stats(wire), control_b.stats(wire)

    def even():
        left, right = read()
        return left["tx_packets"] == right["rx_packets"] and right["tx_packets"] == left["rx_packets"]
    faults = []
    if not ends.until(even):
        left, right = read()
        for sender, receiver, words in ((left, right, "there"), (right, left, "back")):
            faults.append("%s: %d packets sent, %d received" % (words, sender["tx_packets"], receiver["rx_packets"]))
    for end, counters in zip("ab", read()):
        faults += ["%s: %s is %d" % (end, name, value) for name, value in counters.items() if value and name not in PASSED]
        if counters["tx_packets"] < 200 or counters["rx_bytes"] < flows.BULK_MIN:
            faults.append("%s: hardly anything crossed: %s" % (end, counters))
    return faults


def main(a, b, wire, *addresses):
    mtu = netlink.number(control.Underlay(a).wire(int(wire))[uapi.LINKWIRE_A_MTU])
    for version, left, right in ((4, (a, addresses[0]), (b, addresses[1])), (6, (a, addresses[2]), (b, addresses[3]))):
        flows.datagrams(left, right, sizes(version, mtu))
        flows.bulk(left, right)
    return accounts(a, b, int(wire))


if __name__ == "__main__":
    if len(sys.argv) != 8:
        sys.exit(__doc__.strip())
    sys.exit(flows.main(main, *sys.argv[1:]))
