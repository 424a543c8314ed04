#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A peer that shows up elsewhere, and is not followed there, or not every time.

    roaming.py WHAT UNDER PEER TENANT ENCAP MODE FAMILY CIPHER

WHAT is one of the functions of this file that are in CASES.
"""

import sys
import time

import ends
import events
import hostile
import inet
import netlink
import uapi

A_SECOND = 10   # so often a peer is followed
LINK_LOCAL = "fe80::77"


def place(bed, number=hostile.NUMBER):
    return netlink.attrs(bed.under.wire(number)[uapi.LINKWIRE_A_LINK])[uapi.IFLA_LINKWIRE_REMOTE]


def nowhere(bed, encap, mode, cipher):
    """
    A link-local address says nothing without a device: one who is on another link than the peer has the same. Of no address
    at all, no peer is found.
    """
    end = hostile.Victim(bed, encap, mode, cipher, roam=1)
    ledger = ends.Ledger(bed, end)
    home, away = inet.address(ends.FAR[6]), inet.address(hostile.STRANGER[6])
    for words, src, then in (("from a link-local address", inet.address(LINK_LOCAL), home), ("from no address", bytes(16), home),
                             ("from away", away, away), ("from a link-local address again", inet.address(LINK_LOCAL), away)):
        plain, record = end.good(words.encode())
        end.hit(record, src=src)
        ledger.expect(words, [plain])
        if place(bed) != then:
            ledger.fault("%s: the peer is thought to be at %s" % (words, place(bed).hex()))
    return ledger


def two_places(bed, encap, mode, cipher):
    """A peer in two places at once would have each of its packets make routes anew, and events."""
    end = hostile.Victim(bed, encap, mode, cipher, roam=1)
    ledger = ends.Ledger(bed, end)
    listener = events.Listener(bed.under.namespace)
    homes = [inet.address(address[bed.family]) for address in (ends.FAR, hostile.STRANGER)]
    packets = [end.good(b"packet %d" % n) for n in range(100)]
    begin = time.monotonic()
    for n, (_, record) in enumerate(packets):
        end.hit(record, src=homes[(n + 1) % 2])
    ledger.expect("100 packets from two places", [plain for plain, _ in packets])
    seconds = time.monotonic() - begin
    moves = [event for event in listener.heard() if event[0] == "peer-moved"]
    # any of the kernel's seconds that these seconds had a part in
    if not 1 <= len(moves) <= A_SECOND * (int(seconds) + 2):
        ledger.fault("followed %d times in %.1f seconds" % (len(moves), seconds))

    def followed():
        end.hit(end.record(b""), src=homes[1])
        return place(bed) == homes[1]
    if not ends.until(followed):
        ledger.fault("not followed any more")
    ledger.last = ledger.read()
    return ledger


CASES = {case.__name__: case for case in (nowhere, two_places)}


def main(what, under, peer, tenant, encap, mode, family, cipher):
    return CASES[what](ends.Bed(under, peer, tenant, int(family)), encap, mode, cipher).close()


if __name__ == "__main__":
    if len(sys.argv) != 9 or sys.argv[1] not in CASES:
        sys.exit(__doc__.strip())
    sys.exit(main(*sys.argv[1:]))
