#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A path over a wire, and what is learnt when its middle becomes narrow.

    shrink.py WORDS MTU FAMILY LEFT RIGHT V4_LEFT V4_RIGHT V6_LEFT V6_RIGHT A B R S

Between the netns R (its device rm) and S (sm) is the middle of the underlay. LEFT and RIGHT talk over the wire between A and
B. MTU is what must be known in the end; the middle then has 1400.
"""

import subprocess
import sys

import flows
import netns
import paths
from flows import Lost

WIDE, NARROW = 1500, 1400
LEAST = 400000


def middle(r, s, mtu):
    paths.set_mtu(r, "rm", mtu)
    paths.set_mtu(s, "sm", mtu)


def fragments(namespace):
    """How many fragments were made in a netns, of either family."""
    with netns.inside(namespace):
        with open("/proc/net/snmp", encoding="ascii") as file:
            head, values = [line.split() for line in file][:2]
        with open("/proc/net/snmp6", encoding="ascii") as file:
            six = dict(line.split() for line in file)
    return int(values[head.index("FragCreates")]) + int(six["Ip6FragCreates"])


def forget(*namespaces):
    """Everything that was learnt."""
    for namespace in namespaces:
        with netns.inside(namespace), open("/proc/sys/net/ipv4/route/flush", "w", encoding="ascii") as file:
            file.write("1")
        subprocess.run(("ip", "-n", namespace, "-6", "route", "flush", "cache"), check=True)


def shrinking(left, right, r, s):
    """A TCP stream; when half of it has come the path becomes narrow, and the rest comes, too."""
    middle(r, s, WIDE)
    near, far = flows.tcp_pair(left, right)
    narrow = False

    def more(stream):
        nonlocal narrow
        if stream.got >= LEAST // 2 and not narrow:
            narrow = True
            middle(r, s, NARROW)
        return not narrow or stream.sent < LEAST
    flows.Stream(near, far, "TCP %s - %s" % (left[1], right[1])).run(more)
    if not narrow:
        raise Lost("the stream was over before the path shrank")
    near.close()
    far.close()


def main(words, mtu, family, left, right, *rest):
    addresses, (a, b, r, s) = rest[:4], rest[4:]
    four, six = ((left, addresses[0]), (right, addresses[1])), ((left, addresses[2]), (right, addresses[3]))
    mtu = int(mtu)
    there, back = (four, six) if family == "4" else (six, four)
    shrinking(*there, r, s)
    shrinking(*reversed(back), r, s)
    for pair in (four, six):
        paths.settle(*pair, mtu, words)
        paths.settle(*reversed(pair), mtu, words)
        paths.undivided(*pair, mtu, words)
        paths.undivided(*reversed(pair), mtu, words)
    forget(a, b, left, right)
    # and again, with nothing but datagrams to learn from
    for pair in (four, six):
        paths.settle(*pair, mtu, words + ", anew")
        paths.settle(*reversed(pair), mtu, words + ", anew")
    forget(a, b, left, right)
    paths.undivided(*four, mtu, words + ", before anything is learnt", False)
    return ["%s has made %d fragments of outer packets" % (hop, fragments(hop)) for hop in (r, s) if fragments(hop)]


if __name__ == "__main__":
    if len(sys.argv) != 14:
        sys.exit(__doc__.strip())
    sys.exit(flows.main(main, *sys.argv[1:]))
