#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Traffic over a bad underlay: all that arrives is what was sent, and the rest is counted under the right reasons.

    soak.py ENCAP SECONDS A B V4_A V4_B V6_A V6_B      the wire is w, of id 1, at both ends
"""

import sys
import time

import control
import flows
from offloads import checksum_errors, versions

ID = 1
SEGMENT, TRAIN = 1100, 20
# A bit that changes on the way is found by the outer UDP checksum, or else by the ICV, or in the shim before that.
DAMAGED = {"vxlan": set(),
           "ipip": {"rx_auth", "rx_no_sa", "rx_flags", "rx_mode", "rx_lane", "rx_replay", "rx_malformed"}}
NEVER_EMPTY = {"vxlan": {"rx_replay"}, "ipip": {"rx_replay", "rx_auth"}}


def trains(left, right, number):
    """One sendmsg, many datagrams that say which they are: those that come are those that were sent."""
    near, far = flows.udp_pair(left, right, 7020)
    data = [b"%016d" % (number * TRAIN + i) + flows.text(number + i, SEGMENT - 16) for i in range(TRAIN)]
    near.setsockopt(flows.SOL_UDP, flows.UDP_SEGMENT, SEGMENT)
    near.send(b"".join(data))
    far.settimeout(0.05)
    came, wrong = 0, []
    try:
        while True:
            got = far.recv(1 << 16)
            came += 1
            if got not in data:
                wrong.append("a datagram of %d bytes to %s was not one of those that were sent" % (len(got), right[1]))
    except TimeoutError:
        pass
    near.close()
    far.close()
    return came, wrong


def unseen(encap, ends):
    """What such an underlay does sooner or later, and has not been counted yet."""
    for end in ends:
        got = end.stats(ID)
        for name in NEVER_EMPTY[encap]:
            if not got[name]:
                yield "%s: %s is 0" % (end.namespace, name)
        errors = checksum_errors(end.namespace)
        if encap == "vxlan" and not any(value for name, value in errors.items() if name.startswith("Udp")):
            yield "%s: no damaged packet was seen" % end.namespace


def judge(encap, ends):
    """What the counters of both ends say that they must not."""
    sums = [end.stats(ID) for end in ends]
    for here, there, namespace in ((0, 1, ends[0].namespace), (1, 0, ends[1].namespace)):
        got = {name: value for name, value in sums[here].items() if value}
        dropped = {name for name in got if name.startswith(("rx_", "tx_"))} - {
            "rx_packets", "rx_bytes", "tx_packets", "tx_bytes", "rx_keepalives", "tx_keepalives"}
        for name in dropped - DAMAGED[encap] - {"rx_replay"}:
            yield "%s: %s is %d" % (namespace, name, got[name])
        if got["rx_packets"] > sums[there]["tx_packets"]:
            yield "%s: more came out of the wire than went in" % namespace


def soak(encap, seconds, a, b, *addresses):
    ends = [control.Underlay(a), control.Underlay(b)]
    start, number, crossed, came, faults = time.monotonic(), 0, 0, 0, []
    # a slow machine sends few packets, and what is rare takes longer to be seen there
    while not faults and (time.monotonic() < start + float(seconds) or
                          time.monotonic() < start + 10 * float(seconds) and any(unseen(encap, ends))):
        for left, right in versions(a, b, addresses):
            crossed += flows.bulk(left, right, most=1 << 22)
            for one, other in ((left, right), (right, left)):
                got, wrong = trains(one, other, number)
                came, number = came + got, number + 1
                faults += wrong
    print("%d bytes in streams, %d of %d datagrams" % (crossed, came, number * TRAIN))
    if came < number * TRAIN // 2:
        faults.append("less than half of the datagrams came")
    return faults + list(unseen(encap, ends)) + list(judge(encap, ends))


if __name__ == "__main__":
    if len(sys.argv) != 9:
        sys.exit(__doc__.strip())
    sys.exit(flows.main(lambda: soak(*sys.argv[1:])))
